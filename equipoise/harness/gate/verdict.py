"""The gate: checks, comparisons, verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Literal, cast

from equipoise.harness.compare.judged import judged_keys
from equipoise.harness.compare.pairing import Pair
from equipoise.harness.compare.sides import Shared, Side, share_tasks
from equipoise.harness.compare.task_metrics import TaskMetrics, key_of
from equipoise.harness.gate.checks import Check, check_drift, check_runs, check_self_judging
from equipoise.harness.gate.decide import Decision, decide, measure
from equipoise.harness.gate.policy import Benchmark, Policy
from equipoise.harness.judge_shift import JudgeShift
from equipoise.harness.metrics import Metric
from equipoise.harness.stats import DRAWS

Outcome = Literal["GO", "NO-GO", "INCONCLUSIVE"]

EXIT_CODES: dict[Outcome, int] = {"GO": 0, "NO-GO": 1, "INCONCLUSIVE": 2}


@dataclass(frozen=True)
class Verdict:
    """What the gate says, and everything that it rests on.

    Attributes:
        verdict: GO, NO-GO or INCONCLUSIVE.
        reasons: Why, in sentences; the first is the one that decided.
        checks: What had to be true first.
        decisions: One per comparison.
        notes: What a reader must know besides.
        policy: The policy.
        baseline, candidate: The sides.
        seed: Of the bootstrap.
    """

    verdict: Outcome
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]
    decisions: tuple[Decision, ...]
    notes: tuple[str, ...]
    policy: Policy
    baseline: Side
    candidate: Side
    seed: int

    @property
    def exit_code(self) -> int:
        """0, 1 or 2."""
        return EXIT_CODES[self.verdict]

    def record(self) -> dict[str, Any]:
        """As a JSON object: equal for equal inputs, so it holds no time and no path but those that were given."""
        return {
            "verdict": self.verdict,
            "exit_code": self.exit_code,
            "reasons": list(self.reasons),
            "baseline": _side(self.baseline),
            "candidate": _side(self.candidate),
            "policy": {"sha256": self.policy.digest, "alpha": self.policy.alpha, **_family(self)},
            "checks": [check.record() for check in self.checks],
            "measures": [_measure(each) for each in self.decisions],
            "missing": missing_by_cause(self),
            "notes": list(self.notes),
            "seed": self.seed,
        }


def gate(
    baseline: Side,
    candidate: Side,
    policy: Policy,
    shifts: Sequence[JudgeShift] = (),
    draws: int = DRAWS,
    seed: int = 0,
) -> Verdict:
    """Decide whether a candidate may take the place of a baseline.

    Order: whole runs, no self-judging, judges that stayed put, then the comparisons. GO needs every blocking
    comparison to pass by itself (an intersection-union test, so it needs no correction); NO-GO needs one breach that is
    left after Holm's correction over all blocking limits; everything else is INCONCLUSIVE.

    Args:
        baseline: What is in use.
        candidate: What may replace it.
        policy: The limits.
        shifts: Severity shifts of the judges, from `probe drift`.
        draws: Bootstrap draws, for metrics that need them.
        seed: Of the bootstrap.

    Raises:
        InputError: A model is judged by itself or its family and the policy does not allow it.

    References:
        Berger (1982), Technometrics 24, 295-300 (intersection-union); Holm (1979), Scandinavian Journal of Statistics
        6, 65-70.
    """
    shared = share_tasks(baseline, candidate)
    measured, notes, judged = [], [], set()
    for task in shared:
        wanted = [each for each in policy.benchmarks if each.is_about(task.task)]
        if not wanted:
            continue
        found = _measure_task(task, wanted, policy, draws, seed)
        if dependent := _judged(task, [each for each in found if each.blocks]):
            judged.add(task.task)
        if dependent and not task.same_judges:
            found = [replace(each, limits=(), reason="the judges or their prompts differ") for each in found]
        measured += found
        notes += [f"{task.task}: {note}" for note in (*task.notes, *_left_out(task))]
    tasks = [task.task for task in shared]
    measured += [
        _absent(each, "was measured in neither run")
        for each in policy.benchmarks
        if each.required and not any(each.is_about(task) for task in tasks)
    ]
    decisions = decide(measured, policy)
    checks = (
        check_runs(baseline, candidate),
        check_self_judging((baseline, candidate), judged, policy),
        check_drift(baseline, candidate, judged, policy, shifts),
    )
    verdict, reasons = _verdict(checks, decisions, [task.task for task in shared])
    return Verdict(verdict, reasons, checks, tuple(decisions), tuple(notes), policy, baseline, candidate, seed)


def missing_by_cause(verdict: Verdict) -> list[dict[str, Any]]:
    """Rows without a value by run, task, arm and cause, in the tasks that were compared."""
    tasks = {each.task for each in verdict.decisions}
    found = []
    for role, side in (("baseline", verdict.baseline), ("candidate", verdict.candidate)):
        lost = side.table[side.table["value"].isna() & side.table["task"].astype(str).isin(tasks)]
        causes = lost[["task", "arm", "missing"]].astype(str).groupby(["task", "arm", "missing"]).size()
        for key, rows in causes.items():
            task, arm, cause = cast("tuple[str, str, str]", key)
            found.append(
                {"run": role, "task": task, "arm": arm, "cause": cause or "no reason given", "rows": int(rows)}
            )
    return found


def _verdict(
    checks: Sequence[Check], decisions: Sequence[Decision], tasks: Sequence[str]
) -> tuple[Outcome, tuple[str, ...]]:
    failed = [f"{check.name}: {check.message}" for check in checks if not check.passed]
    if failed:
        return "INCONCLUSIVE", tuple(failed)
    blocking = [each for each in decisions if each.blocks]
    broken = [f"{each.name}: {each.reason}" for each in blocking if each.decision == "BREACH"]
    if broken:
        return "NO-GO", tuple(broken)
    if not blocking:
        return "INCONCLUSIVE", (
            f"no benchmark of the policy was run, nothing is known; there is {', '.join(tasks):.200}",
        )
    short = [f"{each.name}: {each.reason}" for each in blocking if each.decision == "INSUFFICIENT"]
    if short:
        return "INCONCLUSIVE", tuple(short)
    return "GO", (f"the whole intervals of all {len(blocking)} blocking comparisons are within their limits",)


def _measure_task(task: Shared, wanted: Sequence[Benchmark], policy: Policy, draws: int, seed: int) -> list[Decision]:
    """Every metric of the baseline that is asked for is decided on, whether the candidate has it or not."""
    if task.reason:
        own = [each for each in wanted if each.required or not task.reason.startswith("the baseline")]
        return [replace(_absent(each, task.reason), task=task.task) for each in own]
    both = TaskMetrics(task, draws, seed)
    found: list[Decision] = []
    for benchmark in wanted:
        chosen = benchmark.select(both.baseline.values())
        for metric in chosen:
            pair = both.pair(key_of(metric), benchmark.conditional)
            missing = _absent(benchmark, _unpaired(both, metric))
            found.append(
                _measured(replace(pair, range=benchmark.range), task, benchmark, policy)
                if pair
                else replace(missing, task=metric.task, arm=metric.arm, by=metric.by, baseline=metric.estimate)
            )
        if not chosen and (broken := benchmark.named(both.baseline.values())):
            what = f"is there by {broken[0].by} only: name a breakdown with `by`"
            found.append(replace(_absent(benchmark, what), task=task.task))
        elif not chosen and benchmark.required:
            names = ", ".join(sorted({metric.measure for metric in both.baseline.values()}))
            found.append(
                replace(_absent(benchmark, f"the baseline has no such metric; it has {names:.200}"), task=task.task)
            )
    return found


def _measured(pair: Pair, task: Shared, benchmark: Benchmark, policy: Policy) -> Decision:
    found = measure(pair, benchmark, policy)
    for role, share in zip(("baseline", "candidate"), task.short, strict=True):
        if share > policy.missing.max_missing:
            return replace(found, limits=(), reason=f"{share:.1%} of the {role}'s repeats (epochs) are not there")
    return found


def _unpaired(both: TaskMetrics, metric: Metric) -> str:
    if key_of(metric) not in both.candidate:
        return "the candidate has no such metric"
    return "needs a bootstrap (--draws), and the same items in both runs"


def _absent(benchmark: Benchmark, reason: str) -> Decision:
    return Decision(benchmark, benchmark.name, benchmark.arm, benchmark.metric, benchmark.by, reason=reason)


def _judged(task: Shared, found: Sequence[Decision]) -> bool:
    """Whether a comparison rests on judges' votes, in either run."""
    pairs = [each.pair for each in found if each.pair is not None]
    if task.reason:
        return False
    return bool(
        judged_keys(task.candidate, [pair.candidate for pair in pairs])
        or judged_keys(task.baseline, [pair.baseline for pair in pairs])
    )


def _left_out(task: Shared) -> list[str]:
    counts = (
        (task.changed, "items were left out: their content differs between the runs"),
        (task.absent, "items of the baseline were not asked of the candidate"),
        (task.extra, "items of the candidate were left out: the baseline was not asked them"),
    )
    return [f"{count} {what}" for count, what in counts if count]


def _family(verdict: Verdict) -> dict[str, Any]:
    """What the correction went over."""
    limits = sum(len(each.limits) for each in verdict.decisions if each.blocks)
    return {"multiplicity": verdict.policy.multiplicity, "limits_in_the_family": limits}


def _side(side: Side) -> dict[str, Any]:
    revisions = sorted(set(side.table["model_revision"].astype(str)) - {""})
    return {"source": side.name, "model": side.model, "revisions": revisions}


def _measure(each: Decision) -> dict[str, Any]:
    found = {
        "task": each.task, "arm": each.arm, "measure": each.measure, "by": each.by, "tier": each.benchmark.tier,
        "direction": each.benchmark.direction, "baseline": each.baseline, "candidate": each.candidate,
        "estimate": each.estimate, "low": each.low, "high": each.high, "n": each.n, "clusters": each.clusters,
        "missing": {"baseline": _number(each.missing_baseline), "candidate": _number(each.missing_candidate)},
        "decision": each.decision, "reason": each.reason,
        "limits": [{name: _number(value) for name, value in vars(limit).items()} for limit in each.limits],
    }  # fmt: skip
    return {name: _number(value) for name, value in found.items()}


def _number(value: Any) -> Any:
    """Eight digits: what the order of the rows adds to a sum does not change the record."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.8g}") if isfinite(value) else None
