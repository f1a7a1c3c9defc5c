"""The protocol through the whole pipeline: `chat()` and `ratings()` with models that record what they are asked."""

import json
import re
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import read_eval_log

from equipoise.errors import InputError
from equipoise.harness.cells import LOST
from equipoise.harness.metrics import compute_metrics
from equipoise.harness.run import Plan, build_model, check_roles
from equipoise.harness.suite import TaskPlan
from equipoise.harness.table import build_table
from equipoise.harness.transcripts import DIALOGUES, read_dialogue
from equipoise.judges import EXHIBITS, FENCE
from equipoise.tasks.aloe import aloe
from equipoise.tasks.aloe.cases import CASE, Case, in_growing_squares
from equipoise.tasks.aloe.metrics import CHECKS
from equipoise.tasks.aloe.personas import evaluation_cases
from equipoise.tasks.aloe.prompts import read_prompts

REFERENCE = Path(__file__).parents[3].parent / "shared" / "data" / "aloe"

FIRST = in_growing_squares(evaluation_cases())[0]


def done(played):
    assert played.log.status == "success", played.log.error
    return played.log.samples


def fenced(call) -> list[str]:
    """The untrusted texts in a judge's prompt, in the order of the rubric."""
    return re.findall(rf"{FENCE}\n(.*?)\n{FENCE}", call.messages[0][1], re.DOTALL)


def test_the_subject_is_told_nothing_and_sees_the_dialogue_alone(play):
    played = play()
    (sample,) = done(played)
    for k, call in enumerate(played.subject, 1):
        assert [role for role, _ in call.messages] == ["user", "assistant"] * (k - 1) + ["user"]
        assert call.config.max_tokens == 2048 and call.config.temperature is None
        text = " ".join(text for _, text in call.messages)
        assert FIRST.profile not in text and FIRST.personality not in text
    assert played.subject[2].messages == [
        ("user", "Users message number 1, ok"), ("assistant", "Answer to Users message number 1, ok"),
        ("user", "Users message number 2, ok"), ("assistant", "Answer to Users message number 2, ok"),
        ("user", "Users message number 3, ok"),
    ]  # fmt: skip
    assert len(played.subject) == 3 and sample.id == FIRST.id
    assert [message.role for message in sample.messages] == ["user", "assistant"] * 3


def test_the_user_plays_its_persona_with_roles_flipped_and_speaks_first(play):
    played = play(user_tokens=77)
    done(played)
    texts = read_prompts()
    for k, call in enumerate(played.user, 1):
        assert call.messages[:2] == [("system", texts.user_of(FIRST)), ("user", texts.opening)]
        assert [role for role, _ in call.messages[2:]] == ["assistant", "user"] * (k - 1)
        assert call.config.max_tokens == 77
    assert played.user[1].messages[2:] == [
        ("assistant", "Users message number 1, ok"), ("user", "Answer to Users message number 1, ok"),
    ]  # fmt: skip


def test_the_subjects_settings_are_the_runs_and_the_users_are_not(talking, tmp_path):
    user, of_user = talking(lambda said: f"m {len(said)}", "someone")
    judge, _ = talking(lambda said: "3", "rater")
    subject, of_subject = talking(lambda said: "r", "subject")
    roles = {"user": user, "judge": judge}
    inspect_eval(aloe(n_items=1, turns=2, seed=5), model=subject, model_roles=roles, log_dir=str(tmp_path),
                 display="none", temperature=0.3, max_tokens=50, epochs=2)  # fmt: skip
    assert {(call.config.temperature, call.config.max_tokens) for call in of_subject} == {(0.3, 50)}
    assert {(call.config.temperature, call.config.max_tokens) for call in of_user} == {(None, 300)}
    assert Counter(call.config.seed for call in of_subject) == {5: 2, 6: 2}
    assert not {call.config.seed for call in of_subject} & {call.config.seed for call in of_user}


def test_each_responder_sees_what_it_should(play):
    arms = ("model", "persona_known", "no_history", "style")
    played = play(subject=lambda said: f"seen {len(said)}", responders=",".join(arms), turns=3)
    (sample,) = done(played)
    told = {
        arm: [said["text"] for said in sample.store[DIALOGUES][arm] if said["speaker"] == "subject"] for arm in arms
    }
    assert told["model"] == ["seen 1", "seen 3", "seen 5"]
    assert told["persona_known"] == told["style"] == ["seen 2", "seen 4", "seen 6"]
    assert told["no_history"] == ["seen 1", "seen 1", "seen 1"]
    systems = Counter(call.messages[0][1] for call in played.subject if call.messages[0][0] == "system")
    assert systems == {read_prompts().persona_known_of(FIRST): 3, read_prompts().style: 3}


def test_all_responders_hear_one_opening_and_the_calls_are_counted(play):
    openings = iter(f"Opening {i}" for i in range(9))

    def user(said):
        return next(openings) if len(said) == 2 else f"Later {len(said)} {said[-1][1]}"

    played = play(user=user, responders="model,style", also="swapped,history", turns=3)
    (sample,) = done(played)
    said = {arm: found[0]["text"] for arm, found in sample.store[DIALOGUES].items()}
    assert said == {"model": "Opening 0", "style": "Opening 0"}
    assert len(played.user) == 1 + 2 * 2
    assert len(played.subject) == 2 * 3
    assert len(played.judge) == 2 * 3 * 3


def test_the_partner_hears_the_cleaned_message(play):
    played = play(user=lambda said: f"*waves* Hello\n  there {len(said)}")
    done(played)
    assert played.subject[0].messages == [("user", "Hello there 2")]
    assert played.user[1].messages[2] == ("assistant", "Hello there 2")
    assert fenced(played.judge[0])[2] == "Hello there 2"


def test_the_judge_sees_persona_message_and_reply_without_history(play):
    played = play()
    (sample,) = done(played)
    assert len(played.judge) == 3
    for k, call in enumerate(sorted(played.judge, key=lambda call: fenced(call)[2]), 1):
        message = f"Users message number {k}, ok"
        assert fenced(call) == [FIRST.profile, FIRST.personality, message, f"Answer to {message}"]
        assert call.config.temperature == 0
    assert len(sample.store[EXHIBITS]) == 3


def test_swapped_ratings_show_another_profile_and_another_personality(play):
    played = play(also="swapped", n_items=4, judge=lambda said: "2")
    for sample in done(played):
        case = Case.model_validate(sample.metadata[CASE])
        assert case.other.profile_id != case.persona.profile_id
        assert case.other.personality_id != case.persona.personality_id
        shown = [(found.get("measure", ""), found["fields"]) for found in sample.store[EXHIBITS]]
        for measure, fields in shown:
            told = case.other if measure == "al_swapped" else case.persona
            assert (fields["profile"], fields["personality"]) == (told.profile, told.personality)
        assert Counter(measure for measure, _ in shown) == {"": 3, "al_swapped": 3}
    assert not any("swapped" in call.messages[0][1] for call in played.judge)
    table = build_table_of(played)
    assert set(table[table["judge"] != ""]["measure"]) == {"al", "al_swapped"}


def test_the_persona_that_is_shown_instead_does_not_hang_on_the_number_of_cases(play):
    (alone,) = done(play(also="swapped", n_items=1))
    others = {sample.id: sample.metadata[CASE]["other"] for sample in done(play(also="swapped", n_items=6))}
    assert others[alone.id] == alone.metadata[CASE]["other"]


def test_the_history_judge_sees_earlier_turns_and_not_the_current_one_twice(play):
    (sample,) = done(play(also="history"))
    found = [each["fields"] for each in sample.store[EXHIBITS] if "history" in each["fields"]]
    assert [each["history"].count("Person:") for each in found] == [0, 1, 2]
    assert found[0]["history"] and "first message" in found[0]["history"]
    message = "Users message number 1, ok"
    assert found[1]["history"] == f"Person: {message}\n\nPartner: Answer to {message}"
    assert all(each["message"] not in each["history"] for each in found)


def metrics_of(table):
    """By arm, name and breakdown; the shipped personas are the only domain."""
    found = compute_metrics(table, draws=0)
    return {(m.arm, m.measure, m.by.removeprefix("domain=own").lstrip(",")): m for m in found}


def build_table_of(played):
    return build_table(Path(played.log.location.removeprefix("file://")))


def test_an_empty_reply_is_judged_and_counted_and_not_missing(play):
    played = play(subject=lambda said: "" if len(said) == 3 else "two words")
    done(played)
    table = build_table_of(played)
    words = table[table["measure"] == "words"].sort_values("turn")["value"]
    assert list(words) == [2, 0, 2]
    assert "(no reply)" in [fenced(call)[3] for call in played.judge]
    assert not table["missing"].astype(str).any() and len(table[table["measure"] == "al"]) == 3


def test_a_user_that_falls_silent_ends_its_sample_and_no_other(play):
    def user(said):
        silent = FIRST.profile in said[0][1] and FIRST.personality in said[0][1] and len(said) > 5
        return "*nods*" if silent else f"message {len(said)}"

    played = play(user=user, n_items=4, turns=4, responders="model,style")
    failed = [sample for sample in played.log.samples if sample.error]
    assert [sample.id for sample in failed] == [FIRST.id]
    assert "no message of the simulated user" in failed[0].error.message and "turn 3" in failed[0].error.message
    table = build_table_of(played)
    lost = table[table["item"].astype(str) == FIRST.id]
    assert set(lost["measure"]) == {LOST} and set(lost["arm"]) == {"model", "style"}
    metrics = metrics_of(table)
    assert metrics["model", "dropped_share", ""].estimate == 0.25
    assert {metrics["model", "al", f"turn={k}"].items for k in range(1, 5)} == {3}


def test_failures_of_the_user_reach_the_table(play):
    lines = {2: "How can I help you today?", 4: "How can I help you today?", 6: "My persona says hello."}
    played = play(user=lambda said: lines[len(said)])
    (sample,) = done(played)
    table = build_table_of(played)
    found = {check: list(table[table["measure"] == check].sort_values("turn")["value"]) for check in CHECKS}
    assert found == {
        "role_inversion": [1, 1, 0], "persona_dump": [0, 0, 0], "repetition": [0, 1, 0], "left_character": [0, 0, 1],
    }  # fmt: skip
    assert next(iter(sample.scores.values())).value == 0


def test_strictness_seats_one_model_several_times(play):
    played = play(strictness="lenient,neutral,strict")
    done(played)
    table = build_table_of(played)
    judges = set(table[table["measure"] == "al"]["judge"].astype(str))
    assert judges == {"mockllm/rater", "mockllm/rater@lenient", "mockllm/rater@strict"}
    assert len(played.judge) == 9


def test_an_unreadable_vote_is_missing_and_drops_the_case(play):
    played = play(judge=lambda said: "4" if "number 2" not in said[0][1] else "four or so", n_items=2)
    done(played)
    table = build_table_of(played)
    al = table[table["measure"] == "al"]
    assert list(al.sort_values(["item", "turn"])["missing"].astype(str)) == ["", "unparsed", ""] * 2
    metrics = metrics_of(table)
    assert metrics["model", "dropped_share", ""].estimate == 1 and metrics["model", "valid", ""].estimate == 0


def test_transcripts_can_be_read_back(play, tmp_path):
    played = play(responders="model,no_history")
    done(played)
    file = played.log.location.removeprefix("file://").rsplit("/", 1)[-1]
    lines = read_dialogue(tmp_path, file, FIRST.id, "no_history", 1)
    assert [(line.speaker, line.turn) for line in lines] == [(who, k) for k in (1, 2, 3) for who in ("user", "subject")]


def test_the_log_names_what_was_run(play):
    played = play(personalities="all", n_items=30)
    about = read_eval_log(played.log.location, header_only=True).eval.metadata
    assert (about["items"], about["profiles"], about["personalities"]) == (30, 6, 5)
    assert about["prompts_version"] == read_prompts().version and len(about["prompts_hash"]) == 16
    assert about["required_roles"] == ["user", "judge"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"turns": 1}, "turns"), ({"turns": 21}, "turns"), ({"n_items": 0}, "n_items"), ({"seed": -1}, "seed"),
        ({"responders": "model,oracle"}, "responders"), ({"responders": ""}, "responders"), ({"also": "blind"}, "also"),
        ({"strictness": "mild"}, "strictness"), ({"personalities": "three"}, "personalities"),
        ({"user_tokens": 0}, "user_tokens"),
    ],
)  # fmt: skip
def test_bad_arguments_are_named(arguments, field):
    with pytest.raises(InputError) as error:
        aloe(**arguments)
    assert error.value.field == field


def test_lists_are_taken_like_commas():
    task = aloe(n_items=1, responders=["model", "style"], also=["history"], strictness=["strict", "lenient"])
    assert task.dataset[0].metadata["arm_names"] == ["model", "style"]


@pytest.mark.filterwarnings("ignore:.*is not the file at ALOE's commit")
def test_personas_of_ones_own_are_played(play, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    profiles = [f"She is {20 + i} and collects stamps of country {i}." for i in range(3)]
    traits = [f"She is calm in way {i}." for i in range(5)]
    for name, texts in (("profile_eval", profiles), ("personality_eval", traits)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, texts)))
    played = play(personas=str(folder), n_items=None, turns=2)
    samples = done(played)
    assert len(samples) == 15 and {sample.metadata["domain"] for sample in samples} == {"mine"}
    assert {(fenced(call)[0], fenced(call)[1]) for call in played.judge} == set(product(profiles, traits))


@pytest.mark.reference
@pytest.mark.parametrize(("personalities", "count"), [("five", 100), ("all", 140)])
def test_the_released_cases(personalities, count):
    if not REFERENCE.is_dir():
        pytest.skip("no released files beside the checkout")
    task = aloe(personas=str(REFERENCE), personalities=personalities, also="swapped")
    assert len(task.dataset) == len({sample.id for sample in task.dataset}) == count
    assert task.metadata["profiles"] == 20


def refusal(roles, tmp_path, **arguments) -> str:
    """What a run ends with, in its one sample; nothing is asked."""
    built = {role: [build_model(name, {}) for name in names] for role, names in roles.items()}
    [log] = inspect_eval(
        aloe(n_items=1, turns=2, **arguments), model="mockllm/subject", log_dir=str(tmp_path), display="none",
        model_roles={role: models if len(models) > 1 else models[0] for role, models in built.items()} or None,
        fail_on_error=False,
    )  # fmt: skip
    (sample,) = log.samples
    assert not [event for event in sample.events if event.event == "model"]
    return sample.error.message


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        ({}, "needs the model role 'judge'"),
        ({"judge": ["mockllm/rater"]}, "expected one model, found 0"),
        ({"user": ["mockllm/one", "mockllm/two"], "judge": ["mockllm/rater"]}, "expected one model, found 2"),
        ({"user": ["mockllm/one"], "judge": ["mockllm/rater", "mockllm/one"]}, "mockllm/one also plays the role"),
        ({"user": ["mockllm/llama-3"], "judge": ["mockllm/Llama-2"]}, "of the family of mockllm/Llama-2, which plays"),
        ({"user": ["mockllm/one"], "judge": ["mockllm/subject"]}, "is the model under test"),
    ],
)  # fmt: skip
def test_roles_that_do_not_fit_are_refused(roles, told, tmp_path):
    assert told in refusal(roles, tmp_path)


def test_related_roles_are_allowed_on_demand(talking, tmp_path):
    both, calls = talking(lambda said: "5" if said[0][0] == "user" else f"hello {len(said)}", "both")
    subject, _ = talking(lambda said: "fine", "subject")
    [log] = inspect_eval(aloe(n_items=1, turns=2, allow_same=True), model=subject, display="none",
                         model_roles={"user": both, "judge": both}, log_dir=str(tmp_path))  # fmt: skip
    assert log.status == "success" and len(calls) == 4


def test_a_plan_with_one_model_as_user_and_judge_is_refused_before_anything_runs():
    def plan(**roles):
        return Plan(tasks=(TaskPlan(task="aloe"),), models=("mockllm/subject",), roles=roles)

    same = {"user": ("openai/gpt-5",), "judge": ("mockllm/rater", "openai/gpt-4o")}
    with pytest.raises(InputError, match=r"role user.*openai/gpt-5 is of the family of openai/gpt-4o"):
        check_roles(plan(**same), [aloe(n_items=1)])
    check_roles(plan(**same), [aloe(n_items=1, allow_same=True)])
    check_roles(plan(user=("openai/gpt-5",), judge=("mockllm/rater",)), [aloe(n_items=1)])
    with pytest.raises(InputError, match="needs the model role 'user'"):
        check_roles(plan(judge=("mockllm/rater",)), [aloe(n_items=1)])
