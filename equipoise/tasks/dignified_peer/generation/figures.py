"""The report's section on generation: both sides, the dimensions with their references, the judging, transcripts."""

import pandas as pd

from equipoise.harness.metrics import Metric
from equipoise.harness.report import Picture, Section, both_sides, first_case
from equipoise.harness.report.charts import short_name
from equipoise.tasks.dignified_peer.charts import Rows, dots
from equipoise.tasks.dignified_peer.dimensions import DIMENSIONS, NAMES
from equipoise.tasks.dignified_peer.generation.arms import MODEL, SERVANT, TOLD
from equipoise.tasks.dignified_peer.generation.marks import MAJORITY
from equipoise.tasks.dignified_peer.items import GOLDEN, reject

LEAD = (
    "A user's question calls for several of anti-sycophancy, trustworthiness, empathy and creativity, and the model "
    "answers it without being told so. Each judge marks four criteria of each dimension that the question calls for. "
    "Judges differ in severity, and these shares do not take that out: compare models judged by the same panel, and "
    "read a share between the references where they were run."
)
RULE = (
    "Of the first model that is no control agent, in the hash order of the items: the first answer in which a judge "
    "finds no open disagreement where a belief is flawed, the first in which a judge finds no word to the user's "
    "feeling where one is called for, and the first with boilerplate from the phrase list."
)
TITLES = {"A": "anti-sycophancy", "T": "trustworthiness", "E": "empathy", "C": "creativity"}


def generation_section(table: pd.DataFrame, metrics: list[Metric]) -> Section:
    """Figures and cases of one table."""
    drawn = (_sides(metrics), _dimensions(metrics), _wholes(metrics), _servant(metrics), _purity(metrics),
             _judges(metrics))  # fmt: skip
    cases = [
        first_case(table, "No open disagreement, says a judge", MODEL, "anti_sycophancy.disagrees", 0.0),
        first_case(table, "No word to the feeling, says a judge", MODEL, "empathy.feeling", 0.0),
        first_case(table, "Boilerplate", MODEL, "disclaimer", 1.0),
    ]
    return Section("Dignified Peer: generation", LEAD, [picture for picture in drawn if picture], RULE, cases)


def _of(metrics: list[Metric], measure: str, arm: str = MODEL, by: str = "") -> list[Metric]:
    return [metric for metric in metrics if (metric.measure, metric.arm, metric.by) == (measure, arm, by)]


def _rows(metrics: list[Metric], measures: dict[str, str], arm: str = MODEL) -> Rows:
    """Label -> metrics, of the measures that there are."""
    return {text: found for measure, text in measures.items() if (found := _of(metrics, measure, arm))}


def _references(metrics: list[Metric], measures: dict[str, str]) -> dict[str, Rows]:
    """The same measures in the arms with a reference system prompt, where they were run."""
    named = (("told what is asked", TOLD), ("evasive servant", SERVANT))
    return {text: found for text, arm in named if (found := _rows(metrics, measures, arm))}


def _sides(metrics: list[Metric]) -> Picture | None:
    left, right = _of(metrics, "stands"), _of(metrics, "responds")
    if not (left and right):
        return None
    return both_sides(
        "Stands and responds", left, right, "stands", "responds",
        "Share of answers that meet every criterion of anti-sycophancy and trustworthiness (left), of empathy and "
        "creativity (right), as far as their question calls for them; averaged over judges. Long on both sides is "
        "best. Bars are 95 % intervals.",
    )  # fmt: skip


def _dimensions(metrics: list[Metric]) -> Picture | None:
    measures = {NAMES[d]: TITLES[d] for d in DIMENSIONS}
    rows = _rows(metrics, measures)
    if not rows:
        return None
    beside = _references(metrics, measures)
    levels = {
        "golden answer": {TITLES[d]: m.estimate for d in DIMENSIONS for m in _of(metrics, NAMES[d], GOLDEN)[:1]},
        "answer made to fail it": {
            TITLES[d]: m.estimate for d in DIMENSIONS for m in _of(metrics, NAMES[d], reject(d))[:1]
        },
    }
    return dots(
        "Criteria met, by dimension", rows, "share of criteria, averaged over judges",
        "Faint marks are the same model with a reference system prompt; lines are answers that come with the items, "
        "judged like any other. Hollow marks are control agents; bars are 95 % intervals.",
        beside, {name: known for name, known in levels.items() if known},
    )  # fmt: skip


def _wholes(metrics: list[Metric]) -> Picture | None:
    """Answers that meet a whole dimension or the whole mask, averaged over judges and by majority."""
    measures = {"all_of_mask": "whole mask", f"all_of_mask_{MAJORITY}": "whole mask, majority",
                **{f"{NAMES[d]}_full": TITLES[d] for d in DIMENSIONS}}  # fmt: skip
    rows = _rows(metrics, measures)
    if not rows:
        return None
    beside = _references(metrics, measures)
    golden = {text: m.estimate for measure, text in measures.items() for m in _of(metrics, measure, GOLDEN)[:1]}
    return dots(
        "Answers that meet every criterion", rows, "share of answers",
        "All four criteria of a dimension, or of every dimension that the question calls for. A golden answer well "
        "below 1 says that rubric or judges, not the models, set the limit. Bars are 95 % intervals.",
        beside, {"golden answer": golden} if golden else None,
    )  # fmt: skip


def _servant(metrics: list[Metric]) -> Picture | None:
    measures = {"refused": "refuses", "disclaimer": "boilerplate"}
    rows = _rows(metrics, measures)
    if not rows:
        return None
    beside = _references(metrics, measures)
    lengths = ", ".join(f"{m.model.rsplit('/', 1)[-1]} {m.estimate:.0f}" for m in _of(metrics, "words"))
    return dots(
        "The evasive servant, by rule", rows, "share of answers",
        f"By versioned lists of phrases, no judge. Mean length in words: {lengths}. Bars are 95 % intervals.", beside,
    )  # fmt: skip


def _purity(metrics: list[Metric]) -> Picture | None:
    """Whether rubric and judges tell the single failures apart: the judging is under test here, not the model."""
    first = next((m.model for m in metrics if m.arm == GOLDEN), None)
    own = [metric for metric in metrics if metric.model == first]
    rows: dict[str, list[Metric]] = {}
    beside: dict[str, dict[str, list[Metric]]] = {"does not fail it": {}, "also fails another": {}}
    if found := _of(own, f"all_of_mask_{MAJORITY}", GOLDEN):
        rows["golden: meets its mask"] = found
    for dimension in DIMENSIONS:
        if found := _of(own, f"pure_{MAJORITY}", reject(dimension)):
            label = f"fails {TITLES[dimension]} alone"
            rows[label] = found
            beside["does not fail it"][label] = _of(own, f"not_failed_{MAJORITY}", reject(dimension))
            beside["also fails another"][label] = _of(own, f"collateral_{MAJORITY}", reject(dimension))
    if not rows:
        return None
    return dots(
        "Check of the judging on the items' own answers", rows, "share of answers, by majority of the judges",
        "Each row but the first is about the answers made to fail that dimension and no other. Best: 1 in every row, "
        "and both faint marks at 0. What is off here is due to items, rubric or judges. The answers are the same for "
        "every model; the run of one is shown. Bars are 95 % intervals.",
        beside,
    )  # fmt: skip


def _judges(metrics: list[Metric]) -> Picture | None:
    """How far the judges differ on the same answers."""
    names = sorted({m.by.removeprefix("judge=") for m in metrics if m.by.startswith("judge=")})
    rows: dict[str, list[Metric]] = {}
    for name in names:
        if found := _of(metrics, "criteria_met", by=f"judge={name}"):
            label = short_name(name)
            rows[label if label not in rows else f"{label} ({len(rows) + 1})"] = found
    if len(rows) < 2:
        return None
    return dots(
        "Criteria met, judge by judge", rows, "share of criteria over the whole mask",
        "The same answers in every row: differences between rows are severity. Bars are 95 % intervals.",
    )  # fmt: skip
