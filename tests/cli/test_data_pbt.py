"""`equipoise data pbt` from the command line: growth, resumption, pictures, and what goes wrong."""

import json
import os
import signal
import subprocess
import sys
from contextlib import closing

import pytest
from loopback import CountingServer

from equipoise.harness import run
from equipoise.harness.files import locked

MADE = ["data", "pbt", "--questions", "trivia", "--limit", "8"]
RANDOM = [*MADE, "--agent-a", "equipoise/random", "--agent-b", "equipoise/random", "-o", "trees"]


def lines(folder):
    return (folder / "nodes.jsonl").read_text().splitlines()


def test_two_agents_make_a_folder_of_data_and_the_same_command_asks_nothing(inside, tmp_path):
    code, out, err = inside(*RANDOM)
    folder = tmp_path / "trees"
    assert code in (0, 1) and "8 trees of 8 questions" in out
    assert {path.name for path in folder.iterdir()} == {
        ".lock", "README.md", "nodes.jsonl", "pairs.jsonl", "plan.json", "summary.json",
    }  # fmt: skip
    assert "level 1 of 3: 16 of 16 replies" in err
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    again, out, err = inside(*RANDOM)
    assert again == code and "level 3 of 3" in err and f"going on with {len(lines(folder))} replies" in err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {json.loads(line)["model"] for line in lines(folder)} == {"equipoise/random"}


def test_every_model_is_built_once_and_the_filter_tells_its_progress(inside, monkeypatch, tmp_path):
    built, build = [], run.build_model
    monkeypatch.setattr(run, "build_model", lambda name, *rest: built.append(name) or build(name, *rest))
    with closing(CountingServer("AGREE")) as server:
        monkeypatch.setenv("COUNTED_BASE_URL", server.url)
        monkeypatch.setenv("COUNTED_API_KEY", "none")
        code, _, err = inside(*RANDOM, "--limit", "40", "--filter", "openai-api/counted/m")
    verdicts, readings = (len((tmp_path / "trees" / f"{name}.jsonl").read_text().splitlines())
                          for name in ("same_content", "stances"))  # fmt: skip
    assert code in (0, 1) and "failed" not in err
    assert verdicts and readings and verdicts + readings == server.total, "asked while trees grow, and after it"
    assert sorted(built) == ["equipoise/random", "openai-api/counted/m"]
    assert f"filter: 0 of {readings} readings\n" in err and f"filter: {readings} of {readings} readings\n" in err


def test_a_folder_in_which_another_process_works_is_refused_at_once(inside, tmp_path):
    with locked(tmp_path / "trees" / ".lock"):
        code, _, err = inside(*RANDOM)
    assert code == 2 and "trees: another process works in this folder" in err
    assert [path.name for path in (tmp_path / "trees").iterdir()] == [".lock"]


def test_a_tree_is_explained_without_the_models(inside, tmp_path):
    inside(*RANDOM)
    item = json.loads(lines(tmp_path / "trees")[0])["tree"]
    code, out, _ = inside("data", "pbt", "-o", "trees", "--explain", item)
    assert code == 0 and "s = " in out
    assert (tmp_path / "trees" / f"tree-{item}.svg").read_text().lstrip().startswith("<?xml")
    (tmp_path / "trees").rename(tmp_path / "tr\x1bees")
    code, out, _ = inside("data", "pbt", "-o", "tr\x1bees", "--explain", item)
    assert code == 0 and f"picture: tr�ees/tree-{item}.svg" in out
    (tmp_path / "tr\x1bees").rename(tmp_path / "trees")
    code, _, err = inside("data", "pbt", "-o", "trees", "--explain", "../secret\x1b")
    assert code == 2 and "holds no tree of item" in err and "\x1b" not in err


def test_another_plan_in_the_same_folder_is_refused(inside, tmp_path):
    inside(*RANDOM)
    before = lines(tmp_path / "trees")
    code, _, err = inside(*RANDOM, "--seed", "3", "--max-tokens", "5")
    assert code == 2 and "field 'max_tokens, seed': holds trees of another plan" in err
    assert "max_tokens: 80 there, 5 asked for; seed: 0 there, 3 asked for" in err
    assert lines(tmp_path / "trees") == before


def test_json_is_the_summary_and_nothing_else(inside, tmp_path):
    code, out, err = inside(*RANDOM, "--json", "--pairs-per-question", "2")
    assert json.loads(out) == json.loads((tmp_path / "trees" / "summary.json").read_text())
    assert "level 3 of 3" in err and json.loads(out)["per_question"] == 2
    assert code in (0, 1)


def test_agents_that_never_move_give_no_pairs_and_the_reason(inside, tmp_path):
    code, _, err = inside(*MADE, "--agent-a", "equipoise/stubborn", "--agent-b", "equipoise/stubborn", "-o", "none")
    assert code == 1
    assert "no 'resist' pair is left" in err and "no 'accept' pair is left" in err
    assert (tmp_path / "none" / "pairs.jsonl").read_text() == "" and len(lines(tmp_path / "none")) == 16


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-o", "x"], "--questions, --agent-a and --agent-b"),
        (["-o", "x", "--questions", "trivia"], "all of --questions"),
        (["-o", "x", "--explain", "q1"], "expected a folder of dialogue trees"),
        ([*RANDOM, "--shape", "absent.yaml"], "absent.yaml: cannot be read"),
        ([*MADE, "--agent-a", "equipoise/nobody", "--agent-b", "equipoise/random", "-o", "x"], "equipoise/nobody"),
        (["data", "pbt", "--questions", "absent.jsonl", "--agent-a", "x", "--agent-b", "y", "-o", "x"], "absent.jsonl"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(inside, tmp_path, arguments, told):
    arguments = arguments if arguments[0] == "data" else ["data", "pbt", *arguments]
    code, _, err = inside(*arguments)
    assert code == 2 and told in err and "Traceback" not in err
    assert not list(tmp_path.iterdir())


COMMAND = [
    sys.executable, "-m", "equipoise", "data", "pbt", "--questions", "trivia", "--limit", "10", "--agent-a",
    "openai-api/counted/m", "--agent-b", "equipoise/random", "--max-connections", "2", "-o", "trees",
]  # fmt: skip


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_process_is_taken_up_and_repeats_no_finished_call(inside, monkeypatch, tmp_path, stop):
    with closing(CountingServer("Paris", latency=0.05)) as server, closing(CountingServer("Paris")) as second:
        environment = {**os.environ, "COUNTED_BASE_URL": server.url, "COUNTED_API_KEY": "none"}
        first = subprocess.Popen(COMMAND, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
        server.wait_for(5)
        first.send_signal(stop)
        _, err = first.communicate()
        kept = [json.loads(line) for line in lines(tmp_path / "trees") if line.endswith("}")]
        assert first.returncode == (-signal.SIGKILL if stop == signal.SIGKILL else 130), err
        assert ("to go on: equipoise data pbt" in err) == (stop == signal.SIGTERM)
        asked = sum(node["model"] == "openai-api/counted/m" for node in kept)
        assert server.total - 2 <= asked <= server.total, "only what was in flight is lost"
        # The second run asks a server of its own: requests of the first may still be in flight.
        monkeypatch.setenv("COUNTED_BASE_URL", second.url)
        monkeypatch.setenv("COUNTED_API_KEY", "none")
        code, _, err = inside(*COMMAND[3:])
        assert code in (0, 1) and "failed" not in err
        nodes = [json.loads(line) for line in lines(tmp_path / "trees")]
        assert len({node["id"] for node in nodes}) == len(nodes)
        assert second.total == sum(node["model"] == "openai-api/counted/m" for node in nodes) - asked
