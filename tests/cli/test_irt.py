"""`equipoise irt`: from files of ratings to tables, reports, new scores, links and drift; bad input in one line."""

import io
import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from equipoise.cli.irt_input import Watch
from equipoise.judges.irt import simulate
from equipoise.judges.irt.report import page

FORBIDDEN_AT_HELP = ("scipy", "matplotlib", "pandas", "numpy", "pyarrow", "inspect_ai", "numba")
SIMULATE = ["irt", "simulate", "--models", "6", "--items", "12", "--judges", "3", "--seed", "3"]
DATA = Path(__file__).parents[2].parent / "shared" / "data" / "irt"


@pytest.fixture
def undrawn(monkeypatch):
    """Fits write no pictures, which take seconds."""
    monkeypatch.setattr(page, "write_page", lambda found, target: target.write_text(""))


@pytest.fixture
def october(inside, undrawn):
    """A folder with ratings and their fit."""
    code, _, said = inside(*SIMULATE, "-o", "october.csv")
    assert code == 0, said
    code, _, said = inside("irt", "fit", "october.csv", "-o", "october")
    assert code == 0, said
    return inside


def fitted(inside, *arguments) -> dict:
    code, output, said = inside("irt", "fit", *arguments, "--json")
    assert code == 0, said
    return json.loads(output, parse_constant=lambda name: pytest.fail(name))


def of(told: dict, facet: str) -> dict[str, float]:
    return {row["label"]: row["measure"] for row in told["measures"] if row["facet"] == facet}


def test_help_loads_nothing_heavy():
    code = (
        "import sys, equipoise.cli\n"
        "from click.testing import CliRunner\n"
        "run = CliRunner().invoke\n"
        "for words in ([], ['fit'], ['score'], ['link'], ['drift'], ['simulate'], ['capability']):\n"
        "    done = run(equipoise.cli.cli, ['irt', *words, '--help'])\n"
        "    assert done.exit_code == 0 and 'equipoise irt' in done.output, done.output\n"
        f"print([name for name in {FORBIDDEN_AT_HELP!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_fit_prints_tables_and_writes_files(inside, tmp_path):
    inside(*SIMULATE, "-o", "r.csv")
    code, output, said = inside("irt", "fit", "r.csv", "-o", "out")
    assert code == 0 and said == ""
    for words in ("216 ratings", "converged after", "adjusted", "threshold", "separation", "out/report.html"):
        assert words in output
    assert all(len(line) <= 105 for line in output.splitlines())
    measures = pd.read_csv(tmp_path / "out/measures.csv")
    first = measures[measures["facet"] == "model"].sort_values("measure").iloc[-1]
    line = next(line for line in output.splitlines() if line.split()[:1] == [first["label"]])
    assert f"{first['measure']:.2f}" in line and f"{first['low']:.2f}…{first['high']:.2f}".replace("-", "−") in line
    told = json.loads((tmp_path / "out/fit.json").read_text())
    assert told["settings"]["file"] == "r.csv" and told["settings"]["anchors"] is None


def test_json_is_one_object_and_nothing_else(inside, undrawn):
    inside(*SIMULATE, "-o", "r.csv")
    told = fitted(inside, "r.csv", "-o", "out")
    assert set(told) == {"summary", "measures", "thresholds", "facets", "warnings"}
    assert told["summary"][0]["ratings"] == 216 and told["summary"][0]["object_sd"] is None
    assert {row["facet"] for row in told["measures"]} == {"model", "item", "judge"}


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_every_format_gives_the_same_measures(inside, tmp_path, suffix):
    inside(*SIMULATE, "-o", f"r.{suffix}")
    found = of(fitted(inside, f"r.{suffix}"), "model")
    made = simulate(6, 12, 3, seed=3)
    from equipoise.judges.irt import fit

    expected = fit(made.ratings).measures.set_index(["facet", "label"])["measure"]["model"]
    assert found == pytest.approx(expected.to_dict(), abs=1e-12)


def test_options_reach_the_fit(inside, tmp_path):
    ratings = simulate(6, 12, 3, seed=3).ratings.astype({"score": float})
    ratings["weight"], ratings["half"] = 2.0, ["a", "b"] * 108
    ratings.to_csv(tmp_path / "r.csv", index=False)
    plain = fitted(inside, "r.csv")
    assert fitted(inside, "r.csv", "--weights", "weight")["measures"][0]["count"] == 2 * plain["measures"][0]["count"]
    assert fitted(inside, "r.csv", "--where", "half=a")["summary"][0]["ratings"] == 108
    assert len({row["scale"] for row in fitted(inside, "r.csv", "--scale", "judge")["thresholds"]}) == 3
    assert fitted(inside, "r.csv", "--estimator", "mml")["summary"][0]["object_sd"] > 0
    assert fitted(inside, "r.csv", "--no-correction")["summary"][0]["factor"] == 1 > plain["summary"][0]["factor"]
    floating = fitted(inside, "r.csv", "--floating", "judge")
    assert sum(of(floating, "model").values()) == pytest.approx(0, abs=1e-9)
    assert sum(of(floating, "judge").values()) != pytest.approx(0, abs=1e-3)
    assert [row["half"] for row in fitted(inside, "r.csv", "--by", "half")["summary"]] == ["a", "b"]
    assert fitted(inside, "r.csv", "--response", "model,item")["measures"] == plain["measures"]
    coarse = fitted(inside, "r.csv", "--response", "model")["measures"][0]
    assert coarse["responses"] == 1 and coarse["measure"] == plain["measures"][0]["measure"]
    only = fitted(inside, "r.csv", "--object", "judge", "--facets", "model")
    assert {row["facet"] for row in only["measures"]} == {"judge", "model"}
    assert fitted(inside, "r.csv", "--engine", "numpy", "--slopes", "judge")["summary"][0]["parameters"] > 0


def test_dimensions_are_fitted_apart_unless_asked_not_to(inside, tmp_path):
    parts = [simulate(4, 8, 2, seed=seed).ratings.assign(dimension=name) for seed, name in enumerate("ab")]
    pd.concat(parts).to_csv(tmp_path / "r.csv", index=False)
    assert [row["dimension"] for row in fitted(inside, "r.csv")["summary"]] == ["a", "b"]
    assert "dimension" not in fitted(inside, "r.csv", "--by", "")["summary"][0]
    code, output, _ = inside("irt", "fit", "r.csv")
    assert code == 0 and "\ndimension a\n" in output and "\ndimension b\n" in output


def test_our_long_table_is_read_after_a_hint(inside, tmp_path):
    parts = [simulate(4, 8, 2, seed=seed).ratings.assign(measure=name) for seed, name in enumerate(("tone", "tact"))]
    table = pd.concat(parts).rename(columns={"score": "value"})
    table.to_csv(tmp_path / "votes.csv", index=False)
    code, _, said = inside("irt", "fit", "votes.csv")
    assert code == 2 and "--score value --by measure" in said and len(said.splitlines()) == 1
    told = fitted(inside, "votes.csv", "--score", "value", "--by", "measure")
    assert [row["dimension"] for row in told["summary"]] == ["tact", "tone"]
    table["judge"] = table["judge"].astype(object).where(table["item"] != "i1", "")
    table.to_csv(tmp_path / "table.csv", index=False)
    code, _, said = inside("irt", "fit", "table.csv", "--score", "value", "--by", "measure")
    assert code == 2 and "equipoise votes RUN" in said


def test_long_facets_are_cut_to_both_ends(inside):
    inside("irt", "simulate", "-o", "r.csv", "--models", "45", "--items", "4", "--judges", "2")
    code, output, _ = inside("irt", "fit", "r.csv")
    shown = [
        line.split()[0] for line in output.splitlines() if line.strip().startswith("m") and line.split()[0] != "model"
    ]
    assert code == 0 and "… 25 more …" in output and len(shown) == 20


def test_labels_do_not_steer_the_terminal(inside, undrawn, tmp_path):
    ratings = simulate(4, 8, 2, seed=1).ratings.astype({"model": str, "judge": str})
    ratings["model"] = ratings["model"].replace({"m1": "[red]x[/red]", "m2": "\x1b[31mred"})
    ratings["judge"] = ratings["judge"].replace({"j1": "[link=file:///x]y"})
    ratings.assign(dimension="\x1b]0;title").to_csv(tmp_path / "r.csv", index=False)
    code, output, _ = inside("irt", "fit", "r.csv", "-o", "out")
    assert code == 0
    for words in ("[red]x[/red]", "[link=file", "�[31mred"):
        assert words in output
    assert "\x1b" not in output


def test_scoring_holds_everything_but_the_models(october, tmp_path):
    ratings = pd.read_csv(tmp_path / "october.csv")
    ratings[ratings["model"] == "m2"].replace({"m2": "new"}).to_csv(tmp_path / "new.csv", index=False)
    code, output, said = october("irt", "score", "new.csv", "--anchors", "october/anchors.csv", "--json")
    assert code == 0, said
    told = json.loads(output)
    assert set(told) == {"summary", "measures", "warnings"} and [row["label"] for row in told["measures"]] == ["new"]
    measures = pd.read_csv(tmp_path / "october/measures.csv")
    old = measures.loc[measures["label"] == "m2", ["measure", "se"]].iloc[0]
    assert told["measures"][0]["measure"] == pytest.approx(old["measure"], abs=2 * old["se"])
    code, output, _ = october("irt", "score", "new.csv", "--anchors", "october/anchors.csv", "-o", "scored")
    assert code == 0 and " j1 " not in output and " new " in output
    scored = pd.read_csv(tmp_path / "scored/measures.csv").set_index(["facet", "label"])
    assert scored.loc[("judge", "j1"), "status"] == "anchored"
    assert (
        scored.loc[("judge", "j1"), "measure"] == measures.set_index(["facet", "label"]).loc[("judge", "j1"), "measure"]
    )


def test_an_old_model_is_scored_anew_even_with_all_anchors(october):
    """anchors_all.csv holds the models, too; scoring lets them go."""
    code, output, _ = october("irt", "score", "october.csv", "--anchors", "october/anchors_all.csv", "--json")
    assert code == 0 and all(row["status"] == "" for row in json.loads(output)["measures"])


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ({"judge": {"j1": "stranger"}}, "'stranger' is not anchored"),
        ({"item": {"i01": "i99"}}, "'i99' is not anchored"),
    ],
)
def test_scoring_refuses_what_is_not_anchored_unless_free(october, tmp_path, rows, named):
    ratings = pd.read_csv(tmp_path / "october.csv").replace(rows)
    ratings.to_csv(tmp_path / "new.csv", index=False)
    code, _, said = october("irt", "score", "new.csv", "--anchors", "october/anchors.csv")
    assert code == 2 and named in said and "new.csv" in said and len(said.splitlines()) == 1
    code, output, _ = october("irt", "score", "new.csv", "--anchors", "october/anchors.csv", "--free", "--json")
    assert code == 0 and len(json.loads(output)["measures"]) == 6


def test_scoring_needs_anchored_thresholds(october, tmp_path):
    anchors = pd.read_csv(tmp_path / "october/anchors.csv")
    anchors[anchors["facet"] != "threshold"].to_csv(tmp_path / "some.csv", index=False)
    code, _, said = october("irt", "score", "october.csv", "--anchors", "some.csv")
    assert code == 2 and "threshold" in said
    assert october("irt", "score", "october.csv", "--anchors", "some.csv", "--free")[0] == 0


def test_anchors_of_dimensions_are_for_ratings_of_dimensions(october, tmp_path):
    ratings = pd.read_csv(tmp_path / "october.csv")
    ratings.assign(dimension="a").to_csv(tmp_path / "dims.csv", index=False)
    assert october("irt", "fit", "dims.csv", "-o", "dims")[0] == 0
    code, _, said = october("irt", "fit", "october.csv", "--anchors", "dims/anchors.csv")
    assert code == 2 and "for each dimension" in said
    told = fitted(october, "dims.csv", "--anchors", "dims/anchors.csv")
    assert all(row["status"] == "anchored" for row in told["measures"] if row["facet"] == "judge")


def test_boards_are_linked_through_common_items_and_judges(october, tmp_path):
    ratings = pd.read_csv(tmp_path / "october.csv")
    other = simulate(9, 12, 3, seed=3, thresholds=1.5).ratings.astype({"model": str})
    other["model"] = "n" + other["model"]
    other.to_csv(tmp_path / "b.csv", index=False)
    assert october("irt", "fit", "b.csv", "-o", "b")[0] == 0
    code, output, said = october("irt", "link", "october/measures.csv", "b/measures.csv", "-o", "both.csv")
    assert code == 0, said
    assert "item: shift" in output and "judge: shift" in output and "Warning" in output
    code, output, _ = october("irt", "link", "october/measures.csv", "b/measures.csv", "--facet", "item", "--json")
    told = json.loads(output)
    assert [row["facet"] for row in told["links"]] == ["item"] and set(told) == {"links", "measures", "warnings"}
    assert any("judge is not linked" in text for text in told["warnings"])
    assert len(told["measures"]) == 15 == len(pd.read_csv(tmp_path / "both.csv"))
    assert len(ratings) == 216
    code, output, _ = october("irt", "link", "october/measures.csv", "b/measures.csv", "--facet", "item", "--linear")
    assert code == 0 and ", slope " in output


def test_drift_is_found_and_only_fails_when_asked(october, tmp_path):
    strict = {(f"m{k}", "j2"): -2.0 for k in range(1, 7)}
    simulate(6, 12, 3, seed=3, bias=strict).ratings.to_csv(tmp_path / "november.csv", index=False)
    hold = ["--anchors", "october/anchors_all.csv", "--release", "judge"]
    code, _, said = october("irt", "fit", "november.csv", *hold, "-o", "november")
    assert code == 0, said
    now = pd.read_csv(tmp_path / "november/measures.csv")
    assert set(now.loc[now["facet"] != "judge", "status"]) == {"anchored"} and (now["facet"] == "judge").sum() == 3
    compare = ["irt", "drift", "october/measures.csv", "november/measures.csv"]
    code, output, said = october(*compare)
    assert code == 0 and "1 of 3 moved" in output and "Warning" not in output
    code, output, _ = october(*compare, "--fail-on-drift", "--json")
    told = json.loads(output)
    assert code == 1 and told["moved"] is True and told["warnings"] == []
    assert {row["label"]: row["moved"] for row in told["drift"]} == {"j1": False, "j2": True, "j3": False}
    same = ["irt", "drift", "october/measures.csv", "october/measures.csv"]
    code, output, _ = october(*same, "--fail-on-drift")
    assert code == 0 and "none of 3 moved" in output and "relative to the mean" in output
    code, output, _ = october(*same, "--facet", "item", "--json")
    assert code == 0 and len(json.loads(output)["drift"]) == 12


def test_simulated_truth_is_an_anchor_file(inside, tmp_path):
    code, output, _ = inside(*SIMULATE, "-o", "r.parquet", "--truth", "truth.csv", "--adversary", "random")
    assert code == 0 and "216 ratings of 6 models, 12 items, 3 judges" in output
    made = simulate(6, 12, 3, seed=3, adversary="random")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "r.parquet").astype(str), made.ratings.astype(str))
    truth = pd.read_csv(tmp_path / "truth.csv").set_index(["facet", "label"])["measure"]
    assert truth["model"].to_dict() == pytest.approx(made.abilities.to_dict())
    assert list(truth["judge"].index) == ["j1", "j2"], "an adversary has no severity"
    code, _, said = inside("irt", "score", "r.parquet", "--anchors", "truth.csv", "--free")
    assert code == 0, said


def test_capability_of_a_run_s_votes(inside, tmp_path):
    ratings = simulate(5, 20, 3, seed=4).ratings
    votes = ratings.rename(columns={"score": "value"}).assign(task="t", arm="a", measure="tone.warm", family="f")
    votes["family"] = votes["item"]
    votes.to_csv(tmp_path / "votes.csv", index=False)
    code, output, said = inside("irt", "capability", "votes.csv")
    assert code == 0 and "t, tone" in output and "severity" in output and " m5 " in output, said
    code, output, _ = inside("irt", "capability", "votes.csv", "--json")
    (told,) = json.loads(output)
    assert told["dimension"] == "tone" and len(told["models"]) == 5 and len(told["judges"]) == 3
    votes[votes["judge"] == "j1"].to_csv(tmp_path / "one.csv", index=False)
    code, output, _ = inside("irt", "capability", "one.csv")
    assert code == 0 and "not measured, one judge" in output
    votes[votes["judge"] == "j1"].assign(judge="").to_csv(tmp_path / "none.csv", index=False)
    code, _, said = inside("irt", "capability", "none.csv")
    assert code == 2 and "no judge's vote" in said


HEAD = "model,item,judge,score\n"
BAD = {
    "no file": (None, ["fit", "gone.csv"], "gone.csv"),
    "no rows": (HEAD, ["fit", "r.csv"], "has no rows"),
    "one rating": (HEAD + "a,b,c,1\n", ["fit", "r.csv"], "r.csv: field 'score': every score is 1"),
    "half a point": (HEAD + "a,b,c,1\na,b,d,1.5\n", ["fit", "r.csv"], "r.csv:3: field 'score'"),
    "negative": (HEAD + "a,b,c,1\n\na,b,d,-1\n", ["fit", "r.csv"], "r.csv:4: field 'score'"),
    "text": (HEAD + "a,b,c,good\n", ["fit", "r.csv"], "r.csv:2: field 'score'"),
    "no label": (HEAD + "a,b,c,1\n,b,c,2\n", ["fit", "r.csv"], "r.csv:3: field 'model'"),
    "no column": (HEAD + "a,b,c,1\n", ["fit", "r.csv", "--facets", "item,rater"], "rater"),
    "column twice": (HEAD + "a,b,c,1\na,b,d,2\n", ["fit", "r.csv", "--facets", "item,item"], "item"),
    "no such scale": (HEAD + "a,b,c,1\na,b,d,2\n", ["fit", "r.csv", "--scale", "colour"], "colour"),
    "where": (HEAD + "a,b,c,1\n", ["fit", "r.csv", "--where", "judge"], "COL=TEXT"),
    "where twice": (HEAD + "a,b,c,1\n", ["fit", "r.csv", "--where", "judge=c", "--where", "judge=d"], "twice"),
    "where nothing": (HEAD + "a,b,c,1\n", ["fit", "r.csv", "--where", "judge=zz"], "'zz'"),
    "anchors that are none": (HEAD + "a,b,c,1\n", ["fit", "r.csv", "--anchors", "r.csv"], "facet"),
    "released": (
        "facet,label,measure\njudge,c,1\n", ["fit", "r.csv", "--anchors", "r.csv", "--object", "facet", "--facets",
        "label", "--score", "measure", "--release", "colour"], "colour",
    ),
    "not measures": (HEAD + "a,b,c,1\n", ["drift", "r.csv", "r.csv"], "measures.csv"),
    "measures that are no numbers": ("facet,label,measure,se\nj,a,x,1\n", ["drift", "r.csv", "r.csv"], "'measure'"),
    "label twice": ("facet,label,measure,se\nj,a,1,1\nj,a,2,1\n", ["drift", "r.csv", "r.csv"], "r.csv:3"),
    "nothing in common": (
        "facet,label,measure,se\nm,a,1,1\nj,b,2,1\n", ["link", "r.csv", "r.csv"], "share too little",
    ),
    "no such format": (None, ["simulate", "-o", "x.xls", "--models", "2", "--items", "2", "--judges", "2"], "x.xls"),
    "too many ratings": (
        None, ["simulate", "-o", "x.csv", "--models", "2", "--items", "2", "--judges", "2", "--ratings", "99"],
        "ratings",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(BAD))
def test_bad_input_is_one_line_exit_2_and_leaves_nothing(case, inside, tmp_path):
    text, arguments, named = BAD[case]
    if text is not None:
        (tmp_path / "r.csv").write_text(text)
    code, output, said = inside("irt", *arguments)
    assert code == 2 and output == "", said
    assert len(said.strip().splitlines()) == 1 and named in said, said
    assert [path.name for path in tmp_path.iterdir()] == ([] if text is None else ["r.csv"])


def test_a_folder_that_cannot_be_written_is_one_line(october, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, said = october("irt", "fit", "october.csv", "-o", "file/inside")
    assert code == 2 and "cannot be written" in said and len(said.strip().splitlines()) == 1


def watched(delay: float, terminal: bool = True) -> str:
    """What a watch says in 0.3 seconds of work."""
    stream = io.StringIO()
    with Watch(Console(file=stream, force_terminal=terminal, width=120), delay) as watch:
        watch.say("reading [red]r.csv")
        until = time.monotonic() + 5
        while delay == 0 and "reading" not in stream.getvalue() and terminal and time.monotonic() < until:
            pass
        watch.iteration("tone", 3, -1234.5, 1e-3)
        while delay == 0 and "iteration" not in stream.getvalue() and terminal and time.monotonic() < until:
            pass
    return stream.getvalue()


def test_a_long_fit_shows_a_sign_of_life_on_a_terminal_only():
    said = watched(0)
    assert "reading [red]r.csv" in said
    assert "tone: iteration 3, log-likelihood -1,234.50, largest step 1.0e-03 logits" in said
    assert watched(0, terminal=False) == ""
    assert watched(60) == "", "nothing is said of what is quick"


@pytest.mark.reference
def test_guilford_as_a_file(inside):
    """The specification's section 10.1, through the command line."""
    if not (DATA / "guilford.csv").is_file():
        pytest.skip("no guilford.csv beside the checkout")
    about = ["--object", "person", "--facets", "trait,judge", "--floating", "judge", "--no-correction"]
    told = fitted(inside, str(DATA / "guilford.csv"), *about)
    assert told["summary"][0]["log_likelihood"] == pytest.approx(-165.684984, abs=1e-4)
    assert of(told, "judge") == pytest.approx({"0": 0.039671, "1": 0.245397, "2": -0.095994}, abs=1e-4)
