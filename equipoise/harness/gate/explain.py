"""A verdict in sentences that a release manager can act on."""

from collections import Counter
from collections.abc import Iterator
from math import ceil, isfinite

from scipy.special import ndtri

from equipoise.harness.gate.decide import Decision, Limit
from equipoise.harness.gate.verdict import Verdict, missing_by_cause
from equipoise.harness.report.scorecard import margin_of

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
    if (needed := items_to_settle(each, alpha)) is not None and each.decision == "INSUFFICIENT":
        sentences.append(f"About {needed} items of this kind would pass in {POWER:.0%} of runs if nothing has changed.")
    return " ".join(sentences)


def items_to_settle(each: Decision, alpha: float) -> int | None:
    """How many items, like those at hand, pass all limits with a chance of 80 % if nothing has changed.

    The interval's half width h shrinks with the root of n, and a pass needs (z_alpha + z_power) h / z_alpha to be at
    most the slack that no change leaves; None where that slack is 0 or no interval is known.
    """
    factors = []
    for limit in each.limits:
        half = (limit.high - limit.low) / 2
        room = limit.value if limit.kind == "drop" else limit.value * abs(each.baseline)
        if not (isfinite(half) and room > 0):
            return None
        factors.append((1 + ndtri(POWER) / ndtri(1 - alpha)) * half / room)
    return ceil(each.n * max(factors) ** 2) if factors else None


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
    return f"{verdict.verdict}. {said}: {verdict.reasons[0]}."


def _found(each: Decision, alpha: float) -> str:
    unit = " points" if each.is_share else ""
    interval = f"{1 - 2 * alpha:.0%} interval {change(each.low, each)} to {change(each.high, each)}"
    return (
        f"Baseline {number(each.baseline, each)}, candidate {number(each.candidate, each)}; on the {each.n} shared "
        f"items ({each.clusters} families) a change of {change(each.estimate, each)}{unit} ({interval})."
    )


def _evidence(limit: Limit, each: Decision) -> str:
    if each.decision == "BREACH" and limit.p_adjusted <= limit.p_pass:
        corrected = ", corrected" if each.blocks else ""
        return f"Were it within the limit, so large a fall would be chance with p = {limit.p_adjusted:.2g}{corrected}."
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
    if any(not check.passed for check in verdict.checks):
        yield "Next: settle the checks first; no comparison counts before. " + " ".join(
            f"{check.name}: {check.message}." for check in verdict.checks if not check.passed
        )
    elif verdict.verdict == "NO-GO":
        yield f"Next: read the items that moved most: equipoise compare {sources} --html moved.html"
    elif verdict.verdict == "INCONCLUSIVE":
        short = [each for each in verdict.decisions if each.blocks and each.decision == "INSUFFICIENT"]
        needed = [n for each in short if (n := items_to_settle(each, verdict.policy.alpha)) is not None]
        if needed:
            yield (
                f"Next: more items or more epochs; {max(needed)} items of the kind that is shortest would do. "
                f"equipoise power --from {verdict.baseline.name} plans them. A wider limit needs fewer."
            )
        elif short:
            yield "Next: mend what keeps the comparisons from being decided, then run the gate again."


def _lower(heading: str) -> str:
    """The heading of a margin inside a sentence: `stands: right answers kept` becomes `stands (right answers kept)`."""
    word, _, text = heading.partition(": ")
    return f"{word} ({text})" if text else f"scores on “{word}”"
