"""Planning a comparison: how much an item tells, what can be detected, and how many items a verdict needs.

Every function takes scalars or arrays that broadcast. Powers and error rates are in (0, 1), `alpha` is one-sided unless
said otherwise, and item numbers are real: the caller rounds up. These are normal approximations; where few items or
rates near 0 or 1 make them optimistic, simulate (`equipoise.harness.power`).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

Array = NDArray[np.float64]


def design_effect(per_cluster: ArrayLike, correlation: ArrayLike) -> Array:
    """How much clustering inflates the variance of a mean: 1 + (items per cluster - 1) rho.

    Args:
        per_cluster: Mean number of items in a cluster, 1 or more.
        correlation: Intraclass correlation of the item values.

    References:
        Kish (1965), Survey Sampling, section 5.4.
    """
    return np.asarray(1 + (np.asarray(per_cluster, dtype=float) - 1) * np.asarray(correlation))


def difference_variance(
    items: ArrayLike, between: ArrayLike, within: ArrayLike, epochs: ArrayLike = 1, deff: ArrayLike = 1.0
) -> Array:
    """Variance of the mean paired difference: deff (omega^2 + sigma^2 / R) / n.

    More epochs R divide only sigma^2, so the gain from them ends at omega^2. Of two runs of one model omega^2 is 0 and
    sigma^2 twice the variance of a single answer.

    Args:
        items: n.
        between: omega^2, variance between items of the expected difference.
        within: sigma^2, variance of the difference from epoch to epoch.
        epochs: R.
        deff: Design effect of families.

    References:
        Miller (2024), Adding Error Bars to Evals, arXiv:2411.00640, sections 3 and 5.
    """
    total = np.asarray(between, dtype=float) + np.asarray(within, dtype=float) / np.asarray(epochs, dtype=float)
    return np.asarray(np.asarray(deff) * total / np.asarray(items, dtype=float))


def detectable_difference(variance: ArrayLike, df: ArrayLike, alpha: ArrayLike = 0.05, power: ArrayLike = 0.8) -> Array:
    """Smallest difference that a two-sided test finds with the power: (t_{1-alpha/2, df} + t_{power, df}) sqrt(V).

    Args:
        variance: Of the estimated difference.
        df: Its degrees of freedom; infinity for normal quantiles.
        alpha: Two-sided.
        power: Chance to find it.

    References:
        Bloom (1995), Evaluation Review 19, 547-556.
    """
    tails = [_t_quantile(df, 1 - np.asarray(alpha) / 2), _t_quantile(df, np.asarray(power))]
    return np.asarray((tails[0] + tails[1]) * np.sqrt(variance))


def superiority_items(
    discordance: ArrayLike, difference: ArrayLike, alpha: ArrayLike = 0.05, power: ArrayLike = 0.8
) -> Array:
    """Items that show a difference of two rates: ((z_{1-alpha/2} sqrt(psi) + z_power sqrt(psi - x^2)) / x)^2.

    Args:
        discordance: psi, share of items that are right in one run only; at least |x|.
        difference: x, of the rates, not 0.
        alpha: Two-sided.
        power: Chance to find it.

    References:
        Connor (1987), Biometrics 43, 207-211.
    """
    psi, x = np.asarray(discordance, dtype=float), np.asarray(difference, dtype=float)
    spread = np.sqrt(np.maximum(psi - x**2, 0))
    return np.asarray(((ndtri(1 - np.asarray(alpha) / 2) * np.sqrt(psi) + ndtri(power) * spread) / x) ** 2)


def go_items(
    variance: ArrayLike, margin: ArrayLike, alpha: ArrayLike = 0.025, power: ArrayLike = 0.8, comparisons: int = 1
) -> Array:
    """Items at which an unchanged model passes: V ((z_{1-alpha} + z_{1-beta/K}) / m)^2.

    All K comparisons have to pass, so each is given the power 1 - beta/K. Never less than `agreement_items`.

    Args:
        variance: V of one item's difference; of 0/1 outcomes the discordance psi.
        margin: m, the allowed drop.
        alpha: One-sided, of each pass.
        power: 1 - beta, chance that all pass.
        comparisons: K.

    References:
        Nam (1997), Biometrics 53, 1422-1430, for 0/1 outcomes; Julious (2004), Statistics in Medicine 23, 1921-1986.
    """
    each = 1 - (1 - np.asarray(power)) / comparisons
    found = np.asarray(variance) * ((ndtri(1 - np.asarray(alpha)) + ndtri(each)) / np.asarray(margin)) ** 2
    return np.asarray(np.maximum(found, agreement_items(margin, alpha)))


def no_go_items(
    variance: ArrayLike,
    margin: ArrayLike,
    drop: ArrayLike,
    alpha: ArrayLike = 0.025,
    power: ArrayLike = 0.8,
    limits: int = 1,
) -> Array:
    """Items at which a true drop x is seen to exceed the margin: V ((z_{1-alpha/L} + z_power) / (x - m))^2.

    Args:
        variance: V of one item's difference at that drop; of 0/1 outcomes psi - x^2.
        margin: m, the allowed drop.
        drop: x; no number of items is enough unless it is above m.
        alpha: One-sided, of all false NO-GOs together.
        power: Chance of NO-GO.
        limits: L, how many limits can be breached; 1/L of alpha is the first step of Holm's method.
    """
    excess = np.asarray(drop, dtype=float) - np.asarray(margin)
    with np.errstate(divide="ignore"):
        found = np.asarray(variance) * ((ndtri(1 - np.asarray(alpha) / limits) + ndtri(power)) / excess) ** 2
    return np.where(excess > 0, found, np.inf)


def agreement_items(margin: ArrayLike, alpha: ArrayLike = 0.025) -> Array:
    """Items of two runs that agree on every one of them before their rates are known to differ by less than m.

    z^2 (1 - m) / m: the score interval of a difference does not vanish when no item is discordant.

    Args:
        margin: m, in (0, 1).
        alpha: One-sided.

    References:
        Tango (1998), Statistics in Medicine 17, 891-908, with b = c = 0.
    """
    m = np.asarray(margin, dtype=float)
    return np.asarray(ndtri(1 - np.asarray(alpha)) ** 2 * np.maximum(1 - m, 0) / m)


def _t_quantile(df: ArrayLike, p: ArrayLike) -> Array:
    df = np.asarray(df, dtype=float)
    return np.asarray(np.where(np.isinf(df), ndtri(p), stdtrit(np.where(np.isinf(df), 1.0, df), p)))
