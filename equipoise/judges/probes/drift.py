"""Does a judge still vote as it did? A frozen set is voted on again, by the same prompts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from inspect_ai.model import Model

from equipoise.errors import InputError
from equipoise.harness.judge_shift import ALL
from equipoise.judges.agreement.resample import Estimate, Record
from equipoise.judges.asking import Judge
from equipoise.judges.calls import CONNECTIONS, Watch
from equipoise.judges.names import model_of, split_name
from equipoise.judges.probes.asking import Missing, ask_all, missing_votes
from equipoise.judges.probes.estimates import mean, share, share_difference
from equipoise.judges.probes.frozen import Frozen, FrozenVote
from equipoise.judges.prompt import Question
from equipoise.judges.severity_shift import SeverityShift, severity_shift
from equipoise.judges.store import Store
from equipoise.judges.vote import Vote


@dataclass(frozen=True)
class Tolerance:
    """How much a judge may differ from its frozen votes.

    Attributes:
        shift: Largest mean shift, as a share of the scale's range, 0 to 1.
        changed: Largest share of votes that are different now, and of votes that are missing now, 0 to 1.
    """

    shift: float = 0.05
    changed: float = 0.1


@dataclass(frozen=True)
class Drift(Record):
    """How one judge's votes on one measure differ from the frozen ones.

    Attributes:
        judge, frozen_judge: Who votes now, and who voted then.
        measure, rubric, rubric_version: What about; `ALL` without a rubric for all measures together.
        missing: Votes of now without a value.
        compared: Votes that have a value then and now.
        lost, gained: Votes that have a value only then, only now.
        agreement: Share of the compared votes that are exactly the same, Wilson interval.
        shift: Mean vote of now minus then, in points, t interval; NaN ends where all votes moved alike.
        severity_shift: How much harsher now, in logits, paired on the transcript; positive = lower votes now.
        scale_shift: How much harsher now, mean vote of then minus now as a share of the span; has an interval also
            where no vote differs, which bounds nothing in logits.
        span: The scale's highest minus its lowest value.
        findings: What exceeds the tolerance, a sentence each; empty = no drift found.

    Intervals are clustered by sample.
    """

    judge: str
    frozen_judge: str
    measure: str
    rubric: str
    rubric_version: str
    missing: Missing
    compared: int
    lost: int
    gained: int
    agreement: Estimate
    shift: Estimate
    severity_shift: SeverityShift
    scale_shift: Estimate
    span: float
    findings: tuple[str, ...]


def probe_drift(
    model: Model, frozen: Frozen, store: Store, against: str = "", tolerance: Tolerance | None = None,
    connections: int = CONNECTIONS, on_votes: Watch | None = None, path: Path | None = None,
) -> list[Drift]:  # fmt: skip
    """Let a judge vote again on the exhibits of a frozen set; one call per question.

    Args:
        model: Who votes, under the strictness of each frozen vote.
        frozen: The set.
        store: Where the new votes are kept. It must not hold the frozen ones: they would be found instead of asked for.
        against: Whose frozen votes are compared (a model name); empty = the judge's own.
        tolerance: From when on a difference counts as drift; None = the default.
        connections: Calls at the same time.
        on_votes: Called whenever there are new votes.
        path: The set's file, for error messages.

    Returns:
        One record per frozen judge name (a strictness makes two of one model) and measure, and one for all measures of
        a judge together (`ALL`) where there are several.

    Raises:
        InputError: The set holds no votes of that judge, the prompts have changed since, or a vote is not on its scale.
    """
    wanted = against or str(model)
    chosen = [each for each in frozen.votes if model_of(each.vote.judge) == wanted]
    if not chosen:
        raise InputError(f"holds no votes of {wanted}; expected one of {', '.join(frozen.judges)}", path=path)
    try:
        work = [(Judge(model, split_name(each.vote.judge)[1]), frozen.question(each)) for each in chosen]
        for each, (_, question) in zip(chosen, work, strict=True):
            _check(each.vote, _scale(question, each.vote.measure))
    except InputError as error:
        raise InputError(error.message, path=path, field=error.field) from None
    found = ask_all(work, store, connections, on_votes)
    groups: dict[tuple[str, str, str], list[tuple[FrozenVote, Vote]]] = {}
    for each, votes in zip(chosen, found, strict=True):
        now = next(vote for vote in votes if vote.measure == each.vote.measure)
        groups.setdefault((each.vote.judge, each.rubric, each.vote.measure), []).append((each, now))
    records = [_drift(frozen, pairs, tolerance or Tolerance()) for pairs in groups.values()]
    for judge in dict.fromkeys(judge for judge, _, _ in groups):
        if len(own := [pairs for (name, _, _), pairs in groups.items() if name == judge]) > 1:
            records.append(_overall(frozen, [pair for pairs in own for pair in pairs]))
    return records


def _drift(frozen: Frozen, pairs: Sequence[tuple[FrozenVote, Vote]], tolerance: Tolerance) -> Drift:
    """One measure of one judge, held against the tolerance."""
    first, vote = pairs[0]
    rubric, values = frozen.rubrics[first.rubric], _scale(frozen.question(first), vote.measure)
    found = _compare(frozen, pairs, values[-1] - values[0])
    changed = round((1 - found.agreement.value) * found.compared) if found.compared else 0
    return replace(
        found,
        measure=vote.measure,
        rubric=rubric.name,
        rubric_version=rubric.version,
        findings=_findings(found.shift.value, changed, found.lost, found.compared, found.span, tolerance),
    )


def _overall(frozen: Frozen, pairs: Sequence[tuple[FrozenVote, Vote]]) -> Drift:
    """A judge on all measures together; steps of different scales count alike, and no tolerance is asked of it."""
    spans = [values[-1] - values[0] for values in (_scale(frozen.question(each), now.measure) for each, now in pairs)]
    return _compare(frozen, pairs, max(spans))


def _compare(frozen: Frozen, pairs: Sequence[tuple[FrozenVote, Vote]], span: float) -> Drift:
    both = [
        (each.sample, each.vote.value, now.value, _scale(frozen.question(each), now.measure))
        for each, now in pairs
        if each.vote.value is not None and now.value is not None
    ]
    samples, why = [sample for sample, *_ in both], "no vote with a value then and now"
    steps = [(values.index(then), values.index(now)) for _, then, now, values in both]
    first, vote = pairs[0]
    return Drift(
        judge=vote.judge,
        frozen_judge=first.vote.judge,
        measure=ALL,
        rubric="",
        rubric_version="",
        missing=missing_votes(now for _, now in pairs)[0],
        compared=len(both),
        lost=sum(each.vote.value is not None and now.value is None for each, now in pairs),
        gained=sum(each.vote.value is None and now.value is not None for each, now in pairs),
        agreement=share((then == now for _, then, now, _ in both), samples, why),
        shift=mean((now - then for _, then, now, _ in both), samples, why),
        severity_shift=severity_shift([then for then, _ in steps], [now for _, now in steps], samples),
        scale_shift=_scale_shift(both, samples, why),
        span=span,
        findings=(),
    )


def _scale(question: Question, measure: str) -> list[float]:
    """The different values of a measure's scale, from the lowest; their places are the model's categories."""
    return sorted({point.value for unit in question.units if unit.measure == measure for point in unit.scale})


def _check(vote: Vote, values: Sequence[float]) -> None:
    if vote.value is not None and vote.value not in values:
        raise InputError(f"a vote on {vote.measure!r} is {vote.value}, which is not on the scale", field="vote.value")


def _scale_shift(both: Sequence[tuple[str, float, float, list[float]]], samples: Sequence[str], why: str) -> Estimate:
    """Mean fall minus mean rise of the votes, each as a share of its scale's range.

    Each of the two has a score interval from the number of samples also where no vote falls or rises, so that votes
    that are all the same are no certainty.
    """
    moves = [(then - now) / (values[-1] - values[0] or 1.0) for _, then, now, values in both]
    return share_difference([max(x, 0.0) for x in moves], [max(-x, 0.0) for x in moves], samples, reason=why)


def _findings(
    shift: float, changed: int, lost: int, compared: int, span: float, tolerance: Tolerance
) -> tuple[str, ...]:
    """What exceeds the tolerance; estimates decide, not the ends of their intervals."""
    found = []
    if abs(shift) > tolerance.shift * span:
        found.append(f"the mean moved by {shift:+.3f} points, more than {tolerance.shift * span:.3f}")
    if changed > tolerance.changed * compared:
        found.append(f"{changed} of {compared} votes changed, more than {tolerance.changed:.1%}")
    if lost > tolerance.changed * (lost + compared):
        found.append(f"{lost} of {lost + compared} votes are missing now, more than {tolerance.changed:.1%}")
    if not lost + compared:
        found.append("there is nothing to compare")
    return tuple(found)
