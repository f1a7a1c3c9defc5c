"""What the model expects at a given logit, and the logit at which it expects something: curves of one rating scale."""

from collections.abc import Callable

import numpy as np

from equipoise.judges.irt.engine.ratings import Array

_BEYOND = 40.0  # logits beyond the outermost threshold: there E differs from its limit by less than e^-40
_HALVINGS = 64  # of an interval below 1,000 logits: to the last digit of a double


def probabilities(logit: Array, thresholds: Array) -> Array:
    """P_k proportional to exp(sum_{l<=k} (eta - tau_l)), shape (..., K).

    Args:
        logit: eta, shape (...).
        thresholds: tau, shape (..., K-1), broadcast against eta; +inf = no such category.
    """
    steps = np.asarray(logit, dtype=float)[..., None] - thresholds
    logs = np.cumsum(np.concatenate([np.zeros((*steps.shape[:-1], 1)), steps], axis=-1), axis=-1)
    odds = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))


def thurstone_thresholds(thresholds: Array) -> Array:
    """Where P(Y >= k) = 1/2, in logits, shape (groups, K-1); NaN where there is no category k.

    Unlike the model's thresholds they are always in order. Masters (1988), Journal of Educational Measurement 25, 279.

    Args:
        thresholds: tau, shape (groups, K-1), +inf = no such category.
    """
    exists = np.isfinite(thresholds)

    def at_least(logit: Array) -> Array:
        upper = probabilities(logit, thresholds[:, None, :])[..., ::-1].cumsum(axis=-1)[..., ::-1]
        return np.asarray(np.diagonal(upper[..., 1:], axis1=-2, axis2=-1))

    return _inverse(at_least, np.where(exists, 0.5, np.nan), thresholds)


def category_measures(thresholds: Array) -> Array:
    """Where the expected score is k, in logits, shape (groups, K); NaN where there is no category k or no threshold.

    The lowest and the highest category have no such place: .25 and K - 1 - .25 are taken instead of 0 and K - 1, as
    Winsteps and Facets do.

    Args:
        thresholds: tau, shape (groups, K-1), +inf = no such category.
    """
    steps = np.isfinite(thresholds).sum(axis=1, keepdims=True)
    k = np.arange(thresholds.shape[1] + 1.0)
    target = np.clip(np.broadcast_to(k, (len(thresholds), len(k))), 0.25, steps - 0.25)
    target = np.where((k <= steps) & (steps > 0), target, np.nan)

    def expected(logit: Array) -> Array:
        return np.asarray(probabilities(logit, thresholds[:, None, :]) @ k)

    return _inverse(expected, target, thresholds)


def _inverse(curve: Callable[[Array], Array], target: Array, thresholds: Array) -> Array:
    """Logit at which an increasing curve has this value, by bisection; NaN where the target is NaN."""
    finite = np.where(np.isfinite(thresholds), thresholds, 0.0)
    low = np.broadcast_to(finite.min(axis=1, initial=0, keepdims=True) - _BEYOND, target.shape)
    high = np.broadcast_to(finite.max(axis=1, initial=0, keepdims=True) + _BEYOND, target.shape)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = curve(middle) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.where(np.isnan(target), np.nan, (low + high) / 2)
