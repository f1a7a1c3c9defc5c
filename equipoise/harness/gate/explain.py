"""A verdict in sentences that a release manager can act on."""

from collections import Counter
from collections.abc import Iterator
from math import ceil, isfinite

from scipy.special import ndtri

from equipoise.harness.compare.pairing import Pair
from equipoise.harness.gate.decide import Decision, Limit
from equipoise.harness.gate.policy import Hypothesis, default_policy
from equipoise.harness.gate.verdict import Verdict, missing_by_cause
from equipoise.harness.report.scorecard import margin_of

LEAST, MOST, STEPS = 0.01, 1e5, 40  # times the items that there are, and how often the range is halved
LEAST_SHOWN = 1e-6
POWER = 0.8
"""Chance of a pass that the number of items is told for."""


def explain(verdict: Verdict) -> list[str]:
    """The verdict, each comparison and what to do next, a paragraph each."""
    told = [explained(each, verdict.policy.alpha) for each in verdict.decisions]
    return [_opening(verdict), *told, *_missing(verdict), *_next(verdict)]


def explained(each: Decision, alpha: float) -> str:
    """What was asked, what was found, and why it was decided so."""
    sentences = [f"{each.name}, {each.benchmark.tier}: {each.decision}."]
    if each.pair is not None and (margin := margin_of(each.pair.baseline)):
        sentences.append(f"It is how far the model {_lower(margin)}.")
    if isfinite(each.estimate):
        sentences.append(_found(each, alpha))
    sentences.append(f"Decision: {each.reason}.")
    sentences += [sentence for limit in each.limits if (sentence := _evidence(limit, each))]
    if each.decision == "INSUFFICIENT" and each.limits:
        needed = items_to_settle(each, alpha)
        if needed is None:
            sentences.append("No number of items passes a limit of nothing.")
        elif needed > each.n:
            sentences.append(f"About {needed} items of this kind pass in {POWER:.0%} of runs if nothing has changed.")
        else:
            sentences.append(
                "So many items would be enough if nothing had changed: the change itself is near the limit."
            )
    return " ".join(sentences)


def items_to_settle(each: Decision, alpha: float) -> int | None:
    """How many items, like those at hand, pass all limits with a chance of 80 % if nothing has changed.

    As many as it takes until the distance from the estimate to the interval's end, plus z_power standard errors, is
    within the slack that no change leaves; None where that slack is 0 or no number is enough.
    """
    if each.pair is None or not each.limits:
        return None
    factors = [_factor(each.pair, limit, alpha) for limit in each.benchmark.hypotheses]
    return ceil(each.n * max(factors)) if all(map(isfinite, factors)) else None


def _factor(pair: Pair, limit: Hypothesis, alpha: float) -> float:
    """How many times the items are needed; infinite where no number is enough."""
    room = limit.value if limit.kind == "drop" else limit.value * abs(pair.baseline.estimate)
    contrast = pair.contrast(limit.weights)

    def short(factor: float) -> bool:
        grown = contrast.grown(factor)
        low, _ = grown.interval(1 - 2 * alpha)
        spread = float(grown.se) if isfinite(grown.se) else 0.0
        return not float(grown.estimate - low) + float(ndtri(POWER)) * spread <= room

    if not room > 0 or short(MOST):
        return float("inf")
    least, most = LEAST, MOST
    for _ in range(STEPS):
        middle = (least * most) ** 0.5
        least, most = (middle, most) if short(middle) else (least, middle)
    return most


def number(value: float, each: Decision) -> str:
    """A value of a comparison: percent for shares, else three digits."""
    if not isfinite(value):
        return "–"
    return f"{value:.1%}" if each.is_share else f"{value:.3g}"


def change(value: float, each: Decision) -> str:
    """A difference with its sign: points for shares."""
    if not isfinite(value):
        return "–"
    return f"{100 * value:+z.1f}" if each.is_share else f"{value:+z.3g}"


def _opening(verdict: Verdict) -> str:
    said = {
        "GO": "The candidate may take the baseline's place, as far as the policy asks",
        "NO-GO": "The candidate must not take the baseline's place",
        "INCONCLUSIVE": "The runs do not tell whether the candidate may take the baseline's place",
    }[verdict.verdict]
    more = f" (and {len(verdict.reasons) - 1} more)" if len(verdict.reasons) > 1 else ""
    return f"{verdict.verdict}. {said}: {verdict.reasons[0]}{more}."


def _found(each: Decision, alpha: float) -> str:
    unit = " points" if each.is_share else ""
    interval = f"{1 - 2 * alpha:.0%} interval {change(each.low, each)} to {change(each.high, each)}"
    return (
        f"Baseline {number(each.baseline, each)}, candidate {number(each.candidate, each)}; on the {each.n} shared "
        f"items ({each.clusters} families) a change of {change(each.estimate, each)}{unit} ({interval})."
    )


def _evidence(limit: Limit, each: Decision) -> str:
    if each.decision == "BREACH" and limit.p_adjusted <= limit.p_pass:
        corrected = " after the correction" if each.blocks else ""
        p = f"p = {limit.p_adjusted:.2g}" if limit.p_adjusted > LEAST_SHOWN else f"p < {LEAST_SHOWN:g}"
        return f"Were it within the limit, a change as bad as this would be chance with {p}{corrected}."
    return ""


def _missing(verdict: Verdict) -> Iterator[str]:
    """How much has no value, and why."""
    causes: Counter[tuple[str, str]] = Counter()
    for each in missing_by_cause(verdict):
        causes[each["run"], each["cause"]] += each["rows"]
    if causes:
        listed = ", ".join(f"{run} {rows} {cause}" for (run, cause), rows in causes.items())
        yield f"Rows without a value, in all arms and turns of these tasks: {listed}."


def _next(verdict: Verdict) -> Iterator[str]:
    """What to do."""
    sources = f"{verdict.baseline.name} {verdict.candidate.name}"
    own = "" if verdict.policy.digest == default_policy().digest else " --policy YOUR_POLICY"
    if any(not check.passed for check in verdict.checks):
        failed = [check for check in verdict.checks if not check.passed]
        yield "Next: settle the checks first; no comparison counts before. " + " ".join(
            f"{check.name}: {check.message}." for check in failed
        )
        if any(check.name == "runs_complete" for check in failed):
            yield "An interrupted run goes on with the command that started it."
    elif verdict.verdict == "NO-GO":
        yield f"Next: read the items that moved most: equipoise compare {sources} --html moved.html"
    elif verdict.verdict == "INCONCLUSIVE":
        short = [each for each in verdict.decisions if each.blocks and each.decision == "INSUFFICIENT"]
        needed = [n for each in short if (n := items_to_settle(each, verdict.policy.alpha) or 0) > each.n]
        if needed:
            yield (
                f"Next: more items or more epochs; {max(needed)} items of the kind that is shortest would do. "
                f"equipoise power --from {verdict.baseline.name}{own} plans them. A wider limit needs fewer."
            )
        elif any(each.limits for each in short):
            yield "Next: the change is near the limit: only more items tell on which side."
        elif short:
            yield "Next: mend what keeps the comparisons from being decided (see the reasons), then run the gate again."
        else:
            yield "Next: write a policy for these tasks; equipoise gate --show-policy prints one to start from."


def _lower(heading: str) -> str:
    """The heading of a margin inside a sentence: `stands: right answers kept` becomes `stands (right answers kept)`."""
    word, _, text = heading.partition(": ")
    return f"{word} ({text})" if text else f"scores on “{word}”"
