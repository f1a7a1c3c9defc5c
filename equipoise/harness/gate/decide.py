"""One comparison against its limits: pass, breach, or not enough to tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, nan
from typing import Literal

import numpy as np

from equipoise.errors import InputError
from equipoise.harness.compare.pairing import Fill, Pair
from equipoise.harness.gate.policy import BLOCKING, Benchmark, Hypothesis, Policy
from equipoise.harness.stats.multiplicity import holm

Outcome = Literal["PASS", "BREACH", "INSUFFICIENT"]


@dataclass(frozen=True)
class Limit:
    """One limit of a comparison, as a hypothesis about the slack: what is left until the limit is reached.

    The slack is the hypothesis' weighted sum minus its edge: above 0 within the limit, below 0 beyond it.

    Attributes:
        kind: Which limit.
        value: m or r.
        slack, low, high: Estimate and two-sided interval at level 1 - 2 alpha.
        p_pass: One-sided p of "at or beyond the limit", everything missing at its worst.
        p_breach: One-sided p of "within the limit", everything missing at its best.
        p_adjusted: p_breach after the correction over all limits that can block.
    """

    kind: Literal["drop", "relative drop"]
    value: float
    slack: float
    low: float
    high: float
    p_pass: float
    p_breach: float
    p_adjusted: float = nan


@dataclass(frozen=True)
class Decision:
    """What a policy makes of one comparison.

    Attributes:
        benchmark: What was asked.
        task, arm, measure, by: Which metric; the benchmark's words where there is none.
        baseline, candidate: Its value in either run.
        estimate, low, high: Candidate - baseline over the shared items, interval at level 1 - 2 alpha.
        n, clusters: Shared items and their families.
        missing_baseline, missing_candidate: Shares of rows without a value.
        decision: PASS, BREACH or INSUFFICIENT.
        reason: Why, in a sentence.
        p_missing: Two-sided p of "equal shares are missing in both runs"; NaN where it cannot be told.
        limits: The limits, each with its p values; empty if nothing could be tested.
        pair: The items behind it; None if there are none.
    """

    benchmark: Benchmark
    task: str
    arm: str
    measure: str
    by: str = ""
    baseline: float = nan
    candidate: float = nan
    estimate: float = nan
    low: float = nan
    high: float = nan
    n: int = 0
    clusters: int = 0
    missing_baseline: float = nan
    missing_candidate: float = nan
    decision: Outcome = "INSUFFICIENT"
    reason: str = ""
    p_missing: float = nan
    limits: tuple[Limit, ...] = ()
    pair: Pair | None = field(default=None, repr=False, compare=False)

    @property
    def blocks(self) -> bool:
        """Whether it counts for the verdict."""
        return self.benchmark.tier in BLOCKING

    @property
    def is_share(self) -> bool:
        """Whether its values are shares, told in percent and points."""
        return self.pair is not None and self.pair.is_share

    def words(self, limit: Limit) -> str:
        """A limit inside a sentence."""
        if limit.kind == "relative drop":
            return f"the limit of {limit.value:.1%} of the baseline"
        return f"the limit of {100 * limit.value:g} points" if self.is_share else f"the limit of {limit.value:g}"

    @property
    def name(self) -> str:
        """Task, metric, and arm."""
        task = self.task.removeprefix("equipoise/")
        return f"{task} {self.measure}" + (f" ({self.arm})" if self.arm and self.arm != "*" else "")


def measure(pair: Pair, benchmark: Benchmark, policy: Policy) -> Decision:
    """A comparison with the p values of its limits, not decided yet unless something stands in the way.

    Raises:
        InputError: A limit that no share can exceed.
    """
    metric, level = pair.baseline, 1 - 2 * policy.alpha
    found = Decision(
        benchmark, metric.task, metric.arm, metric.measure, metric.by, metric.estimate, pair.candidate.estimate,
        n=pair.n_items, clusters=pair.n_clusters, missing_baseline=pair.missing[0], missing_candidate=pair.missing[1],
        pair=pair,
    )  # fmt: skip
    if pair.n_items:
        contrast = pair.contrast()
        low, high = contrast.interval(level)
        found = replace(found, estimate=float(contrast.estimate), low=float(low), high=float(high))
    if pair.is_share and (benchmark.max_drop or 0) >= 1:
        what = f"expected less than 1 on the scale of a share (5 points are 0.05), found {benchmark.max_drop:g}"
        raise InputError(f"{found.name}: {what}", field="max_drop")
    if reason := _obstacle(found, pair, policy):
        return replace(found, reason=reason)
    unequal = pair.missing_contrast()
    p_missing = float(unequal.p_differs()) if unequal else nan
    return replace(
        found, p_missing=p_missing, limits=tuple(_tested(pair, limit, policy) for limit in benchmark.hypotheses)
    )


def decide(measured: Sequence[Decision], policy: Policy) -> list[Decision]:
    """Decide all comparisons: each passes by itself, breaches are protected together.

    Answers that are missing unequally stop a comparison; that test shares alpha among all blocking comparisons, since
    one that stops by chance would spoil a GO.
    """
    blocking = max(sum(each.blocks for each in measured), 1)
    measured = [_stopped(each) if each.p_missing < policy.alpha / blocking else each for each in measured]
    p = np.array([limit.p_breach for each in measured for limit in each.limits if each.blocks])
    adjusted = iter(p if policy.multiplicity == "none" else holm(p))
    found = []
    for each in measured:  # an advisory comparison is told what it would be, by its own p values
        values = [float(next(adjusted)) if each.blocks else limit.p_breach for limit in each.limits]
        limits = tuple(replace(limit, p_adjusted=value) for limit, value in zip(each.limits, values, strict=True))
        found.append(_decided(replace(each, limits=limits), policy.alpha, len(p) if each.blocks else 1))
    return found


def _stopped(each: Decision) -> Decision:
    shares = f"{each.missing_baseline:.1%} and {each.missing_candidate:.1%}"
    return replace(each, limits=(), reason=f"answers are missing unequally ({shares})")


def _decided(found: Decision, alpha: float, family: int) -> Decision:
    limits = found.limits
    if not limits:
        return found
    broken = [limit for limit in limits if limit.p_adjusted <= alpha]
    if broken:
        corrected = f", also after the correction for {family} limits" if family > 1 else ""
        reason = f"the whole interval is beyond {found.words(broken[0])}{corrected}"
        return replace(found, decision="BREACH", reason=reason)
    if all(limit.p_pass <= alpha for limit in limits):
        allowed = " and ".join(map(found.words, limits))
        return replace(found, decision="PASS", reason=f"the whole interval is within {allowed}")
    short = next(limit for limit in limits if not limit.p_pass <= alpha)
    return replace(found, reason=_undecided(found, short, alpha))


def _undecided(each: Decision, short: Limit, alpha: float) -> str:
    limit = each.words(short)
    if short.low > 0:
        share = max(each.missing_baseline, each.missing_candidate)
        return f"within {limit} on what was answered, but not if the missing answers ({share:.1%}) were bad ones"
    if short.p_breach <= alpha:
        return f"beyond {limit} by itself, but not after the correction for all limits"
    if short.high < 0:
        return f"beyond {limit} on what was answered, but not if the missing answers were good ones"
    return f"the interval lies on both sides of {limit}"


def _tested(pair: Pair, limit: Hypothesis, policy: Policy) -> Limit:
    open_ends = bool(sum(pair.missing)) and policy.missing.bounds == "worst_case"
    worst: Fill = "lowest" if open_ends else "none"
    best: Fill = "highest" if open_ends else "none"
    shared = pair.contrast(limit.weights)
    low, high = shared.interval(1 - 2 * policy.alpha)
    return Limit(
        limit.kind, limit.value, float(shared.estimate) - limit.edge, float(low) - limit.edge, float(high) - limit.edge,
        p_pass=float(pair.contrast(limit.weights, worst).p_above(limit.edge)),
        p_breach=float(pair.contrast(limit.weights, best).p_below(limit.edge)),
    )  # fmt: skip


def _obstacle(found: Decision, pair: Pair, policy: Policy) -> str:
    """Why a comparison cannot be decided, whatever its numbers; empty if it can."""
    if found.n < policy.min_items:
        return f"{found.n} shared items, the policy asks for {policy.min_items}"
    if found.clusters < policy.min_clusters:
        return f"{found.clusters} families of items, the policy asks for {policy.min_clusters}"
    most = policy.missing.max_missing
    for side, share in (("baseline", found.missing_baseline), ("candidate", found.missing_candidate)):
        if share > most:
            return f"{share:.1%} of the {side}'s answers are missing, the policy allows {most:.1%}"
    if any((found.missing_baseline, found.missing_candidate)) and not isfinite(sum(pair.ends)):
        return "answers are missing, and what they could be is not known: give the benchmark a `range`"
    one, other = pair.baseline.evidence, pair.candidate.evidence
    if one and other and one.scale != other.scale and not pair.range:
        return (
            "all values lie between 0 and 1 in one run only: give the benchmark a `range` if their units are the same"
        )
    if not isfinite(found.low):
        return "every item changed by the same amount, which is no certainty: give the benchmark a `range`"
    if found.benchmark.max_relative_drop is not None and not float(pair.contrast((1.0, 0.0)).estimate) > 0:
        return "a relative limit needs a baseline above 0"
    return ""
