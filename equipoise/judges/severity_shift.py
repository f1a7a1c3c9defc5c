"""How much harsher a judge has become: two votes of it on the same transcripts, compared in logits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import log_expit, stdtrit

from equipoise.errors import InputError
from equipoise.harness.stats import cluster_mean
from equipoise.judges.agreement.resample import Record

Array = NDArray[np.float64]

FAR = 50.0
"""Logits beyond which no root is looked for: exp(-50) is nothing beside one vote."""


@dataclass(frozen=True)
class SeverityShift(Record):
    """Severity now minus then, in logits, with its 95 % interval; positive = harsher now.

    Attributes:
        value: The estimate; infinite where all votes that differ moved the same way, NaN where none differs.
        se: Standard error of the estimate clustered by transcript (CR2); NaN where it cannot be told.
        low, high: Interval, not symmetrical; infinite where the votes set no bound, NaN where there are none.
        n: Pairs of votes.
        differing: Pairs of which the votes are not the same.
        transcripts: Independent transcripts behind all pairs.
        reason: Why an end or the value is missing.

    In JSON null stands for what is not finite.
    """

    value: float
    se: float
    low: float
    high: float
    n: int
    differing: int
    transcripts: int
    reason: str = ""


def severity_shift(then: ArrayLike, now: ArrayLike, transcript: ArrayLike, level: float = 0.95) -> SeverityShift:
    """The shift of one judge's severity on one measure between two occasions, paired on the transcript.

    Adjacent-categories Rasch model: for a vote in category k on a transcript with location theta,
    log P_k / P_{k-1} = theta - b - tau_k, with severity b = 0 then and b = delta now. Two votes on a transcript are far
    too few to estimate its theta: joint estimation doubles delta. So theta is conditioned away. Given that the two
    votes are j and k, in whichever order, theta and all thresholds cancel:

        log P(j then, k now) / P(k then, j now) = (j - k) delta.

    Two equal votes say nothing about delta; with two categories this is McNemar's log(b / c). The thresholds need not
    be known, and may differ between transcripts. Given only the sum of the votes they would be needed; at delta = 0
    the information is the same.

    With h = then - now in categories and m = |h|, score U = 1/2 sum(h - m tanh(m delta / 2)) and information
    I = 1/4 sum m^2 sech^2(m delta / 2). Estimate: U = 0. Interval: all delta with U^2 <= t(df)^2 D I, the score
    interval, for two categories Wilson's in logits. D is the design effect at the estimate, CR2 variance clustered by
    transcript over 1 / I, no less than 1; df are Bell and McCaffrey's over the transcripts with votes that differ.
    Where all votes that differ moved the same way, one end is infinite and the other exact (Clopper-Pearson), each
    transcript counted once. Where none differs, both ends are infinite, however many transcripts there are: the unit of
    a logit is how much a judge contradicts itself, so for a judge that never does no shift in logits can be excluded.

    Args:
        then: Category of each vote then, whole numbers in steps of the scale, shape (n,); higher = kinder.
        now: The same question asked again, shape (n,).
        transcript: What each pair belongs to (sample or family), shape (n,); pairs of one transcript may depend on one
            another.
        level: Coverage in (0, 1).

    Raises:
        InputError: The arrays differ in shape, or a category is no whole number.

    References:
        Tjur (1982), Scandinavian Journal of Statistics 9, 23-30, and Agresti (1993), Scandinavian Journal of Statistics
        20, 63-71: conditional estimates for Rasch and adjacent-categories models from quasi-symmetry. Andersen (1973),
        British Journal of Mathematical and Statistical Psychology 26, 31-44: joint estimates are twice too large with
        two votes. Bell & McCaffrey (2002), Survey Methodology 28, 169-181. Clopper & Pearson (1934).
    """
    first, second, codes = _checked(then, now, transcript)
    n, clusters, drop = len(first), len(np.unique(codes)), first - second
    moved = drop != 0
    differing, kinds = int(moved.sum()), np.unique(np.sign(drop[moved]))

    def told(value: float, low: float, high: float, reason: str = "", se: float = np.nan) -> SeverityShift:
        return SeverityShift(value, se, low, high, n, differing, clusters, reason)

    if not n:
        return told(np.nan, np.nan, np.nan, "no vote with a value then and now")
    if not differing:
        return told(np.nan, -np.inf, np.inf, "no vote differs")
    if len(kinds) == 1:
        end = _exact_end(np.abs(drop[moved]), codes[moved], (1 - level) / 2)
        if kinds[0] > 0:
            return told(np.inf, end, np.inf, "all votes that differ are lower now")
        return told(-np.inf, -np.inf, -end, "all votes that differ are higher now")
    estimate = float(brentq(lambda at: _score(drop[moved], at).sum(), -FAR, FAR))
    if len(np.unique(codes[moved])) == 1:
        return told(estimate, -np.inf, np.inf, "votes differ on one transcript only")
    se, low, high = _score_interval(drop[moved], codes[moved], estimate, level)
    return told(estimate, low, high, se=se)


def _checked(then: ArrayLike, now: ArrayLike, transcript: ArrayLike) -> tuple[Array, Array, NDArray[np.int64]]:
    first, second = np.asarray(then, dtype=float), np.asarray(now, dtype=float)
    names = np.asarray(transcript)
    if first.ndim != 1 or not first.shape == second.shape == names.shape:
        shapes = ", ".join(str(each.shape) for each in (first, second, names))
        raise InputError(f"expected one value per pair of votes in each array, found shapes {shapes}")
    for field, values in (("then", first), ("now", second)):
        odd = values[values != np.floor(values)]  # NaN, too
        if odd.size or np.isinf(values).any():
            raise InputError(f"expected whole numbers, found {odd[0] if odd.size else np.inf}", field=field)
    return first, second, np.unique(names, return_inverse=True)[1].astype(np.int64).reshape(-1)


def _score(drop: Array, at: float) -> Array:
    """Each pair's derivative of the log-likelihood."""
    size = np.abs(drop)
    return np.asarray((drop - size * np.tanh(size * at / 2)) / 2)


def _information(drop: Array, at: float) -> Array:
    """Each pair's information; at most 1/4 of the squared step."""
    return np.asarray((drop / np.cosh(drop * at / 2)) ** 2 / 4)


def _score_interval(drop: Array, codes: NDArray[np.int64], estimate: float, level: float) -> tuple[float, float, float]:
    """Clustered standard error, and the ends: where U = +-t sqrt(D I)."""
    # The last Newton step is a mean weighted by information, so its cluster-robust variance is the estimate's.
    information = np.asarray(np.bincount(codes, _information(drop, estimate)), dtype=np.float64)
    clustered = cluster_mean(np.bincount(codes, _score(drop, estimate)) + information * estimate, information, 0.0)
    design = max(float(clustered.variance * information.sum()), 1.0)
    reach = float(stdtrit(clustered.df, (1 + level) / 2)) * np.sqrt(design)

    def beyond(at: float, sign: float) -> float:
        return float(_score(drop, at).sum() + sign * reach * np.sqrt(_information(drop, at).sum()))

    low = brentq(lambda at: beyond(at, -1), -FAR, estimate)
    high = brentq(lambda at: beyond(at, 1), estimate, FAR)
    return float(np.sqrt(clustered.variance)), float(low), float(high)


def _exact_end(sizes: Array, codes: NDArray[np.int64], tail: float) -> float:
    """The shift at which transcripts would all move that way with this probability, each counted by one pair.

    Of the pairs of a transcript the likeliest counts, so that the end is rather too far out.
    """
    places = np.unique(codes, return_inverse=True)[1].reshape(-1)
    largest, smallest = np.zeros(places.max() + 1), np.full(places.max() + 1, np.inf)
    np.maximum.at(largest, places, sizes)
    np.minimum.at(smallest, places, sizes)

    def log_probability(at: float) -> float:
        return float(log_expit(np.maximum(largest * at, smallest * at)).sum())

    return float(brentq(lambda at: log_probability(at) - np.log(tail), -FAR, FAR))
