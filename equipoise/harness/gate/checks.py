"""What has to be true before any comparison counts: whole runs, judges that are others, judges that stayed put."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.compare.sides import Side
from equipoise.harness.gate.policy import Judges, Policy
from equipoise.harness.judge_shift import ALL, JudgeShift
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
    logs = any(side.logs for side in (baseline, candidate))
    message = "; ".join(found) or ("no interrupted log" if logs else "no logs to check: tables alone")
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
        if related(judge, side.model) or related(re.split("[#@]", judge)[0], side.model)  # behind: prompt, strictness
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
    """Whether every judge of the judged benchmarks votes as it did.

    On all measures together its severity must surely lie within the margin; on no single measure may it surely lie
    beyond. (An interval for every measure that lies within would take thousands of transcripts each.)

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
    told = [_moved(judge, votes, shifts, policy.judges) for judge in sorted({judge for judge, _ in votes})]
    found = [line for line in told if line]
    margins = f"{policy.judges.drift_margin:g} logits or {policy.judges.drift_share:.1%} of the scale"
    return Check("judge_drift", not found, "; ".join(found) or f"every judge stayed within {margins}")


def _moved(judge: str, votes: set[tuple[str, str]], shifts: Sequence[JudgeShift], allowed: Judges) -> str:
    """What speaks against a judge: it was not asked again, moved on the whole or may have, or moved on one measure."""
    own = [shift for shift in shifts if shift.judge == judge and shift.frozen_judge in ("", judge)]
    told = {shift.measure for shift in own}
    unchecked = sorted(measure for name, measure in votes if name == judge and measure not in told)
    if unchecked:
        what = f"was not checked on {', '.join(unchecked)}" if own else "was not checked against its own earlier votes"
        return f"{judge} {what} (equipoise probe drift --judge {judge} …, then --drift)"
    limits = allowed.drift_margin, allowed.drift_share
    overall = [shift for shift in own if shift.measure == ALL] or own
    if open_ends := [shift for shift in overall if not shift.within(*limits)]:
        return _words(open_ends[0], f"not surely within {allowed.drift_share:.1%}")
    gone = [shift for shift in own if shift.beyond(*limits)]
    return _words(max(gone, key=lambda shift: abs(shift.scale_shift)), "surely too far") if gone else ""


def judged_by(table: pd.DataFrame, tasks: Iterable[str]) -> set[tuple[str, str]]:
    """Judges and the measures that they voted on, in some tasks."""
    rows = table[table["task"].astype(str).isin(list(tasks)) & (table["judge"].astype(str) != "")]
    return set(rows[["judge", "measure"]].drop_duplicates().astype(str).itertuples(index=False, name=None))


def _words(shift: JudgeShift, verdict: str) -> str:
    about = f"{shift.judge} on {shift.measure} ({shift.transcripts} transcripts)"
    if isnan(shift.scale_shift):
        return f"{about}: no vote to compare"
    ends = f"{shift.scale_low:+.1%} to {shift.scale_high:+.1%}"
    return f"{about} moved by {shift.scale_shift:+.1%} of the scale ({ends}), {verdict}"
