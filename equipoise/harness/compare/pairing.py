"""One metric of two runs, paired item by item, with what is missing filled in as badly or as well as can be."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.harness.metrics import Evidence, Metric
from equipoise.harness.stats import ClusterMean, Contrast, DrawnContrast, item_mean, missing_bounds

Array = np.ndarray[Any, Any]

NEAR = 1e-9
"""What rounding may add to a value at the end of its range."""

Fill = Literal["none", "lowest", "highest"]
"""Missing rows are left out, or valued so that the difference of the runs is as low or as high as possible."""


@dataclass(frozen=True)
class Term:
    """One column of a metric in both runs, item by item.

    Attributes:
        weight: Its factor in the metric.
        values: Baseline and candidate, shape (2, items); NaN = none.
        present, absent: Rows with and without a value, shape (2, items).
    """

    weight: float
    values: Array
    present: Array
    absent: Array

    @property
    def missing_share(self) -> Array:
        """Share of each item's rows that have no value, shape (2, items); NaN for an item without rows."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.absent / (self.present + self.absent))

    def filled(self, side: int, ends: tuple[float, float]) -> tuple[Array, Array]:
        """Item means with every missing row at the lowest and at the highest value; NaN for an item without rows."""
        present = self.present[side]
        sums = np.where(present > 0, self.values[side], 0.0) * present
        return missing_bounds(sums, present, self.absent[side], *ends)


@dataclass(frozen=True)
class Pair:
    """A metric of a baseline and a candidate over the same items.

    Attributes:
        baseline, candidate: The metric of either run by itself.
        items: Names of the baseline's items.
        family: Code of each item's family.
        terms: Columns that the metric is a weighted sum of; empty for one that only has bootstrap draws.
        range: Lowest and highest possible value of an item in each term, where the metric itself does not say.

    Raises:
        InputError: A value lies outside the range.
    """

    baseline: Metric
    candidate: Metric
    items: Array
    family: Array
    terms: tuple[Term, ...]
    range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """A range that the values do not keep to is bad input."""
        for term in self.terms if self.range else ():
            least, most = self.range or (0.0, 0.0)
            outside = term.values[(term.values < least - NEAR) | (term.values > most + NEAR)]
            if outside.size:
                name = f"{self.baseline.task} {self.baseline.measure}"
                raise InputError(
                    f"{name}: expected values from {least:g} to {most:g}, found {outside[0]:g}", field="range"
                )

    @property
    def evidence(self) -> Evidence:
        """What the metric is; the weaker statement if the runs differ in it."""
        one, other = self.baseline.evidence, self.candidate.evidence
        assert one is not None and other is not None
        return one if one.scale == "mean" else replace(other, ends=one.ends or other.ends)

    @cached_property
    def complete(self) -> Array:
        """Items with a value in both runs, term by term, shape (terms, items)."""
        there = np.array([np.isfinite(term.values).all(axis=0) for term in self.terms])
        return np.broadcast_to(there.all(axis=0), there.shape) if self.evidence.within else there

    @property
    def n_items(self) -> int:
        """Items that are compared, in the term that has least."""
        if not self.terms:
            return min(self.baseline.items, self.candidate.items)
        return int(self.complete.sum(axis=1).min())

    @property
    def n_clusters(self) -> int:
        """Their families."""
        if not self.terms:
            return min(self.baseline.families, self.candidate.families)
        return min(len(np.unique(self.family[there])) for there in self.complete)

    def contrast(self, weights: tuple[float, float] = (-1.0, 1.0), fill: Fill = "none") -> Contrast | DrawnContrast:
        """The weighted sum of both runs; by default candidate - baseline.

        Values of a known range are tested as the shares of that range that they are, so that items which all have the
        best value are no certainty here either.

        Args:
            weights: Of the baseline and the candidate.
            fill: How missing rows are valued: not at all, or so that the sum is as low or as high as possible. The
                draws of a bootstrapped mean are moved as far as its missing rows could move it.

        Raises:
            ValueError: A fill is asked for, and the values that an item can have are not known (`ends`).
        """
        if fill != "none" and not np.isfinite(self.ends).all():
            raise ValueError(f"{self.baseline.measure}: what a missing value could be is not known")
        if not self.terms:
            drawn = self._drawn(0, weights[0], fill) + self._drawn(1, weights[1], fill)
            return DrawnContrast(drawn, self.n_clusters)
        least, most = self.ends if self.is_bounded else (0.0, 1.0)
        means, factors, offset = [], [], 0.0
        for term, complete in zip(self.terms, self.complete, strict=True):
            for side, own in enumerate(weights):
                weight = own * term.weight
                if fill == "none":
                    values = np.where(complete, term.values[side], np.nan)
                else:
                    values = term.filled(side, self.ends)[(weight > 0) == (fill == "highest")]
                means.append(self._mean((values - least) / (most - least)))
                factors.append(weight * (most - least))
                offset += weight * least
        scale = "share" if self.is_bounded else self.evidence.scale
        return Contrast(tuple(means), tuple(factors), scale, offset)

    def _drawn(self, side: int, weight: float, fill: Fill) -> Array:
        evidence = (self.baseline, self.candidate)[side].evidence
        assert evidence is not None and evidence.draws is not None
        if fill == "none":
            return weight * evidence.draws
        share, value = self.missing[side], self.ends[(weight > 0) == (fill == "highest")]
        return np.asarray(weight * ((1 - share) * evidence.draws + share * value))

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest possible value of an item in each term; NaN where they are not known."""
        if self.range:
            return self.range
        return (self.evidence.ends or (float("nan"), float("nan"))) if self.evidence.scale == "mean" else (0.0, 1.0)

    @property
    def is_bounded(self) -> bool:
        """Whether the terms' means are shares of a known range (z scores are of shares, but are none)."""
        return self.evidence.scale != "z" and bool(np.isfinite(self.ends).all())

    @property
    def is_share(self) -> bool:
        """Whether the values are shares, told in percent and points."""
        return self.evidence.scale == "share" and self.ends == (0.0, 1.0)

    @cached_property
    def missing(self) -> tuple[float, float]:
        """Share of rows without a value, baseline and candidate, averaged over the items of the worst term."""
        if not self.terms:
            one, two = (
                max(m.missing / max(m.n + m.missing, 1), m.evidence.dropped if m.evidence else 0.0)
                for m in (self.baseline, self.candidate)
            )
            return one, two
        shares = [[_average(share) for share in term.missing_share] for term in self.terms]
        baseline, candidate = np.max(shares, axis=0)
        return float(baseline), float(candidate)

    def missing_contrast(self) -> Contrast | None:
        """Missing share of the candidate minus that of the baseline, in the term where they differ most."""
        if not self.terms:
            return None
        pairs = [
            Contrast((self._mean(share[1]), self._mean(share[0])), (1.0, -1.0))
            for share in (term.missing_share for term in self.terms)
        ]
        return max(pairs, key=lambda pair: abs(float(pair.estimate)))

    @cached_property
    def differences(self) -> Array:
        """Candidate - baseline of each item, NaN where it is not compared; all NaN on the scale of z scores."""
        if not self.terms or self.evidence.scale == "z" or not (self.evidence.within or len(self.terms) == 1):
            return np.full(len(self.items), np.nan)
        total = sum(term.weight * (term.values[1] - term.values[0]) for term in self.terms)
        return np.where(self.complete[0], total, np.nan)

    def _mean(self, values: Array) -> ClusterMean:
        return item_mean(values, self.family, int(self.family.max(initial=-1)) + 1)


def _average(values: Array) -> float:
    """Mean of what is there; 0 of nothing."""
    return float(np.nansum(values) / max(np.isfinite(values).sum(), 1))


def pair(baseline: Metric, candidate: Metric, asked: pd.Index, conditional: bool = True) -> Pair:
    """Put the same metric of two runs beside each other.

    Args:
        baseline: With its evidence.
        candidate: With its evidence.
        asked: Names of the items, or families, that the candidate was asked about in this task.
        conditional: Whether an item of both runs that has rows here in one of them only is left out, since the model's
            own answers decide which items count. If not, it counts as missing, like an item that the candidate was
            not asked at all.
    """
    one, two = baseline.evidence, candidate.evidence
    assert one is not None and two is not None
    columns = list(zip(one.columns, two.columns, strict=True)) if one.weights else []
    family = pd.Series(
        {name: f for own, _ in columns for name, f in zip(own.names, own.family_names, strict=True)}, dtype=object
    )
    index, known = family.index, family.index.isin(asked)
    terms = []
    for weight, sides in zip(one.weights, columns, strict=True):
        values, present, absent = np.full((2, len(index)), np.nan), np.zeros((2, len(index))), np.zeros((2, len(index)))
        for side, column in enumerate(sides):
            place = index.get_indexer(pd.Index(column.names, dtype=object))
            own = place >= 0
            place = place[own]
            values[side, place], present[side, place], absent[side, place] = (
                each[own] for each in (column.values, column.present, column.absent + column.unknown)
            )
        has_rows = (present + absent) > 0
        dropped = ~has_rows[0] | (~has_rows[1] & known if conditional else False)
        values[:, dropped] = np.nan
        present[:, dropped] = absent[:, dropped] = 0
        absent[1, has_rows[0] & ~has_rows[1] & ~dropped] = 1  # the candidate owes an answer
        terms.append(Term(weight, values, present, absent))
    return Pair(baseline, candidate, index.to_numpy(), pd.factorize(family)[0], tuple(terms))
