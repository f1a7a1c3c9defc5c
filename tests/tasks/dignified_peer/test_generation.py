"""Generation: exact values of the control agents with scripted judges, arms, references, missing votes, the halo."""

import math

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import read_eval_log
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from support import measure

from equipoise.errors import InputError
from equipoise.harness.agents import publish_levels
from equipoise.harness.metrics import compute_metrics
from equipoise.harness.run import build_model
from equipoise.harness.table import build_table
from equipoise.judges import FENCE, Judge, PanelOptions, exhibits_of, rejudge, rubric_named
from equipoise.tasks.dignified_peer import dignified_peer_generation as task
from equipoise.tasks.dignified_peer.dimensions import DIMENSIONS, NAMES
from equipoise.tasks.dignified_peer.generation.arms import off_mask, publish_answers
from equipoise.tasks.dignified_peer.generation.figures import generation_section

from .made import MASKS, item, write_items

PANEL = ["equipoise/judge", "equipoise/judge:seed=1", "equipoise/judge:severity=1"]
"""Two judges that tell the truth and one, a point stricter, to whom nothing is good enough."""

AGREED = 2 / 3

EXACT = {
    # agent: stands, responds, all_of_mask, then criteria met of A, T, E, C: the truth, before the strict judge
    "oracle": (1, 1, 1, 1, 1, 1, 1),
    "sycophant": (0, 1, 1 / 11, 0, 4 / 7, 1, 1),
    "stubborn": (1, 0, 1 / 11, 1, 1, 0, 4 / 7),
}
MEASURES = ("stands", "responds", "all_of_mask", *NAMES.values())


def test_every_dimension_has_four_criteria_with_anchors_of_their_own():
    for name in NAMES.values():
        rubric = rubric_named(name)
        assert (rubric.dimension, rubric.judged, rubric.scale) == (name, "separately", ())
        assert set(rubric.fields) == {"question", "response"}
        assert len(rubric.criteria) == 4
        for criterion in rubric.criteria:
            assert [(point.reply, point.value) for point in criterion.scale] == [("0", 0), ("1", 1)]
    anchors = [p.means for name in NAMES.values() for c in rubric_named(name).criteria for p in c.scale]
    assert len(set(anchors)) == len(anchors) == 32


@pytest.mark.parametrize("agent", list(EXACT))
def test_exact_values(agent, tmp_path):
    found = measure(tmp_path, f"equipoise/{agent}", task=task, roles={"judge": PANEL}, n_items=11)
    for name, value in zip(MEASURES, EXACT[agent], strict=True):
        assert found["model", name, ""].estimate == pytest.approx(AGREED * value, abs=1e-12), name
        for judge in PANEL:
            truth = 0 if "severity" in judge else value
            assert found["model", name, f"judge={judge}"].estimate == pytest.approx(truth, abs=1e-12), (name, judge)
        if name not in NAMES.values():
            assert found["model", f"{name}_majority", ""].estimate == pytest.approx(value, abs=1e-12), name
    for name in NAMES.values():  # the scripted judges' levels are the same in all four criteria
        assert found["model", f"{name}_full", ""].estimate == pytest.approx(found["model", name, ""].estimate)
        for criterion in rubric_named(name).criteria:
            alone = found["model", f"{name}.{criterion.name}", ""]
            assert alone.estimate == pytest.approx(found["model", name, ""].estimate) and alone.n == 7 * 3
    whole = found["model", "all_of_mask", ""]
    assert (whole.n, whole.items, whole.missing) == (33, 11, 0)
    assert (found["model", "stands", ""].items, found["model", "responds", ""].items) == (10, 10)
    assert found["model", "criteria_met", ""].n == (6 * 2 + 4 * 3 + 4) * 4 * 3
    assert [found["model", "all_of_mask", f"size={size}"].items for size in (2, 3, 4)] == [6, 4, 1]
    assert found["model", "refused", ""].estimate == found["model", "disclaimer", ""].estimate == 0
    assert all(metric.missing == 0 for metric in found.values())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_is_within_four_standard_errors(seed, tmp_path):
    n = 33
    found = measure(
        tmp_path,
        "equipoise/random",
        {"seed": seed},
        task=task,
        roles={"judge": "equipoise/judge"},
        n_items=n,
        joint=True,
    )
    sizes = {2: 18, 3: 12, 4: 3}
    expected = sum(count / (size + 1) for size, count in sizes.items()) / n
    error = math.sqrt(sum(count * size / (size + 1) ** 2 for size, count in sizes.items())) / n
    assert abs(found["model", "all_of_mask", ""].estimate - expected) < 4 * error
    kept = {2: (9, 2 / 3), 3: (9, 3 / 4), 4: (3, 4 / 5)}  # masks with a given dimension, and how often it is met
    expected = sum(count * p for count, p in kept.values()) / 21
    error = math.sqrt(sum(count * p * (1 - p) for count, p in kept.values())) / 21
    for name in NAMES.values():
        assert abs(found["model", name, ""].estimate - expected) < 4 * error, name


@pytest.fixture
def three(tmp_path):
    """Three made-up items; each dimension is in two of them."""
    return str(write_items(tmp_path / "three.jsonl", [item(mask) for mask in ("ATE", "AEC", "TC")]))


def test_single_failures_and_references_as_responders(three, tmp_path):
    """Every arm of the items' own answers gets exactly what it was made to be; the strict judge loses all of them."""
    arguments = {"items": three, "bounds": True, "swapped": True}
    found = measure(tmp_path / "logs", "equipoise/oracle", task=task, roles={"judge": PANEL}, **arguments)
    truth, strict = f"judge={PANEL[0]}", f"judge={PANEL[2]}"
    assert found["golden", "all_of_mask", truth].estimate == 1 and found["golden", "all_of_mask", strict].estimate == 0
    assert found["golden", "all_of_mask", ""].estimate == pytest.approx(AGREED)
    assert found["golden", "all_of_mask_majority", ""].estimate == 1
    for dimension in DIMENSIONS:
        arm = f"reject_{dimension}"
        values = {name: [found[arm, name, by].estimate for by in (truth, strict)]
                  for name in ("pure", "not_failed", "collateral")}  # fmt: skip
        assert values == {"pure": [1, 0], "not_failed": [0, 0], "collateral": [0, 1]}, arm
        assert found[arm, "pure_majority", ""].estimate == 1 and found[arm, "pure", ""].items == 2
        assert found[arm, NAMES[dimension], truth].estimate == 0
        others = [found[arm, NAMES[other], truth].estimate for other in DIMENSIONS if other != dimension]
        assert others == [1, 1, 1]
    low, high = found["golden", "all_of_mask", truth].low, found["golden", "all_of_mask", truth].high
    assert 0 < low < 1 == high  # no certainty from three answers
    assert found["model", "off_mask", truth].estimate == 0 and found["model", "off_mask", ""].items == 3
    assert found["model", "on_minus_off_mask", truth].estimate == 1
    assert found["model", "criteria_met", truth].n == 8 * 4 and found["model", "off_mask", truth].n == 3 * 4
    assert math.isnan(found["model", "position", ""].estimate)  # agents do not read system prompts: no range
    assert found["model", "position_undefined_draws", ""].estimate == 200


def test_a_mask_of_one_dimension_is_pure_if_it_fails(tmp_path):
    path = write_items(tmp_path / "one.jsonl", [item(mask) for mask in "ATEC"])
    found = measure(
        tmp_path / "logs", "equipoise/oracle", task=task, roles={"judge": PANEL[:1]}, items=str(path), bounds=True
    )
    for dimension in DIMENSIONS:
        assert found[f"reject_{dimension}", "pure", ""].estimate == 1
        assert (f"reject_{dimension}", "collateral", "") not in found


class Told:
    """A subject that reads system prompts: told = golden, servant = first reject, alone = golden every 4th time."""

    def __init__(self, items):
        self.items = {each.prompt: (place, each) for place, each in enumerate(items)}
        self.asked = []
        self.model = get_model("mockllm/model", memoize=False, custom_outputs=self.answer)

    def answer(self, messages, tools, tool_choice, config):
        self.asked.append([(message.role, message.text) for message in messages])
        place, each = self.items[messages[-1].text]
        system = messages[0].text if messages[0].role == "system" else ""
        good = "qualities" in system or (not system and place % 4 == 0)
        output = ModelOutput.from_content("mockllm/model", each.golden if good else each.rejected(each.mask[0]))
        output.usage = ModelUsage()
        return output


def evaluate(model, tmp_path, judges, **arguments):
    roles = {"judge": [build_model(name, {}) if isinstance(name, str) else name for name in judges]} if judges else None
    (log,) = inspect_eval(task(**arguments), model=model, model_roles=roles, log_dir=str(tmp_path), display="none",
                          fail_on_error=False)  # fmt: skip
    return log


def found_in(logs):
    return {(m.arm, m.measure, m.by): m for m in compute_metrics(build_table(logs), draws=50)}


def test_position_between_the_evasive_servant_and_the_told_model(tmp_path):
    made = [item("AE", i) for i in range(8)]
    subject = Told(made)
    path = write_items(tmp_path / "made.jsonl", made)
    log = evaluate(subject.model, tmp_path / "logs", PANEL[:1], items=str(path), bounds=True)
    assert log.status == "success", log.error
    found = found_in(tmp_path / "logs")
    met = {arm: found[arm, "criteria_met", ""].estimate for arm in ("model", "told", "servant")}
    assert met == {"told": 1, "servant": 0.5, "model": 0.625}
    position = found["model", "position", ""]
    assert position.estimate == pytest.approx(0.25) and position.low < 0.25 < position.high
    assert found["model", "position", "dimension=anti_sycophancy"].estimate == pytest.approx(0.25)
    assert math.isnan(found["model", "position", "dimension=empathy"].estimate)  # both references meet it
    assert found["model", "model_minus_servant", ""].estimate == pytest.approx(0.125)
    assert found["model", "told_minus_model", ""].estimate == pytest.approx(0.375)
    assert len(subject.asked) == 3 * 8
    for seen in subject.asked:
        assert seen[-1] in [("user", each.prompt) for each in made] and len(seen) <= 2
    systems = {seen[0][1] for seen in subject.asked if len(seen) == 2}
    [told] = [text for text in systems if "qualities" in text]
    assert len(systems) == 2 and "Anti-sycophancy:" in told and "Empathy:" in told and "Creativity" not in told
    assert sum(len(seen) == 1 for seen in subject.asked) == 8  # the model under test gets no system prompt


def test_without_bounds_only_the_model_answers(tmp_path):
    made = [item("AE", i) for i in range(2)]
    subject = Told(made)
    path = write_items(tmp_path / "made.jsonl", made)
    log = evaluate(subject.model, tmp_path / "logs", PANEL[:1], items=str(path))
    assert set(build_table(tmp_path / "logs")["arm"]) == {"model"} and len(subject.asked) == 2
    shown = exhibits_of(read_eval_log(log.location).samples[0])
    assert [each.rubric for each in shown] == ["anti_sycophancy", "empathy"]
    assert all(set(each.fields) == {"question", "response"} and not each.measure for each in shown)


def test_the_swapped_dimension_is_outside_the_mask_and_hidden_from_the_judge(tmp_path):
    seen = []

    def judge(messages, *_):
        seen.append(messages[0].text)
        output = ModelOutput.from_content("mockllm/judge", "1")
        output.usage = ModelUsage()
        return output

    made = [item(mask) for mask in ("AE", "ATEC")]
    subject = Told(made)
    path = write_items(tmp_path / "made.jsonl", made)
    model = get_model("mockllm/judge", memoize=False, custom_outputs=judge)
    evaluate(subject.model, tmp_path / "logs", [model], items=str(path), swapped=True, allow_same=True)
    table = build_table(tmp_path / "logs")
    off = table[table["measure"].astype(str).str.startswith("off_mask_")]
    assert set(off["item"]) == {"made-ae-0"} and len(off) == 4
    assert off["measure"].astype(str).iloc[0].split(".")[0] in ("off_mask_trustworthiness", "off_mask_creativity")
    assert len(seen) == 2 * 4 + 4 + 4 * 4
    for prompt in seen:
        assert prompt.split("\n").count(FENCE) == 4
        for word in ("off_mask", "golden", "reject", "mockllm", "Context of", "Trigger of"):
            assert word not in prompt.replace(made[0].golden, "").replace(made[1].golden, "")
    found = found_in(tmp_path / "logs")
    assert found["model", "off_mask", ""].estimate == 1 and found["model", "on_minus_off_mask", ""].estimate == 0


def test_the_off_mask_dimension_is_drawn_with_the_seed():
    drawn = [{off_mask(item(mask, i), seed) for i in range(30) for seed in (0, 1)} for mask in MASKS]
    for mask, found in zip(MASKS, drawn, strict=True):
        assert found == (set(DIMENSIONS) - set(mask) or {None})
    made = [item("A", i) for i in range(30)]
    assert [off_mask(each, 0) for each in made] == [off_mask(each, 0) for each in made]
    assert [off_mask(each, 0) for each in made] != [off_mask(each, 1) for each in made]


def test_no_judge_no_call(tmp_path):
    subject = Told([])
    log = evaluate(subject.model, tmp_path, [], n_items=1)
    assert "--model-role judge" in log.samples[0].error.message and not subject.asked
    assert log.eval.metadata["required_roles"] == ["judge"]


def test_the_subject_never_judges_itself_unless_allowed(tmp_path):
    made = [item("AE")]
    path = write_items(tmp_path / "made.jsonl", made)
    subject = Told(made)
    log = evaluate(subject.model, tmp_path / "logs", [subject.model], items=str(path))
    assert "model under test" in log.samples[0].error.message and not subject.asked


def test_missing_votes_are_counted_and_never_zero(tmp_path):
    """A judge that never answers beside one that does: the panel's values stand, the majority of two is open."""
    panel = [PANEL[0], "equipoise/judge:failure=1"]
    found = measure(tmp_path, "equipoise/oracle", task=task, roles={"judge": panel}, n_items=11, joint=True)
    whole = found["model", "all_of_mask", ""]
    assert (whole.estimate, whole.n, whole.missing) == (1, 11, 11)
    dead = found["model", "all_of_mask", f"judge={panel[1]}"]
    assert math.isnan(dead.estimate) and (dead.n, dead.missing) == (0, 11)
    majority = found["model", "all_of_mask_majority", ""]
    assert math.isnan(majority.estimate) and majority.missing == 11  # 1 of 2 is no strict majority, nor its absence
    assert found["model", "missing_votes", f"judge={panel[1]}"].estimate == 1
    lost = found["model", "missing_votes", f"judge={panel[0]}"]
    assert (lost.estimate, lost.n, lost.missing) == (0, 28 * 4, 0)


@pytest.mark.parametrize(("stop", "refused", "reason"), [("stop", None, "unparsed"), ("content_filter", 1, "refused")])
def test_empty_and_filtered_replies_are_missing_to_every_judge(stop, refused, reason, tmp_path):
    made = [item("AE", i) for i in range(2)]
    publish_answers(made)
    path = write_items(tmp_path / "made.jsonl", made)

    def answer(messages, *_):
        good = messages[-1].text == made[0].prompt
        output = ModelOutput.from_content("mockllm/model", made[0].golden if good else " ",
                                          stop_reason="stop" if good else stop)  # fmt: skip
        output.usage = ModelUsage()
        return output

    model = get_model("mockllm/model", memoize=False, custom_outputs=answer)
    log = evaluate(model, tmp_path / "logs", PANEL[:2], items=str(path))
    assert log.status == "success", log.error
    table = build_table(tmp_path / "logs")
    rows = table[table["item"] == "made-ae-1"].set_index("measure")
    assert rows.loc["words", "missing"] == reason and set(rows["judge"]) == {""}
    assert rows.loc["refused", "value"] == 1 if refused else rows.loc["refused", "missing"] == "unparsed"
    found = found_in(tmp_path / "logs")
    for measure_, n, missing in (("all_of_mask", 2, 2), ("anti_sycophancy", 8, 8), ("all_of_mask_majority", 1, 1)):
        metric = found["model", measure_, ""]
        assert (metric.estimate, metric.n, metric.missing) == (1, n, missing), measure_


def test_refusals_boilerplate_and_length_by_rule(tmp_path):
    made = [item("AE", i) for i in range(3)]
    path = write_items(tmp_path / "made.jsonl", made)
    said = ("I can't help with that.", "As an AI I have no opinion, but sell the boat.", "Sell the boat.")
    replies = dict(zip((each.prompt for each in made), said, strict=True))
    publish_levels({text: {"*": 1.0} for text in replies.values()})

    def answer(messages, *_):
        output = ModelOutput.from_content("mockllm/model", replies[messages[-1].text])
        output.usage = ModelUsage()
        return output

    model = get_model("mockllm/model", memoize=False, custom_outputs=answer)
    log = evaluate(model, tmp_path / "logs", PANEL[:1], items=str(path))
    found = found_in(tmp_path / "logs")
    assert found["model", "refused", ""].estimate == pytest.approx(1 / 3)
    assert found["model", "disclaimer", ""].estimate == pytest.approx(1 / 3)
    assert found["model", "words", ""].estimate == pytest.approx((5 + 11 + 3) / 3, abs=1e-5)
    values = [score.value for sample in log.samples for score in sample.scores.values()]
    assert sorted(values) == [0, 0, 1]


def test_strictness_and_joint_calls(tmp_path):
    """Two instructions are two judges; in one call or in four, scripted judges say the same."""
    arguments = {"n_items": 5, "strictness": "neutral,strict"}
    apart = measure(tmp_path / "a", "equipoise/sycophant", task=task, roles={"judge": PANEL[:1]}, **arguments)
    joint = measure(
        tmp_path / "j", "equipoise/sycophant", task=task, roles={"judge": PANEL[:1]}, joint=True, **arguments
    )
    judges = {by for _, _, by in apart if by.startswith("judge=")}
    assert judges == {"judge=equipoise/judge", "judge=equipoise/judge@strict"}
    assert set(apart) == set(joint)
    for key, metric in apart.items():
        assert joint[key].estimate == pytest.approx(metric.estimate, nan_ok=True)


def test_a_judge_that_is_added_later_counts_like_the_others(tmp_path):
    measure(tmp_path, "equipoise/oracle", task=task, roles={"judge": PANEL[:1]}, n_items=4)
    later = [Judge(build_model(PANEL[2], {}))]
    rejudge(tmp_path, later, PanelOptions(), dimensions=["anti_sycophancy", "trustworthiness"])
    found = found_in(tmp_path)
    assert found["model", "anti_sycophancy", ""].estimate == 0.5
    assert found["model", "stands", ""].estimate == 0.5 and found["model", "stands", ""].missing == 0
    # Not asked about E and C: no value where the mask has them, and none missing.
    assert found["model", "empathy", ""].estimate == 1 and found["model", "responds", ""].estimate == 1
    assert ("model", "empathy", f"judge={PANEL[2]}") not in found
    whole = found["model", "all_of_mask", ""]
    assert whole.missing == 0 and whole.n == 4 + sum(
        set(mask) <= set("AT") for mask in build_table(tmp_path).groupby("item", observed=True)["domain"].first()
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [({"n_items": 0}, "n_items"), ({"seed": -1}, "seed"), ({"strictness": "harsh"}, "strictness"),
     ({"items": "gone.csv"}, r"gone\.csv")],
)  # fmt: skip
def test_bad_arguments(arguments, named):
    with pytest.raises(InputError, match=named):
        task(**arguments)


def test_the_section_draws_what_was_measured(three, tmp_path):
    arguments = {"items": three, "bounds": True, "joint": True}
    for agent in ("oracle", "sycophant"):
        measure(tmp_path / "logs", f"equipoise/{agent}", task=task, roles={"judge": PANEL}, **arguments)
    table = build_table(tmp_path / "logs")
    metrics = compute_metrics(table, draws=0)
    section = generation_section(table, metrics)
    sides, dimensions, _, servant, purity, judges = section.pictures
    assert "stands: oracle 0.67, sycophant 0.00" in sides.alt
    assert "anti-sycophancy: oracle 0.67, sycophant 0.00" in dimensions.alt and "evasive servant" in dimensions.alt
    assert "golden answer 0.67" in dimensions.alt and "answer made to fail it 0.00" in dimensions.alt
    assert "refuses: oracle 0.00" in servant.alt and "Mean length in words: oracle" in servant.caption
    assert "golden: meets its mask: oracle 1.00" in purity.alt
    assert (
        "fails empathy alone: oracle 1.00, oracle, does not fail it, 0.00, oracle, also fails another, 0.00"
        in purity.alt
    )
    assert "judge:severity=1: oracle 0.00" in judges.alt
    assert section.cases[0].title == "No open disagreement, says a judge"
    exact = [metric for metric in metrics if metric.measure in ("refused", "disclaimer", "words")]
    assert len(generation_section(table[table["judge"] == ""], exact).pictures) == 1  # no votes: only what rules tell
