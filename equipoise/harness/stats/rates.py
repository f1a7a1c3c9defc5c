"""Intervals of single rates."""

from scipy.stats import beta


def clopper_pearson(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Exact interval of a binomial rate.

    Used where the bootstrap has nothing to resample: a rate of exactly 0 or 1 would get an interval of width zero.

    Args:
        successes: Between 0 and n.
        n: Independent observations (clusters), more than 0.
        level: Coverage in (0, 1).

    Returns:
        Lower and upper end in [0, 1].

    References:
        Clopper & Pearson (1934), Biometrika 26, 404-413.
    """
    tail = (1 - level) / 2
    low = beta.ppf(tail, successes, n - successes + 1) if successes > 0 else 0.0
    high = beta.ppf(1 - tail, successes + 1, n - successes) if successes < n else 1.0
    return float(low), float(high)
