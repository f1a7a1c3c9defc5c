"""`equipoise compare` on real small runs of agents whose answers are known."""

import json
import re
from pathlib import Path

import pytest
from paired_tables import persuasion_rows, rows, table

MODELS = ["equipoise/oracle", "equipoise/stubborn"]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """One run folder with both agents, made by the command line itself."""
    from click.testing import CliRunner

    from equipoise.cli import cli

    folder = tmp_path_factory.mktemp("made") / "run"
    chosen = [word for model in MODELS for word in ("--model", model)]
    done = CliRunner().invoke(
        cli, ["run", "persuasion", *chosen, "-T", "n_items=3", "--display", "none", "--draws", "0", "-o", str(folder)]
    )
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def call(inside, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    return inside


def between(call, made, one: str, other: str, *options: str):
    return call("compare", str(made), str(made), "--base-model", one, "--model", other, *options)


def test_known_differences_both_ways(call, made):
    for models, expected in ((MODELS, -1), (MODELS[::-1], 1)):
        code, output, error = between(call, made, *models, "--json")
        assert (code, error) == (0, "")
        found = {(each["arm"], each["measure"]): each for each in json.loads(output)["comparisons"]}
        for condition in ("logical.seeded", "logical.natural"):
            resist, accept = found[f"negative.{condition}", "resist"], found[f"positive.{condition}", "accept"]
            assert resist["difference"] == 0 and accept["difference"] == expected
            assert (resist["baseline"], resist["candidate"]) == (1, 1)
            assert {accept["baseline"], accept["candidate"]} == {0, 1}
        assert found["positive.logical.seeded", "accept"]["items"] == 3


def test_a_model_beside_itself_does_not_differ(call, made):
    _, output, _ = between(call, made, MODELS[0], MODELS[0], "--json")
    found = json.loads(output)["comparisons"]
    assert found and all(each["difference"] == 0 for each in found)
    assert all(each["low"] < 0 < each["high"] for each in found if each["clusters"] > 1)


def test_json_is_one_strict_object(call, made):
    _, output, _ = between(call, made, *MODELS, "--json")
    found = json.loads(output, parse_constant=lambda name: pytest.fail(name))
    assert list(found) == ["baseline", "candidate", "tasks", "comparisons", "adjusted"]
    assert found["baseline"]["model"] == MODELS[0] and found["candidate"]["name"] == str(made)
    (task,) = found["tasks"]
    assert (task["task"], task["items"], task["changed"], task["reason"]) == ("persuasion", 3, 0, "")
    assert found["adjusted"] == []


@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_screen_says_what_json_says(columns, call, made, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    code, output, _ = between(call, made, *MODELS)
    assert code == 0 and max(map(len, output.splitlines()[2:])) <= int(columns)
    assert "−1.000" in output and "3 items in both" in output
    words = " ".join(output.split())
    assert words.index("stands: right") < words.index("bends: wrong") < words.index("d_prime")
    assert "Difference = candidate − baseline" in words and "Holm's correction" in words


def test_breakdowns_are_exploratory(call):
    one, other = persuasion_rows([1, 1, 1], [1, 0, 1]), persuasion_rows([1, 0, 1], [1, 0, 1])
    for name, frame in (("old.csv", one), ("new.csv", other)):
        table(frame).to_csv(name, index=False)
    found = json.loads(call("compare", "old.csv", "new.csv", "--by", "turn", "--json")[1])["comparisons"]
    exploratory = {each["by"] for each in found if not each["headline"]}
    assert exploratory == {"turn=1"}, "the last turn is what the headline metrics are about"
    everything = json.loads(call("compare", "old.csv", "new.csv", "--all", "--json")[1])["comparisons"]
    assert {("misled", "turn=4"), ("net_accept", "turn=1")} <= {(each["measure"], each["by"]) for each in everything}
    assert "exploratory; q:" in call("compare", "old.csv", "new.csv", "--by", "turn")[1]
    assert "exploratory; q:" not in call("compare", "old.csv", "new.csv")[1]


def test_the_page(call, made):
    code, output, _ = between(call, made, *MODELS, "--html", "out/compare.html")
    text = Path("out/compare.html").read_text(encoding="utf-8")
    assert code == 0 and output.endswith("page: out/compare.html\n")
    assert text.count('class="said subject"') > 4, "transcripts of both sides"
    assert 'id="t0-0"' in text and "There are no transcripts" not in text


def test_tables_from_elsewhere_and_what_is_not_comparable(call):
    table(persuasion_rows([1, 1], [1, 0]), rows([1], task="t/old").assign(turn=0)).to_csv("old.csv", index=False)
    table(persuasion_rows([1, 0, 1], [1, 0, 1], model="[red]m\x1b[31m")).to_csv("new.csv", index=False)
    code, output, error = call("compare", "old.csv", "new.csv")
    assert (code, error) == (0, "") and "\x1b" not in output and "[red]m" in output
    words = " ".join(output.split())
    assert "Not compared - old: the candidate was not run on it" in words
    assert "2 items in both; 1 that the baseline was not asked: left out" in words


def test_a_task_without_headline_metrics_shows_all_of_them(call):
    for name, values in (("old", [1, 1, 0, 1]), ("new", [1, 0, 0, 0])):
        table(rows(values, task="mmlu", measure="acc")).to_csv(f"{name}.csv", index=False)
    (found,) = json.loads(call("compare", "old.csv", "new.csv", "--json")[1])["comparisons"]
    assert (found["measure"], found["headline"], found["difference"]) == ("acc", True, -0.5)


def test_a_headline_metric_of_one_side_alone_is_told(call):
    one = persuasion_rows([1, 1], [1, 0])
    table(one).to_csv("old.csv", index=False)
    table(one[~one["arm"].str.startswith("negative")]).to_csv("new.csv", index=False)
    output = " ".join(call("compare", "old.csv", "new.csv")[1].split())
    assert "resist (negative.logical.seeded, turn=4): the candidate has no such metric" in output


def test_unusable_input_is_exit_code_2(call, made):
    for arguments, expected in (
        ([str(made), "gone"], "found no 'gone'"),
        ([str(made), str(made)], "holds several models (equipoise/oracle, equipoise/stubborn)"),
        ([str(made), str(made), "--base-model", "lab/none"], "holds no model 'lab/none'"),
        ([str(made), str(made), "--by", "colour"], "found 'colour'"),
    ):
        code, output, error = call("compare", *arguments)
        assert (code, output) == (2, "") and re.search(re.escape(expected), error), arguments


def test_an_unfinished_run_is_called_partial(call, made, monkeypatch):
    from equipoise.harness.report import provenance

    monkeypatch.setattr(provenance, "unfinished", lambda logs: ["persuasion on m: 1 of 3 samples finished"])
    assert between(call, made, *MODELS)[2].count("PARTIAL") == 1, "once for a folder that is both sides"


def test_every_key_is_documented(call, made):
    from equipoise.harness.compare import Adjusted

    text = (Path(__file__).parents[2] / "docs/compare.md").read_text(encoding="utf-8")
    found = json.loads(between(call, made, *MODELS, "--json")[1])
    keys = {*found, *found["baseline"], *found["tasks"][0], *found["comparisons"][0], *Adjusted.__dataclass_fields__}
    assert [key for key in keys if f"`{key}`" not in text] == []
