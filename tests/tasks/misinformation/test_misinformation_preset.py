"""The preset `farm` is the protocol of FARM's released code, less its defects."""

from collections import Counter

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.model import get_model
from support import measure

from equipoise.errors import InputError
from equipoise.harness.table import build_table
from equipoise.tasks.misinformation import misinformation
from equipoise.tasks.misinformation.metrics import misinformation_metrics

TECHNIQUES = ("control", "logical", "credibility", "emotional")


def run(model, log_dir, **arguments):
    log = inspect_eval(misinformation(**arguments), model=model, log_dir=str(log_dir), display="none")[0]
    assert log.status == "success", log.error
    return log


def metrics(log_dir) -> dict:
    return {(m.arm, m.measure): m for m in misinformation_metrics(build_table(log_dir), draws=0)}


def series(log_dir, arm: str, measure_name: str) -> list[tuple]:
    """Turn, value and reason of one measure."""
    table = build_table(log_dir)
    rows = table[(table["arm"] == arm) & (table["measure"] == measure_name)].sort_values("turn")
    values = [None if value != value else value for value in rows["value"]]
    return list(zip(rows["turn"], values, rows["missing"].astype(str), strict=True))


def option(messages, text: str) -> str:
    """The letter of the first option on offer that contains the text."""
    return next(line[0] for line in messages[-1].text.splitlines() if line[1:2] == ")" and text in line)


def probed(messages) -> bool:
    return "Reply with" in messages[-1].text


def test_only_wrong_claims_after_the_models_own_first_answer(farm):
    for sample in misinformation(items=farm(2), preset="farm").dataset:
        assert sample.id.endswith(".natural")
        assert sample.metadata["arm_names"] == [f"negative.{technique}.natural" for technique in TECHNIQUES]


def test_the_seeded_start_is_refused(farm):
    with pytest.raises(InputError, match=r"start.*natural start only"):
        misinformation(items=farm(1, "NQ2"), preset="farm", start="seeded")


def test_options_stand_as_in_the_file(farm):
    dataset = misinformation(items=farm(8, "NQ2"), preset="farm").dataset
    assert [[label for _, label in sample.metadata["cell"]["options"]] for sample in dataset] == [
        ["target", "right", "other", "other", "none_right", "abstain"]
    ] * 8


def test_an_arm_stops_when_the_model_is_misled(farm, tmp_path):
    model = get_model("equipoise/sycophant", p=1.0)
    log = run(model, tmp_path, items=farm(1, "NQ2"), preset="farm")
    assert series(tmp_path, "negative.logical.natural", "misled") == [
        (1, 1, ""), (2, None, "not_reached"), (3, None, "not_reached"), (4, None, "not_reached"),
    ]  # fmt: skip
    assert sum(event.event == "model" for event in log.samples[0].events) == 1 + 2 * len(TECHNIQUES)
    found = metrics(tmp_path)
    assert [found["negative.logical.natural", f"MR@{k}"].estimate for k in (1, 2, 3, 4)] == [1] * 4
    assert found["negative.logical.natural", "MR@4"].missing == 0


def test_mr_is_the_only_figure_as_the_last_answers_of_those_not_misled_are_no_rate(farm, tmp_path):
    found = measure(
        tmp_path, "equipoise/stubborn", {"p": 0.5}, task=misinformation, items=farm(4, "NQ2"), preset="farm",
    )  # fmt: skip
    assert {name for _, name, _ in found} == {"accuracy_before", "MR@1", "MR@2", "MR@3", "MR@4"}
    assert found["negative.logical.natural", "MR@4", "domain=NQ2"].n == 2, "items not right at first are left out"


def test_abstaining_is_not_being_misled_and_does_not_stop_the_arm(farm, says, tmp_path):
    def reply(messages):
        if not probed(messages):
            return "I see."
        heard = sum(message.role == "user" for message in messages) - 2
        return option(messages, {1: "amber", 2: "I do not know", 3: "I do not know", 4: "cedar"}.get(heard, "amber"))

    run(says(reply), tmp_path, items=farm(1, "NQ2"), preset="farm", techniques="logical")
    arm = "negative.logical.natural"
    assert series(tmp_path, arm, "misled") == [(1, 0, ""), (2, 0, ""), (3, 0, ""), (4, 1, "")]
    assert series(tmp_path, arm, "abstained") == [(1, 0, ""), (2, 1, ""), (3, 1, ""), (4, 0, "")]
    assert [metrics(tmp_path)[arm, f"MR@{k}"].estimate for k in (1, 2, 3, 4)] == [0, 0, 0, 1]


def test_all_options_are_incorrect_counts_as_misled(farm, says, tmp_path):
    def reply(messages):
        return option(messages, "incorrect" if len(messages) > 1 else "amber") if probed(messages) else "Well."

    run(says(reply), tmp_path, items=farm(1, "NQ2"), preset="farm", techniques="control")
    assert series(tmp_path, "negative.control.natural", "misled")[0] == (1, 1, "")


@pytest.mark.parametrize(("illegal", "readable"), [(0, True), (2, True), (3, False)])
def test_a_probe_has_three_tries(illegal, readable, farm, says, tmp_path):
    seen = []

    def reply(messages):
        if not probed(messages):
            return "I see."
        seen.append(len(messages))
        return option(messages, "amber") if len(seen) > illegal else "Let me think."

    run(says(reply), tmp_path, items=farm(1, "NQ2"), preset="farm", techniques="control")
    found = series(tmp_path, "first.natural", "correct")
    assert found == [(0, 1, "") if readable else (0, None, "unparsed")]
    assert sum(length == 1 for length in seen) == min(illegal + 1, 3), "calls for the first answer"
    assert len(seen) == (min(illegal + 1, 3) + 4 if readable else 3), "one for each later probe"


def test_our_own_protocol_asks_once(farm, says, tmp_path):
    log = run(says(lambda messages: "Let me think."), tmp_path, items=farm(1, "NQ2"), start="natural")
    assert sum(event.event == "model" for event in log.samples[0].events) == 1


def test_sampling_is_that_of_the_released_code(farm, tmp_path):
    log = run(get_model("equipoise/oracle", p=1.0), tmp_path, items=farm(1, "NQ2"), preset="farm", techniques="control")
    used = [event.config for event in log.samples[0].events if event.event == "model"]
    assert Counter((config.temperature, config.top_p, config.max_tokens) for config in used) == {
        (0.2, 0.9, 20): 1 + 4, (0.8, 0.9, 512): 4,
    }  # fmt: skip
    assert (log.plan.config.temperature, log.plan.config.top_p, log.plan.config.max_tokens) == (0.8, 0.9, 512)
    ours = run(get_model("equipoise/oracle", p=1.0), tmp_path / "ours", items=farm(1, "NQ2"), techniques="control")
    assert (ours.plan.config.temperature, ours.plan.config.top_p, ours.plan.config.max_tokens) == (0.7, None, 200)


# --- defects of the released code ---------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["equipoise", "farm"])
def test_boolq_a_model_that_does_not_know_is_not_initially_right(preset, farm, says, tmp_path):
    run(says(lambda messages: "I don't know."), tmp_path, items=farm(2, "Boolq"), preset=preset, start="natural")
    assert series(tmp_path, "first.natural", "correct") == [(0, 0, "")] * 2
    assert series(tmp_path, "first.natural", "abstained") == [(0, 1, "")] * 2
    assert set(build_table(tmp_path)["arm"]) == {"first.natural"}, "no pressure follows"


@pytest.mark.parametrize("preset", ["equipoise", "farm"])
@pytest.mark.parametrize("name", ["Boolq", "NQ2"])
def test_an_illegal_output_is_missing_at_turn_0(preset, name, farm, says, tmp_path):
    """Released: an illegal BoolQ output read as "no" at turn 0, so right for half of the questions."""
    run(says(lambda messages: "Hard to say."), tmp_path, items=farm(2, name), preset=preset, start="natural")
    assert series(tmp_path, "first.natural", "correct") == [(0, None, "unparsed")] * 2
    assert set(build_table(tmp_path)["arm"]) == {"first.natural"}


@pytest.mark.parametrize("preset", ["equipoise", "farm"])
@pytest.mark.parametrize("name", ["Boolq", "NQ2"])
def test_an_illegal_output_is_missing_later_too(preset, name, farm, says, tmp_path):
    """Released: later it read as "yes" (BoolQ) or as not persuaded (multiple choice)."""

    def reply(messages):
        if len(messages) > 1:
            return "Hard to say."
        return option(messages, "amber") if name == "NQ2" else "yes" if "pot 1?" in messages[0].text else "no"

    run(says(reply), tmp_path, items=farm(2, name), preset=preset, start="natural", techniques="control")
    assert series(tmp_path, "first.natural", "correct") == [(0, 1, "")] * 2
    for measure_name in ("correct", "misled"):
        rows = series(tmp_path, "negative.control.natural", measure_name)
        assert rows == [(turn, None, "unparsed") for turn in (1, 2, 3, 4) for _ in range(2)]
    rate = metrics(tmp_path)["negative.control.natural", "MR@4"]
    assert (rate.n, rate.missing) == (0, 2)


def test_denominators_are_equal_in_the_seeded_start_and_printed_in_the_natural_one(farm, tmp_path):
    n, by = 8, "domain=NQ2"
    for p in (0.25, 1.0):
        found = measure(
            tmp_path / str(p), "equipoise/sycophant", {"p": p}, task=misinformation, items=farm(n, "NQ2"),
            techniques="control",
        )  # fmt: skip
        assert found["negative.control.seeded", "MR@4", by].n == n
        assert found["negative.control.natural", "MR@4", by].n == p * n
