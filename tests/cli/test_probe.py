"""`equipoise probe`: tables, JSON, files, exit codes."""

import json
import math
from contextlib import closing

import pytest
from loopback import CountingServer
from panels import log_of

from equipoise.harness.agents import publish_levels
from equipoise.harness.judge_shift import read_shifts
from equipoise.harness.run import build_model
from equipoise.judges import Store

TEXTS = {f"comment {n} of the probe tests": n / 5 for n in range(6)}


@pytest.fixture
def logs(tmp_path):
    publish_levels({text: {"*": level} for text, level in TEXTS.items()})
    log_of(tmp_path / "logs", TEXTS, build_model("equipoise/judge", {}))
    return tmp_path / "logs"


def results(output):
    return json.loads(output)["results"]


def test_injection_prints_rates_and_keeps_everything(inside, tmp_path):
    code, output, _ = inside("probe", "injection", "--judge", "equipoise/judge:gullible=2", "--limit", "8")
    assert code == 0, output
    (all_attacks,) = [line.split() for line in output.splitlines() if line.strip().startswith("all ")]
    assert all_attacks[1:3] == ["40", "0.00"] and "1.00" in all_attacks, "40 tries, fenced 0, naive 1"
    assert "what the fence is worth (naive minus fenced): 1.00" in output and "results: probes/injection.json" in output
    kept = json.loads((tmp_path / "probes" / "injection.json").read_text())
    assert kept["probe"] == "injection" and len(kept["results"][0]["outcomes"]) == 2 * 40
    with Store(tmp_path / "probes" / "votes.sqlite") as store:
        votes = store.count()
    assert votes == kept["results"][0]["missing"]["asked"]


def test_a_repeat_is_free_and_gives_the_same(inside, tmp_path):
    command = ["probe", "position", "--judge", "equipoise/judge:noise=1", "-o", "mine", "--json"]
    first, again = inside(*command), inside(*command)
    assert first == again and first[0] == 0 and sorted(path.name for path in tmp_path.iterdir()) == ["mine"]
    assert results(first[1]) == json.loads((tmp_path / "mine" / "position.json").read_text())["results"]
    with Store(tmp_path / "mine" / "votes.sqlite") as store:
        assert store.count() == results(first[1])[0]["missing"]["asked"] == 74


def test_position_and_verbosity_print_what_was_put_in(inside):
    code, output, _ = inside("probe", "position", "--judge", "equipoise/judge,equipoise/judge:position=1")
    lines = [line for line in output.splitlines() if "first minus second place, equal" in line]
    assert code == 0 and [line.split()[6] for line in lines] == ["0.00", "1.00"]
    code, output, _ = inside("probe", "verbosity", "--judge", "equipoise/judge:verbosity=1")
    (line,) = [line for line in output.splitlines() if "padded minus concise" in line]
    assert code == 0 and line.split()[-2:] == ["1.00", "25"] and "missing votes: 0 of 100" in output


def test_strictnesses_are_judges_of_their_own(inside):
    _, output, _ = inside(
        "probe", "verbosity", "--judge", "equipoise/judge", "--strictness", "neutral,strict", "--json"
    )
    assert [each["judge"] for each in results(output)] == ["equipoise/judge", "equipoise/judge@strict"]


def test_missing_votes_are_told(inside):
    code, output, _ = inside("probe", "verbosity", "--judge", "equipoise/judge:failure=1")
    assert code == 0 and "missing votes: 100 (100 unparsed) of 100" in output and "no pair with both votes" in output


def test_failed_calls_end_with_1_and_are_made_again(inside, monkeypatch):
    monkeypatch.setenv("LOST_API_KEY", "none")
    monkeypatch.setenv("LOST_BASE_URL", "http://127.0.0.1:9/v1")  # nobody listens there
    command = ["probe", "injection", "--limit", "1", "--rubric", "correction", "--max-retries", "0"]
    code, _, error = inside(*command, "--judge", "openai-api/lost/m", "--json")
    assert code == 1 and "equipoise: 6 votes failed; run the same command to ask again" in error
    with closing(CountingServer(reply="no", latency=0)) as server:
        monkeypatch.setenv("LOST_BASE_URL", server.url)
        code, output, _ = inside(*command, "--judge", "openai-api/lost/m", "--json")
    assert code == 0 and server.total == 6 and results(output)[0]["missing"]["reasons"] == {}


def test_self_preference_reads_a_table(inside, tmp_path):
    lines = ["task,model,item,arm,measure,judge,value"]
    for item in range(4):
        for model, quality in (("a/gpt-x", 2), ("b/claude-x", 3), ("c/llama-x", 4)):
            for judge, severity in (("a/gpt-judge", 0), ("b/claude-judge", 1)):
                favour = 0.5 + item if (model, judge) == ("a/gpt-x", "a/gpt-judge") else 0
                lines.append(f"t,{model},i{item},arm,m,{judge},{quality - severity + favour}")
    (tmp_path / "table.csv").write_text("\n".join(lines))
    code, output, _ = inside("probe", "self-preference", "table.csv", "--json")
    gpt, claude = sorted(results(output), key=lambda each: each["judge"], reverse=False)
    assert code == 0 and gpt["preference"]["value"] == 2.0 and claude["preference"]["value"] == 0.0
    code, output, _ = inside("probe", "self-preference", "table.csv")
    assert code == 0 and "2.00" in output and "self-preference" in output


def test_drift_exits_with_1_when_it_is_found_and_writes_only_where_it_is_told(inside, tmp_path, logs):
    code, output, _ = inside("probe", "freeze", "logs", "-o", "frozen.jsonl")
    assert code == 0 and output.strip() == "frozen.jsonl: 6 votes of equipoise/judge"
    before = sorted(path.name for path in tmp_path.rglob("*"))
    same = inside("probe", "drift", "--judge", "equipoise/judge", "--frozen", "frozen.jsonl")
    assert same[0] == 0 and "no drift beyond the tolerance" in same[1]
    other = ["probe", "drift", "--judge", "equipoise/judge:severity=1", "--frozen", "frozen.jsonl"]
    code, output, _ = inside(*other, "--against", "equipoise/judge")
    assert code == 1 and "DRIFT in positivity: the mean moved by -0.833 points, more than 0.450" in output
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
    code, output, _ = inside(
        *other, "--against", "equipoise/judge", "--tolerance", "0.1", "--changed", "1", "-o", "check"
    )
    assert (
        code == 0 and (tmp_path / "check" / "drift.json").is_file() and (tmp_path / "check" / "votes.sqlite").is_file()
    )


def test_a_panel_is_checked_judge_by_judge_and_the_gate_reads_all_of_it(inside, tmp_path):
    publish_levels({text: {"*": level} for text, level in TEXTS.items()})
    panel = ["equipoise/judge", "equipoise/judge:noise=1", "equipoise/judge:noise=1:seed=2"]
    log_of(tmp_path / "logs", TEXTS, [build_model(name, {}) for name in panel])
    inside("probe", "freeze", "logs", "-o", "frozen.jsonl")
    drift = ["probe", "drift", "--frozen", "frozen.jsonl", "--tolerance", "1", "--changed", "1"]
    for name in panel:
        code, output, _ = inside(*drift, "--judge", name, "-o", "november")
        assert code == 0 and "harsher by" in output
    found = read_shifts(tmp_path / "november")
    assert [(each.judge, each.measure, each.n, each.transcripts) for each in found] == [
        (name, "positivity", 6, 6) for name in panel
    ]
    code, output, _ = inside(*drift, "--judge", panel[1], "-o", "november", "--json")
    assert [each["judge"] for each in results(output)] == [panel[1]], "what is printed is of this judge alone"
    assert [each.judge for each in read_shifts(tmp_path / "november")] == [panel[0], panel[2], panel[1]]
    inside(*drift, "--judge", "equipoise/judge:severity=1", "--against", panel[0], "-o", "replaced")
    (folder, other) = read_shifts(tmp_path / "replaced", tmp_path / "november" / "drift.json")[:2]
    assert (folder.judge, folder.frozen_judge, folder.shift) == ("equipoise/judge:severity=1", panel[0], math.inf)
    assert math.isnan(other.shift) and other.reason == "no vote differs" and other.scale_high < 0.4


def test_a_broken_result_file_is_replaced(inside, tmp_path, logs):
    inside("probe", "freeze", "logs", "-o", "frozen.jsonl")
    for broken in ("{", '{"results": [{"judge": 1}]}', "[]", '{"results": 3}', '{"results": [3]}'):
        (tmp_path / "check").mkdir(exist_ok=True)
        (tmp_path / "check" / "drift.json").write_text(broken)
        code, _, _ = inside("probe", "drift", "--judge", "equipoise/judge", "--frozen", "frozen.jsonl", "-o", "check")
        assert code == 0 and len(read_shifts(tmp_path / "check")) == 1


BAD = {
    "unknown rubric": (["injection", "--judge", "equipoise/judge", "--rubric", "nonsense"], "nonsense"),
    "unknown strictness": (["position", "--judge", "equipoise/judge", "--strictness", "harsh"], "harsh"),
    "unknown setting": (["verbosity", "--judge", "equipoise/judge:colour=1"], "colour"),
    "unknown provider": (["position", "--judge", "nowhere/m"], "nowhere"),
    "no table": (["self-preference", "gone"], "gone"),
    "no logs": (["freeze", "gone", "-o", "frozen.jsonl"], "gone"),
    "no frozen file": (["drift", "--judge", "equipoise/judge", "--frozen", "gone.jsonl"], "gone.jsonl"),
}


@pytest.mark.parametrize("case", list(BAD))
def test_bad_input_is_one_line_exit_2_and_leaves_nothing(case, inside, tmp_path):
    arguments, named = BAD[case]
    code, _, error = inside("probe", *arguments)
    assert code == 2 and named in error and len(error.strip().splitlines()) == 1, error
    assert list(tmp_path.iterdir()) == []


def test_a_judge_without_frozen_votes_is_refused_by_name(inside, tmp_path, logs):
    inside("probe", "freeze", "logs", "-o", "frozen.jsonl")
    code, _, error = inside(
        "probe", "drift", "--judge", "equipoise/judge:seed=2", "--frozen", "frozen.jsonl", "-o", "new"
    )
    assert (
        code == 2 and "frozen.jsonl: holds no votes of equipoise/judge:seed=2; expected one of equipoise/judge" in error
    )


@pytest.mark.parametrize("name", ["injection", "position", "verbosity", "self-preference", "freeze", "drift"])
def test_every_probe_has_help_with_an_example(name, inside):
    code, output, _ = inside("probe", name, "--help")
    assert code == 0 and f"equipoise probe {name}" in output
    _, overview, _ = inside("probe", "--help")
    assert name in overview
