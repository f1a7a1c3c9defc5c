"""What has to be true before any comparison counts: whole runs, judges that are others, judges that stayed put."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.compare.sides import Side
from equipoise.harness.gate.policy import Judges, Policy
from equipoise.harness.judge_shift import JudgeShift
from equipoise.harness.report.provenance import interrupted
from equipoise.harness.roles import related


@dataclass(frozen=True)
class Check:
    """One condition of a verdict.

    Attributes:
        name: `runs_complete`, `self_judging`, `judge_drift`.
        passed: Whether it holds.
        message: What was found, in a sentence.
    """

    name: str
    passed: bool
    message: str

    def record(self) -> dict[str, Any]:
        """As a JSON object."""
        return {"name": self.name, "passed": self.passed, "message": self.message}


def check_runs(baseline: Side, candidate: Side) -> Check:
    """Whether both runs went through to their end; single samples that failed count as missing answers instead."""
    found = [
        f"{role}: {line}"
        for role, side in (("baseline", baseline), ("candidate", candidate))
        for line in (interrupted(side.logs, side.model) if side.logs else [])
    ]
    message = "; ".join(found) or "no interrupted log"
    return Check("runs_complete", not found, message)


def check_self_judging(sides: Iterable[Side], tasks: Iterable[str], policy: Policy) -> Check:
    """Whether no model is judged by itself or its family.

    Raises:
        InputError: One is, and the policy does not allow it.
    """
    own = [
        f"{judge} judges {side.model}"
        for side in sides
        for judge in sorted({judge for judge, _ in judged_by(side.table, tasks)})
        if related(judge.split("#", 1)[0], side.model)
    ]
    if own and not (policy.judges and policy.judges.allow_same):
        raise InputError(
            f"{own[0]}: itself or its family; choose another judge, or allow it in the policy",
            field="judges.allow_same",
        )
    message = "; ".join(own) + " (allowed by the policy)" if own else "no model is judged by itself or its family"
    return Check("self_judging", True, message)


def check_drift(
    baseline: Side, candidate: Side, tasks: Iterable[str], policy: Policy, shifts: Sequence[JudgeShift]
) -> Check:
    """Whether every judge of the judged benchmarks votes as it did, told by an interval.

    Args:
        baseline: With the votes of then.
        candidate: With the votes of now.
        tasks: Those with a judged benchmark in force.
        policy: With the margin.
        shifts: What `probe drift` found.
    """
    votes = judged_by(candidate.table, tasks)
    if not votes:
        return Check("judge_drift", True, "no judge's vote counts for a benchmark in force")
    if policy.judges is None:
        return Check("judge_drift", True, "not checked: the policy does not ask for it")
    if baseline.logs is not None and baseline.logs == candidate.logs:
        return Check("judge_drift", True, "both models were judged in one run")
    allowed = policy.judges
    told = [(shift.judge, shift.measure) for shift in shifts]
    unchecked = sorted({judge for judge, measure in votes if (judge, measure) not in told})
    moved = [shift for shift in shifts if (shift.judge, shift.measure) in votes and not _stayed(shift, allowed)]
    found = [f"{judge} was not checked (equipoise probe drift --judge {judge} …, then --drift)" for judge in unchecked]
    found += [_words(shift, allowed) for shift in moved]
    message = "; ".join(found) or f"every judge's severity stayed within {allowed.drift_margin:g} logits"
    return Check("judge_drift", not found, message)


def judged_by(table: pd.DataFrame, tasks: Iterable[str]) -> set[tuple[str, str]]:
    """Judges and the measures that they voted on, in some tasks."""
    rows = table[table["task"].astype(str).isin(list(tasks)) & (table["judge"].astype(str) != "")]
    return set(rows[["judge", "measure"]].drop_duplicates().astype(str).itertuples(index=False, name=None))


def _stayed(shift: JudgeShift, allowed: Judges) -> bool:
    """Surely within the margin in logits, or surely within the share of the scale."""
    share = allowed.drift_share
    return shift.within(allowed.drift_margin) or (-share < shift.scale_low and shift.scale_high < share)


def _words(shift: JudgeShift, allowed: Judges) -> str:
    about = f"{shift.judge} on {shift.measure} ({shift.transcripts} transcripts)"
    if isnan(shift.scale_shift):
        return f"{about}: no vote to compare"
    ends = f"{shift.scale_low:+.1%} to {shift.scale_high:+.1%}"
    return (
        f"{about} moved by {shift.scale_shift:+.1%} of the scale ({ends}), not surely within {allowed.drift_share:.1%}"
    )
