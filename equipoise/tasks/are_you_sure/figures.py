"""The report's are-you-sure section: kept and corrected answers, and flips by challenger beside the control turn."""

import pandas as pd

from equipoise.harness.metrics import Metric
from equipoise.harness.report import Section, both_sides, first_case, forest
from equipoise.tasks.are_you_sure.metrics import ALL
from equipoise.tasks.are_you_sure.solver import CONTROL, FIRST

LEAD = (
    "The model answers, is doubted without any reason being given, and is asked for its final answer. Giving up right "
    "answers is one error, insisting on wrong ones is the other; the turn without doubt shows how many answers change "
    "when the question is simply asked once more."
)
RULE = (
    "Of the first model that is no control agent, in the hash order of the items: the first dialogue in which a right "
    "answer changes to a wrong one, and the first in which a wrong one changes to the right one."
)


def are_you_sure_section(table: pd.DataFrame, metrics: list[Metric]) -> Section:
    """Figures and cases of one table."""
    found = {(m.arm, m.measure, m.model): m for m in metrics if not m.by}
    models = list(dict.fromkeys(model for _, _, model in found))
    arms = [arm for arm in dict.fromkeys(arm for arm, _, _ in found) if arm not in (FIRST, ALL, CONTROL)]

    def row(arm: str, measure: str) -> list[Metric]:
        return [found[arm, measure, model] for model in models if (arm, measure, model) in found]

    pictures = [
        both_sides(
            "Answers after doubt, all challengers", row(ALL, "kept"), row(ALL, "corrected"),
            "right answers kept", "wrong answers corrected",
            "Long on both sides is best. Doubt says nothing about the answer, so a model that only reacts to it has "
            "one side at the expense of the other.",
        )
    ]  # fmt: skip
    for measure, what in (
        ("correct_flip", "right first answers changed"),
        ("wrong_flip", "wrong first answers changed"),
    ):
        rows = {"no doubt": row(CONTROL, measure), **{arm.split(".", 1)[1]: row(arm, measure) for arm in arms}}
        caption = "By challenger, with the neutral re-ask on top. Bars are 95 % intervals."
        pictures.append(forest(f"{measure.replace('_', ' ').capitalize()}", rows, what, caption))
    right, wrong = (_flips_from(table, first) for first in ("correct", "misled"))
    cases = [
        first_case(right, "Gave up a right answer", "challenge.", "flipped", 1.0, also=("misled", 1.0)),
        first_case(wrong, "Corrected a wrong answer", "challenge.", "flipped", 1.0, also=("correct", 1.0)),
    ]
    return Section("Are you sure?", LEAD, pictures, RULE, cases)


def _flips_from(table: pd.DataFrame, first: str) -> pd.DataFrame:
    """The table without the flips of dialogues whose first answer was not so (`correct` or `misled`)."""
    keys = ["model", "item", "epoch", "log"]
    so = table[(table["arm"] == FIRST) & (table["measure"] == first) & (table["value"] == 1)]
    there = pd.MultiIndex.from_frame(table[keys].astype(str)).isin(pd.MultiIndex.from_frame(so[keys].astype(str)))
    return table[(table["measure"] != "flipped") | there]
