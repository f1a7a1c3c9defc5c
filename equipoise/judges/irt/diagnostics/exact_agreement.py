"""How often raters give exactly the same score to the same thing, against how often the model expects them to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from equipoise.judges.irt.diagnostics.sums import ratio, scatter
from equipoise.judges.irt.engine.model import CHUNK, Expectation, Parameters
from equipoise.judges.irt.engine.ratings import Array, Codes, Mask, Ratings


@dataclass(frozen=True)
class Agreement:
    """Pairs of ratings of the same context by different elements of a facet; a pair's weight is the product of both.

    Attributes:
        opportunities: Number of pairs of each element with any other.
        observed: Pairs with the same score.
        expected: Pairs the model expects to have the same score, sum over pairs of sum_k P_k P'_k.
    """

    opportunities: Array
    observed: Array
    expected: Array

    @property
    def overall(self) -> "Agreement":
        """All pairs, each once (an entry per element counts it for both); arrays of shape ()."""
        return Agreement(*(np.asarray(part.sum() / 2) for part in (self.opportunities, self.observed, self.expected)))

    @property
    def observed_share(self) -> Array:
        """Observed / opportunities; NaN without opportunities."""
        return ratio(self.observed, self.opportunities)

    @property
    def expected_share(self) -> Array:
        """Expected / opportunities."""
        return ratio(self.expected, self.opportunities)

    @property
    def kappa(self) -> Array:
        """(observed - expected) / (opportunities - expected), Linacre's Rasch-kappa.

        0 = raters are as independent of each other as the model says. Above 0 they agree more than severities and
        thresholds explain: they share something (the quality of the response) or copy each other.
        """
        return ratio(self.observed - self.expected, self.opportunities - self.expected)


def agreement(ratings: Ratings, parameters: Parameters, facet: int) -> Agreement:
    """Exact agreement of each element of a facet with all others.

    Two ratings have the same context if they have the same element in every other facet and, where the ratings carry
    response codes, rate the same response. Ratings by the same element are never paired. Scores are compared in
    original units, also where every rater has categories of their own.

    No pair is ever listed: with a the sum over one element's ratings of a context and S that over all, its pairs are
    a (S - a), for the weights, for the weighted counts of each score, and for the weighted P of each score. The
    ratings are sorted once; memory is some 25 bytes per rating, and the probabilities of the largest context.

    Args:
        ratings: Without extreme elements.
        parameters: Measures and thresholds.
        facet: Index of the raters' facet.
    """
    totals = np.zeros((3, len(ratings.facets[facet])))
    element = ratings.codes[facet]
    for rows, new_context, new_cell in _whole_contexts(_contexts(ratings, facet), element):
        cells, first = np.flatnonzero(new_cell), np.flatnonzero(new_context[new_cell])
        for total, own in zip(totals, _own(ratings, parameters, facet, rows, cells), strict=True):
            context = np.add.reduceat(own, first, axis=1)
            others = np.repeat(context, np.diff(first, append=len(cells)), axis=1) - own
            scatter(total, element[rows[cells]], (own * others).sum(axis=0))
    return Agreement(*totals)


def _contexts(ratings: Ratings, facet: int) -> Codes:
    """One code for everything but the rater; made dense where it would not fit into 64 bits."""
    parts = [(ratings.codes[f], size) for f, size in enumerate(ratings.sizes) if f != facet]
    if ratings.response is not None:
        parts.append(ratings.responses())
    context, number = np.zeros(len(ratings), dtype=np.int64), 1
    for codes, size in parts:
        if number * size > np.iinfo(np.int64).max:
            (context, number), (codes, size) = _dense(context), _dense(codes)
        context = context * size + codes
        number *= size
    return context


def _dense(codes: Codes) -> tuple[Codes, int]:
    """Codes without gaps, and how many there are: no more than ratings, so that the product of two fits."""
    present, dense = np.unique(codes, return_inverse=True)
    return dense, len(present)


def _whole_contexts(context: Codes, element: Codes) -> Iterator[tuple[Codes, Mask, Mask]]:
    """Rows sorted by context and element, whole contexts at a time; contexts with one rating are left out.

    Yields:
        Rows; whether a context begins with each; whether a run of the same context and element (a cell) does.
    """
    order = np.lexsort((element, context))
    context = context[order]
    sizes = np.diff(np.flatnonzero(np.diff(context, prepend=-1)), append=len(context))
    several = np.repeat(sizes > 1, sizes)
    order, context, ends = order[several], context[several], np.cumsum(sizes[sizes > 1])
    targets = np.arange(CHUNK, len(order) + CHUNK, CHUNK).clip(max=len(order))
    first = 0
    for last in np.unique(ends[np.searchsorted(ends, targets)]):
        rows = order[first:last]
        new_context = np.diff(context[first:last], prepend=-1) != 0
        yield rows, new_context, new_context | (np.diff(element[rows], prepend=-1) != 0)
        first = last


def _own(ratings: Ratings, parameters: Parameters, facet: int, rows: Codes, cells: Codes) -> tuple[Array, Array, Array]:
    """Sums over each cell of weights, of weights by score, and of weighted P_k, shapes (1 or scores, cells)."""
    part = replace(
        ratings, codes=tuple(codes[rows] for codes in ratings.codes), category=ratings.category[rows], weights=None
    )
    odds, inverse = Expectation(part, parameters).odds(slice(0, len(rows)))
    category, probabilities = _same_scores(part, odds * inverse, facet)
    weights = np.ones(len(rows)) if ratings.weights is None else ratings.weights[rows]
    observed = (np.arange(len(probabilities))[:, None] == category) * weights
    return (
        np.add.reduceat(weights[None], cells, axis=1),
        np.add.reduceat(observed, cells, axis=1),
        np.add.reduceat(probabilities * weights, cells, axis=1),
    )


def _same_scores(ratings: Ratings, probabilities: Array, facet: int) -> tuple[Codes, Array]:
    """Categories and their probabilities on one scale for all: where raters have their own, the original scores."""
    if ratings.scale != facet:
        return ratings.category, probabilities
    exists = np.isfinite(ratings.scores)
    values = np.unique(ratings.scores[exists])
    place = np.where(exists, np.searchsorted(values, ratings.scores), 0)
    rows, group = np.arange(len(ratings)), ratings.codes[facet]
    aligned = np.zeros((len(values), len(ratings)))
    for k, probability in enumerate(probabilities):
        aligned[place[group, k], rows] += probability  # a category that does not exist adds its probability, 0
    return place[group, ratings.category], aligned
