"""The judges' page of the report: how strict each judge is, how far they agree, how often each fails."""

from collections.abc import Sequence
from typing import Any, cast

import pandas as pd

from equipoise.harness.metrics import Metric
from equipoise.harness.report.charts import forest
from equipoise.harness.report.sections import Page, Table
from equipoise.harness.report.theme import Picture
from equipoise.harness.roles import related
from equipoise.judges.agreement import Agreement, Estimate, agreement

TITLE = "Judges"
LEAD = (
    "Every judged number above is an average of these judges' votes. Severity is how far a judge's votes lie below the "
    "others' on the same material; it moves every model that this judge alone has seen. Agreement is Krippendorff's "
    "alpha: 1 = the same votes, 0 = no more alike than by chance. Alpha is low, too, where the material hardly differs."
)
HEADINGS = ("judge", "votes", "missing", "mean", "severity", "r with others", "at the ends")
MOST_ROWS = 12
"""Measures in one picture; more are drawn in several."""

FEW = 2
"""Judges that agreement needs."""


def judges_page(table: pd.DataFrame) -> Page | None:
    """The page of a run's judges; None if nothing was judged."""
    found = agreement(table)
    if not found:
        return None
    parts = [found[start : start + MOST_ROWS] for start in range(0, len(found), MOST_ROWS)]
    drawn = [draw(part) for draw in (_severity, _alpha, _missing) for part in parts]
    pictures = [picture for picture in drawn if picture]
    mixed = "".join(f" {line}." for line in mixed_prompts(table))
    return Page(TITLE, LEAD + _own(table) + mixed, pictures, [panel_table_of(record) for record in found])


def mixed_prompts(table: pd.DataFrame) -> list[str]:
    """Measures whose judges were told different things under one strictness: another rubric, or another version."""
    votes = table[table["judge"] != ""][["task", "measure", "judge", "judge_prompt_hash"]].drop_duplicates().astype(str)
    told = votes["judge"].str.partition("@")[2]
    found = []
    for key, rows in votes.groupby(["task", "measure", told]):
        task, measure, _ = map(str, cast("tuple[Any, ...]", key))
        if rows["judge_prompt_hash"].nunique() > 1:
            each = ", ".join(f"{judge} {prompt[:8]}" for judge, prompt in rows[["judge", "judge_prompt_hash"]].values)
            found.append(f"Different prompts are mixed in {task.rsplit('/', 1)[-1]} {measure} ({each})")
    return found


def _own(table: pd.DataFrame) -> str:
    """Judges that are of the family of a model that they judged; the later ones are in no log."""
    votes = table[table["judge"] != ""][["model", "judge"]].drop_duplicates().astype(str)
    pairs = [
        f"{row.judge} judged {row.model}"
        for row in votes.itertuples()
        if related(str(row.judge).split("@")[0], str(row.model))
    ]
    return f" Read with care, a judge may favour its own family: {'; '.join(pairs)}." if pairs else ""


def _severity(found: Sequence[Agreement]) -> Picture | None:
    rows = {
        _label(record): [_metric(record, judge.judge, judge.severity) for judge in record.per_judge]
        for record in found
        if len(record.judges) >= FEW
    }
    if not rows:
        return None
    caption = "Mean of the other judges' votes minus the judge's own, in scale points; right of 0 = stricter."
    return forest("Severity of each judge", rows, "severity (scale points)", caption, ideal=0.0)


def _alpha(found: Sequence[Agreement]) -> Picture | None:
    rows = {
        _label(record): [_metric(record, f"{level} alpha", estimate) for level, estimate in record.alpha.items()]
        for record in found
        if len(record.judges) >= FEW
    }
    if not rows:
        return None
    caption = "Krippendorff's alpha by level of measurement; for votes of 0 and 1 all three are the same."
    return forest("Agreement of the judges", rows, "alpha", caption, ideal=0.0)


def _missing(found: Sequence[Agreement]) -> Picture | None:
    rows = {
        _label(record): [_metric(record, judge.judge, judge.missing_rate) for judge in record.per_judge]
        for record in found
        if record.missing
    }
    if not rows:
        return None
    caption = "Share of the votes that a judge was asked for and that could not be read, were refused or failed."
    return forest("Missing votes", rows, "share missing", caption)


def panel_table_of(record: Agreement) -> Table:
    """One row per judge of a measure."""
    rows = [
        [judge.judge, str(judge.votes), _reasons(judge.missing),
         *map(say, (judge.mean, judge.severity, judge.with_rest, judge.extremes))]
        for judge in record.per_judge
    ]  # fmt: skip
    return Table("; ".join(panel_lines(record)), HEADINGS, rows)


def panel_lines(record: Agreement) -> list[str]:
    """What was judged, how far the judges agree, and how many independent ones they are worth."""
    about = f"{_label(record)}: {record.units} units in {record.families} families"
    if len(record.judges) < FEW:
        return [about, "one judge, so neither agreement nor severity can be told"]
    alphas = ", ".join(f"{level} {say(estimate)}" for level, estimate in record.alpha.items())
    bounds = record.bounds
    worth = f"between {say(bounds.floor)} and {say(bounds.ceiling)}"
    if record.effective is not None:
        worth = say(record.effective.effective)
    if bounds.floor.value > bounds.ceiling.value:
        worth = "cannot be told, votes that correlate negatively have no common truth"
    if bounds.judges < FEW:
        worth = "cannot be told, fewer than two judges gave votes that differ"
    left = f" (of {len(record.judges)})" if bounds.judges < len(record.judges) else ""
    return [about, f"alpha {alphas}", f"independent judges that these {bounds.judges}{left} are worth: {worth}"]


def _reasons(missing: dict[str, Estimate]) -> str:
    return ", ".join(f"{reason} {estimate.value:.1%}" for reason, estimate in missing.items()) or "none"


def say(estimate: Estimate) -> str:
    """Value and interval; a dash where there is none."""
    if estimate.value != estimate.value:
        return "–"
    interval = "" if estimate.low != estimate.low else f" ({estimate.low:z.2f} … {estimate.high:z.2f})"
    return f"{estimate.value:z.2f}{interval}".replace("-", "−")


def _label(record: Agreement) -> str:
    return f"{record.task.rsplit('/', 1)[-1]}, {record.measure}"


def _metric(record: Agreement, who: str, estimate: Estimate) -> Metric:
    """An estimate as the charts take it, a mark per judge."""
    return Metric(record.task, who, "", record.measure, "", estimate.value, estimate.low, estimate.high,
                  estimate.units, 0)  # fmt: skip
