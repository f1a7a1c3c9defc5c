"""Votes on finished logs: paid once, through crashes, swaps of judges and new rubrics."""

import os
import subprocess
import sys
from contextlib import closing

import pytest
from inspect_ai.log import write_eval_log
from inspect_ai.model import ModelConfig
from loopback import CountingServer
from panels import RUBRIC, log_of, rubric, scripted

from equipoise.errors import InputError
from equipoise.harness.agents import publish_levels
from equipoise.harness.run import build_model
from equipoise.harness.table import build_table
from equipoise.judges import Judge, PanelOptions, Store, rejudge, rubric_named, store_path, votes_table

ALLOWED = PanelOptions(allow_same=True)
TEXTS = [f"comment {n} of the rejudge tests" for n in range(6)]


def judged(logs, *models, options=ALLOWED, **arguments):
    return rejudge(logs, options.judges(models), options, **arguments)


def votes_of(logs):
    table = build_table(logs)
    return table[table["judge"] != ""]


def test_judges_are_added_and_only_what_is_new_is_paid(tmp_path):
    log_of(tmp_path, TEXTS)
    (first, asked_first), (second, asked_second) = scripted("7", name="mockllm/a"), scripted("3", name="mockllm/b")
    tally = judged(tmp_path, first)
    assert (tally.votes, tally.cached, tally.made, tally.calls, len(asked_first)) == (6, 0, 6, 6, 6)
    tally = judged(tmp_path, first, second)
    assert (tally.votes, tally.cached, tally.made) == (12, 6, 6) and (len(asked_first), len(asked_second)) == (6, 6)
    assert judged(tmp_path, first, second).calls == 0
    assert votes_of(tmp_path).groupby("judge", observed=True)["value"].mean().to_dict() == {
        "mockllm/a": 7, "mockllm/b": 3
    }  # fmt: skip


def test_votes_of_the_run_itself_are_not_paid_again(tmp_path):
    model, asked = scripted("7", name="mockllm/a")
    log_of(tmp_path, TEXTS, model)
    before = votes_of(tmp_path)
    tally = judged(tmp_path, model)
    assert (tally.cached, tally.calls, len(asked)) == (6, 0, 6)
    assert votes_of(tmp_path).equals(before)


def test_a_changed_rubric_is_asked_anew_and_takes_the_place_of_the_old_votes(tmp_path):
    log_of(tmp_path, TEXTS)
    model, asked = scripted(*["7"] * 6, "2")
    judged(tmp_path, model)
    changed = rubric_named(RUBRIC).model_copy(update={"version": "2", "body": "Once more:\n{comment}"})
    assert judged(tmp_path, model, rubrics=[changed]).made == 6
    assert set(votes_of(tmp_path)["value"]) == {2} and len(votes_of(tmp_path)) == 6
    assert sorted(votes_table(tmp_path)["rubric_version"].unique()) == ["1.0", "2"] and len(votes_table(tmp_path)) == 12
    assert judged(tmp_path, model).calls == 0, "back to the old one: all there"
    assert set(votes_of(tmp_path)["value"]) == {7} and len(asked) == 12


def test_a_rubric_of_another_name_is_asked_wherever_its_texts_are(tmp_path):
    log_of(tmp_path, TEXTS)
    model, _ = scripted("4")
    own = rubric(name="own", dimension="kindness", body="Kind?\n{comment}")
    judged(tmp_path, model, rubrics=[own])
    assert set(votes_of(tmp_path)["measure"]) == {"kindness"}
    with pytest.raises(InputError, match="nothing that these rubrics could judge"):
        judged(tmp_path, model, rubrics=[rubric(name="other", body="{text}")])


def test_dimensions_choose(tmp_path):
    log_of(tmp_path, TEXTS, measures=("", "positivity_swapped"))
    model, asked = scripted("4")
    assert judged(tmp_path, model, dimensions=["positivity_swapped"]).votes == 6
    assert set(votes_of(tmp_path)["measure"]) == {"positivity_swapped"}
    assert judged(tmp_path, model, dimensions=["positivity"]).votes == 12
    with pytest.raises(InputError, match="nothing"):
        judged(tmp_path, model, dimensions=["empathy"])
    assert len(asked) == 12


def test_failed_calls_are_made_again_and_unreadable_votes_only_on_request(tmp_path):
    log_of(tmp_path, TEXTS[:2])
    model, asked = scripted(RuntimeError("down"), "what?", "what?", "5")
    tally = judged(tmp_path, model, connections=1)
    assert (tally.failed, tally.made, tally.missing) == (1, 2, {"mockllm/model": 2}) and "down" in tally.error
    assert sorted(votes_of(tmp_path)["missing"]) == ["error", "unparsed"]
    tally = judged(tmp_path, model, connections=1)
    assert (tally.cached, tally.made, len(asked)) == (1, 1, 4)
    tally = judged(tmp_path, model, connections=1, retry_missing=True)
    assert (tally.cached, tally.made, len(asked)) == (1, 1, 5)
    assert votes_of(tmp_path)["value"].tolist() == [5, 5]


def test_samples_that_failed_are_not_judged(tmp_path):
    log_of(tmp_path, TEXTS, fail=("s1",))
    model, asked = scripted("4")
    assert judged(tmp_path, model).votes == 5 and not any(TEXTS[1] in prompt for (prompt,), _ in asked)


def test_the_subject_and_its_family_are_refused(tmp_path):
    log_of(tmp_path, TEXTS, subject="mockllm/gpt-one")
    model, asked = scripted("4", name="mockllm/gpt-two")
    with pytest.raises(InputError, match="family of mockllm/gpt-one"):
        judged(tmp_path, model, options=PanelOptions())
    assert asked == []
    assert judged(tmp_path, model).made == 6


def test_an_own_rubric_keeps_conditions_apart(tmp_path):
    log_of(tmp_path, TEXTS[:1], measures=("", "positivity_swapped"))
    own = rubric(name="own", dimension="kindness", body="Kind?\n{comment}")
    judged(tmp_path, scripted("4")[0], rubrics=[own])
    assert sorted(votes_of(tmp_path)["measure"]) == ["kindness", "kindness_swapped"]


def test_a_judge_that_plays_a_role_which_the_task_keeps_apart_is_refused(tmp_path):
    log = log_of(tmp_path, TEXTS)
    log.eval.metadata = {"separate_roles": [["user", "judge"]]}
    log.eval.model_roles = {"user": ModelConfig(model="mockllm/gpt-one")}
    write_eval_log(log, log.location)
    for name in ("mockllm/gpt-one", "mockllm/gpt-two"):
        with pytest.raises(InputError, match=r"role judge.*role 'user'"):
            judged(tmp_path, scripted("4", name=name)[0], options=PanelOptions())
    assert judged(tmp_path, scripted("4", name="mockllm/claude")[0], options=PanelOptions()).made == 6


def test_several_criteria_in_one_call_or_one_each_are_different_votes(tmp_path):
    log_of(tmp_path, TEXTS)
    two = rubric(name="own", dimension="own", judged="separately", body="{comment}",
                 criteria=[{"name": "a", "text": "a?"}, {"name": "b", "text": "b?"}])  # fmt: skip
    publish_levels({text: {"own.a": 1.0, "own.b": 0.0} for text in TEXTS})
    model = build_model("equipoise/judge", {})
    single = judged(tmp_path, model, rubrics=[two])
    assert (single.votes, single.calls) == (12, 12)
    joint = judged(tmp_path, model, options=PanelOptions(joint=True, allow_same=True), rubrics=[two])
    assert (joint.votes, joint.made, joint.calls) == (12, 12, 6)
    means = votes_of(tmp_path).groupby("measure", observed=True)["value"].agg(["mean", "size"])
    assert means.loc["own.a"].tolist() == [5, 6] and means.loc["own.b"].tolist() == [1, 6]


def test_epochs_are_votes_of_their_own(tmp_path):
    log_of(tmp_path, TEXTS[:1], epochs=3)
    model, _ = scripted("1", "2", "3")
    assert judged(tmp_path, model, connections=1).made == 3
    assert sorted(votes_of(tmp_path)[["epoch", "value"]].itertuples(index=False)) == [(1, 1), (2, 2), (3, 3)]


COMMAND = [sys.executable, "-m", "equipoise", "judge", "logs", "--judge", "openai-api/counted/m", "--json",
           "--max-connections", "4"]  # fmt: skip


@pytest.fixture
def server():
    with closing(CountingServer(reply="5", latency=0.05)) as counting:
        yield counting


def environment(server, folder):
    return {"cwd": folder, "env": {**os.environ, "COUNTED_BASE_URL": server.url, "COUNTED_API_KEY": "none"}}


def test_kill_nine_loses_no_vote_and_repeats_none(tmp_path, server):
    count = 60
    log_of(tmp_path / "logs", [f"text {n}" for n in range(count)])
    first = subprocess.Popen(COMMAND, **environment(server, tmp_path), stdout=subprocess.DEVNULL)
    server.wait_for(count // 3)
    first.kill()
    first.wait()
    with Store(store_path(tmp_path / "logs")) as store:
        kept = store.count()
    assert count // 3 - 4 <= kept < count
    with closing(CountingServer(reply="5")) as second:  # calls of the killed process may still arrive at the first
        done = subprocess.run(COMMAND, **environment(second, tmp_path), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert second.total == count - kept, "what was kept is not asked again"
    assert len(votes_of(tmp_path / "logs")) == count and set(votes_of(tmp_path / "logs")["value"]) == {5}
    assert server.total <= kept + 4, "only the calls in flight were lost"


def test_two_processes_share_the_work(tmp_path, server):
    count = 60
    log_of(tmp_path / "logs", [f"text {n}" for n in range(count)])
    both = [subprocess.Popen(COMMAND, **environment(server, tmp_path), stdout=subprocess.PIPE) for _ in range(2)]
    outputs = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert server.total == count and max(server.calls.values()) == 1, "nobody paid twice"
    assert len(votes_of(tmp_path / "logs")) == count


def test_a_judge_that_is_down_does_not_cost_the_others_votes(tmp_path):
    log_of(tmp_path, TEXTS)
    up, down = scripted("5", name="mockllm/up")[0], scripted(RuntimeError("down"), name="mockllm/down")[0]
    tally = rejudge(tmp_path, [Judge(down), Judge(up)], ALLOWED)
    assert (tally.failed, tally.made) == (6, 12)
    votes = votes_of(tmp_path)
    assert votes[votes["judge"] == "mockllm/up"]["value"].tolist() == [5] * 6
