"""How much of what a run shows is noise: variance between items, variance from epoch to epoch, design effect."""

from dataclasses import dataclass

import numpy as np

from equipoise.harness.power.profiles import Answers, Array, Profile
from equipoise.harness.stats import cluster_mean

CAUTION = 0.84
"""Standard errors added to an estimated noise variance: its upper 80 % limit, so that a plan is seldom too small."""


@dataclass(frozen=True)
class Components:
    """Variance components of one item's difference (damage), in squared units of the metric.

    Attributes:
        between: omega^2 of the difference: 0 if the model is unchanged, else estimated from a pilot.
        within: sigma^2 of the difference, from epoch to epoch.
        deff: Design effect of families; 1 if the model is unchanged, since answers are drawn one by one.
        own: In [0, 1]: how far an item's own answers stand for it; the rest is drawn from any item.
        bounded: Whether `within` is an upper bound, since one epoch cannot tell the parts apart.
    """

    between: float
    within: float
    deff: float
    own: float
    bounded: bool

    def variance(self, epochs: int) -> float:
        """Of one item's difference, times the design effect: deff (omega^2 + sigma^2 / R)."""
        return self.deff * (self.between + self.within / epochs)


def components(profile: Profile) -> Components:
    """Components of a comparison: of an unchanged model from one run, or of a run and its pilot.

    With one epoch all of the variance is taken for noise. It is an upper bound: of 0/1 answers
    sigma^2 <= p (1 - p), so the share of discordant items is at most 2 p (1 - p). With several, the parts are told
    apart by an analysis of variance, and one more item that is all noise is added: answers that never differed in a
    small run are no proof that they never will.

    References:
        Browne (1995), Statistics in Medicine 14, 1933-1940, for planning with an upper limit of the variance;
        Miller (2024), Adding Error Bars to Evals, arXiv:2411.00640, section 3.
    """
    scores = item_scores(profile, profile.answers)
    parts = [_parts(each, profile) for each in scores]
    own = min(np.sqrt(max(total - noise, 0) / spread) if spread > 0 else 0.0 for total, noise, spread in parts)
    noise = float(sum(part[1] for part in parts))
    single = profile.answers.epochs == 1
    if profile.pilot is None:
        return Components(0.0, 2 * noise, 1.0, float(np.clip(own, 0, 1)), single)
    return _paired(profile, noise, float(np.clip(own, 0, 1)))


def item_scores(profile: Profile, answers: Answers) -> list[Array]:
    """Weighted values by epoch and item, shape (epochs, items): of all terms together, or each term for itself."""
    values = answers.values * profile.weights
    return [values.sum(axis=2)] if profile.within else [values[:, :, term] for term in range(len(profile.weights))]


def _parts(scores: Array, profile: Profile) -> tuple[float, float, float]:
    """(total variance of an answer, its part that is noise, variance of the item means)."""
    counts = np.isfinite(scores).sum(axis=0)
    there = counts > 0
    if not there.any():
        return 0.0, 0.0, 0.0
    n = int(there.sum())
    sums = np.nansum(scores, axis=0)[there]
    means = sums / counts[there]
    grand = means.mean()
    spread = float(((means - grand) ** 2).mean())
    total = float((np.nansum((scores - grand) ** 2, axis=0)[there] / counts[there]).mean())
    if profile.scale != "mean":  # one more item, half right and half wrong: a rate of 1 in 30 items may be .97
        size = float(np.abs(profile.weights).max())
        total = (n * total + size**2 / 4) / (n + 1)
    repeated = counts[there] > 1
    if not repeated.any():
        return total, total, spread
    squares = np.nansum((scores[:, there] - means) ** 2, axis=0)[repeated]
    noises = squares / (counts[there][repeated] - 1)
    noise = float(noises.mean() + CAUTION * noises.std() / np.sqrt(len(noises)))
    return total, min((n * noise + total) / (n + 1), total), spread


def _paired(profile: Profile, noise: float, own: float) -> Components:
    """From the differences of a run and its pilot, item by item."""
    assert profile.pilot is not None
    answers = (profile.answers, profile.pilot)
    with np.errstate(invalid="ignore"):
        sides = [[_item_mean(each) for each in item_scores(profile, side)] for side in answers]
    differences = [two - one for one, two in zip(*sides, strict=True)]
    variance, deff = 0.0, 1.0
    for each in differences:
        there = np.isfinite(each)
        if there.sum() < 2:
            continue
        known = np.where(there, each, 0.0)
        groups = int(profile.family.max()) + 1
        sums, counts = (np.bincount(profile.family, v, minlength=groups).astype(float) for v in (known, there))
        mean = cluster_mean(sums, counts, known @ known)
        plain = float(mean.spread) / (there.sum() - 1)
        variance += float((known @ known) / there.sum())  # about 0: a plan is for no true change
        deff = max(deff, float(mean.variance) / plain) if plain > 0 and np.isfinite(float(mean.variance)) else deff
    repeated = min(side.epochs for side in answers) > 1
    other = sum(_parts(each, profile)[1] for each in item_scores(profile, profile.pilot))
    within = noise + other if repeated else 0.0
    epochs = profile.answers.epochs
    between = max(variance - within / epochs, 0.0)
    return Components(between, min(within, variance * epochs), deff, own, not repeated)


def _item_mean(scores: Array) -> Array:
    """Mean over the epochs; NaN for an item without any value."""
    counts = np.isfinite(scores).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.nansum(scores, axis=0) / counts)
