"""Two sets of measures on one scale, through the elements they have in common, with the uncertainty of the link."""

import warnings
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from equipoise.errors import InputError
from equipoise.judges.irt.engine.ratings import Array

FEWEST = 2  # common elements without which nothing is linked
FEW = 5  # below this, one drifting element cannot be told from the others
STABLE = 2.7  # robust |z| up to which an element serves the link
RATIOS = (0.9, 1.1)  # sd2 / sd1 for which a shift alone is enough
CHANCE = 1.96  # standard errors within which a ratio outside is not told from 1
_IQR = 0.7413  # standard deviation of a normal / its interquartile range
_SAME = 1e-6  # logits: smaller differences than this are rounding
_MOST_ROUNDS = 20


@dataclass(frozen=True)
class Link:
    """Puts measures of the first set on the scale of the second: m2 = shift + slope x m1.

    Attributes:
        shift: In logits.
        slope: 1, unless a linear link was asked for.
        se: Standard error of a linked measure that comes from the link alone, at the common elements' mean (`centre`).
        slope_se: Standard error of the slope; 0 for a shift alone.
        centre: Mean of the common elements in the first set, logits.
        ratio: sd2 / sd1 of the common elements, measurement error included.
        ratio_se: Its standard error.
        used: Labels of the elements it rests on.
        dropped: Labels of the common elements that moved too far from the others.
        difference: m2 - slope x m1 of every common element.
        robust_z: (difference - median) / (.7413 x interquartile range) of every common element.
    """

    shift: float
    slope: float
    se: float
    slope_se: float
    centre: float
    ratio: float
    ratio_se: float
    used: tuple[Hashable, ...]
    dropped: tuple[Hashable, ...]
    difference: "pd.Series[float]"
    robust_z: "pd.Series[float]"

    def apply(self, measure: ArrayLike, se: ArrayLike) -> tuple[Array, Array]:
        """Linked measures and their standard errors, for a comparison with measures of the second set.

        sqrt(slope^2 SE^2 + link SE^2 + (m - centre)^2 slope SE^2). The link's part is the same error in all of them
        (with a shift alone exactly so): a comparison of two linked measures takes `contrast`.
        """
        m, error = np.asarray(measure, dtype=float), np.asarray(se, dtype=float)
        own = (self.slope * error) ** 2
        return self.shift + self.slope * m, np.sqrt(own + self.se**2 + ((m - self.centre) * self.slope_se) ** 2)

    def contrast(
        self, first: ArrayLike, first_se: ArrayLike, second: ArrayLike, second_se: ArrayLike
    ) -> tuple[Array, Array]:
        """First minus second measure, both of the first set, on the linked scale, and its standard error.

        The shift is in both and cancels: slope (m_a - m_b), sqrt(slope^2 (SE_a^2 + SE_b^2) + (m_a - m_b)^2 slope SE^2).
        """
        apart = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
        own = self.slope**2 * (np.asarray(first_se, dtype=float) ** 2 + np.asarray(second_se, dtype=float) ** 2)
        return self.slope * apart, np.sqrt(own + (apart * self.slope_se) ** 2)


def link(
    first: "pd.Series[float]",
    first_se: "pd.Series[float]",
    second: "pd.Series[float]",
    second_se: "pd.Series[float]",
    linear: bool = False,
) -> Link:
    """The link through all labels the two sets share, less those that moved.

    shift = sum w (m2 - slope m1) / sum w, w = 1 / (slope^2 SE1^2 + SE2^2). Its error is 1 / sqrt(sum w), times the root
    of chi2 / (n - 1) where that exceeds 1: common elements that drift more than their errors make the link less certain
    (of the elements that might have served, others would have given another shift).

    A shift alone is refused if sd2 / sd1 lies outside .9 to 1.1 by more than its own error explains. Without the latter
    condition 45 % of perfectly good links through three judges (sd .5, errors .05) would be refused (simulated).

    Elements whose difference lies more than 2.7 robust standard deviations from the median are dropped and listed. The
    two sets come from independent ratings. A shift by s of a facet that counts minus goes with a shift by s of the
    object.

    Args:
        first: Measures by label, logits; NaN = none.
        first_se: Their standard errors, by the same labels. Clustered ones where responses have several judges.
        second: Measures on the scale wanted.
        second_se: Their standard errors.
        linear: Whether to stretch the first set by sd2 / sd1 as well. Only for sets whose units differ, such as a
            fit with other thresholds: measurement error widens the less precise set, which the ratio does not know.

    Raises:
        InputError: Fewer than two elements in common, a label twice, a standard error
            that is missing or negative, an element without error in both sets, no spread to compare, or a ratio
            that needs `linear`.

    References:
        Kolen & Brennan (2014), Test Equating, Scaling, and Linking, chapter 6; Huynh & Meyer (2010), Practical
        Assessment, Research & Evaluation 15(2) (robust z); Monseur & Berezner (2007), Journal of Applied Measurement 8,
        323-335 (linking error from drifting elements); Birge (1932), Physical Review 40, 207-227.
    """
    labels, one, errors_one, two, errors_two = _common(first, first_se, second, second_se)
    kept, slope = np.ones(len(labels), dtype=bool), 1.0
    for _ in range(_MOST_ROUNDS):  # half of the elements lie within 1.35: never are all dropped
        if linear:
            slope = _ratio(one[kept], two[kept])
        z = _robust_z(two - slope * one)
        before, kept = kept, np.abs(z) <= STABLE
        if (kept == before).all():
            break
    ratio = _ratio(one[kept], two[kept])
    slope = ratio if linear else 1.0
    difference = two - slope * one
    relative = np.hypot(_spread_error(one[kept], errors_one[kept]), _spread_error(two[kept], errors_two[kept]))
    ratio_se = float(ratio * relative)
    if not linear and not RATIOS[0] <= ratio <= RATIOS[1]:
        told = (
            f"the common elements spread {ratio:.2f} (SE {ratio_se:.2f}) times as wide in the second set "
            "as in the first"
        )
        if abs(ratio - 1) > CHANCE * ratio_se:
            raise InputError(
                f"{told}; a shift expects {RATIOS[0]} to {RATIOS[1]}: check the elements, or ask for a linear link"
            )
        warnings.warn(f"{told}, which may be chance; more or better measured elements would tell", stacklevel=2)
    if kept.sum() < FEW:
        warnings.warn(
            f"the link rests on {kept.sum()} elements; with fewer than {FEW} one that drifts goes unnoticed",
            stacklevel=2,
        )
    weights = 1 / ((slope * errors_one[kept]) ** 2 + errors_two[kept] ** 2)
    shift = float(weights @ difference[kept] / weights.sum())
    excess = max(float(weights @ (difference[kept] - shift) ** 2) / (int(kept.sum()) - 1), 1.0)
    return Link(
        shift=shift,
        slope=slope,
        se=float(np.sqrt(excess / weights.sum())),
        slope_se=ratio_se * float(np.sqrt(excess)) if linear else 0.0,
        centre=float(weights @ one[kept] / weights.sum()),
        ratio=ratio,
        ratio_se=ratio_se,
        used=tuple(labels[kept]),
        dropped=tuple(labels[~kept]),
        difference=pd.Series(difference, labels, name="difference"),
        robust_z=pd.Series(z, labels, name="robust_z"),
    )


def _common(
    first: "pd.Series[float]", first_se: "pd.Series[float]", second: "pd.Series[float]", second_se: "pd.Series[float]"
) -> tuple[pd.Index, Array, Array, Array, Array]:
    """Labels with a measure in both sets, in the first one's order; measures and errors of each set."""
    for name, series in (("first", first), ("first_se", first_se), ("second", second), ("second_se", second_se)):
        if series.index.has_duplicates:
            label = series.index[series.index.duplicated()][0]
            raise InputError(f"'{label}' stands twice; expected every label once", field=name)
    labels = first.index[np.isfinite(first.to_numpy(dtype=float))]
    labels = labels[labels.isin(second.index[np.isfinite(second.to_numpy(dtype=float))])]
    if len(labels) < FEWEST:
        raise InputError(f"{len(labels)} elements in common; expected 2 or more (better {FEW} or more)")
    found = (values.reindex(labels) for values in (first, first_se, second, second_se))
    one, errors_one, two, errors_two = (np.asarray(values, dtype=np.float64) for values in found)
    wrong = ~(
        (errors_one >= 0) & (errors_two >= 0) & np.isfinite(errors_one + errors_two) & (errors_one + errors_two > 0)
    )
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"'{labels[at]}' has standard errors {errors_one[at]} and {errors_two[at]}; expected numbers of logits, "
            "one of them above 0"
        )
    return labels, one, errors_one, two, errors_two


def _ratio(one: Array, two: Array) -> float:
    if np.ptp(one) == 0 or np.ptp(two) == 0:
        raise InputError("the common elements have one measure; expected different ones, whose spread can be compared")
    return float(np.std(two) / np.std(one))


def _spread_error(measures: Array, errors: Array) -> float:
    """Relative standard error of a standard deviation: sqrt(sum (m - mean)^2 SE^2) / sum (m - mean)^2."""
    squares = (measures - measures.mean()) ** 2
    return float(np.sqrt((squares * errors**2).sum()) / squares.sum())


def _robust_z(values: Array) -> Array:
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return np.asarray((values - middle) / max(_IQR * (high - low), _SAME))
