"""Elements with only lowest or only highest scores: no finite joint estimate, so set aside and measured afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from equipoise.errors import InputError
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Array, Codes, Mask, Ratings, blocks, recode
from equipoise.judges.irt.engine.structure import Fixed
from equipoise.judges.irt.engine.warm import Measures, root, sums

Kind = NDArray[np.int8]

INWARD = 0.3  # score points by which an extreme score is moved inward: the rule of Facets and Winsteps
NEITHER, HIGHEST, LOWEST, NOTHING = 0, 1, -1, 2


@dataclass(frozen=True)
class Extremes:
    """What was set aside.

    Attributes:
        kind: Per facet: 0 not extreme, 1 only highest and -1 only lowest scores (of the score, whatever the facet's
            sign), 2 nothing is known: no anchor and no rating, or none that tells anything once the extremes are gone.
        scores: Original score of each category that remains, as in `Ratings.scores`.
    """

    kind: tuple[Kind, ...]
    scores: Array

    @property
    def any(self) -> bool:
        """Whether any element was set aside, or has nothing that tells."""
        return any(bool(kind.any()) for kind in self.kind)


def kinds(ratings: Ratings) -> tuple[Kind, ...]:
    """Which elements have only highest (1), only lowest (-1) or no telling (2) ratings, all other elements kept.

    A rating whose scale group uses one category only tells nothing.
    """
    top_of_group = ratings.has_threshold.sum(axis=1)
    tables = [np.zeros(4 * size, dtype=np.int64) for size in ratings.sizes]  # by element: between, low, high, silent
    for rows in blocks(len(ratings)):
        category = ratings.category[rows]
        top = top_of_group[0] if ratings.scale is None else top_of_group[ratings.codes[ratings.scale][rows]]
        state = (category == 0) + 2 * (category == top).astype(np.int8)  # 3 = lowest and highest at once
        for table, codes in zip(tables, ratings.codes, strict=True):
            table += np.bincount(4 * codes[rows].astype(np.int32) + state, minlength=len(table))
    found = []
    for table in tables:
        between, low, high, _ = table.reshape(-1, 4).T
        telling = between + low + high
        kind = np.where(telling == 0, NOTHING, np.where(high == telling, HIGHEST, np.where(low == telling, LOWEST, 0)))
        found.append(kind.astype(np.int8))
    return tuple(found)


def set_aside(
    ratings: Ratings, fixed: Fixed | None = None, facets: Sequence[int] | None = None
) -> tuple[Ratings, Extremes]:
    """Ratings without extreme elements, and which elements those were.

    Extreme elements go all at once, their categories with them; what is extreme among the rest goes next, and so on.

    Args:
        ratings: All ratings.
        fixed: Anchored elements are never set aside: their location is known whatever their scores.
        facets: Facets whose extreme elements are set aside; None = all. Marginal estimation keeps the object's.

    Raises:
        InputError: Nothing would be left.
    """
    chosen = range(len(ratings.facets)) if facets is None else facets
    total = [np.zeros(size, dtype=np.int8) for size in ratings.sizes]
    left = ratings
    while True:
        found = kinds(left)
        gone = [np.zeros(size, dtype=bool) for size in ratings.sizes]
        for f in chosen:
            gone[f] = np.abs(found[f]) == 1
            if fixed is not None:
                gone[f] &= np.isnan(fixed.locations[f])
            total[f][gone[f]] = found[f][gone[f]]
        silent = ~left.has_threshold.any(axis=1)
        if not silent.any() and not any(mask.any() for mask in gone):
            break
        stay: Mask = np.asarray(left.has_threshold.any(axis=1))[_groups(left)]
        for codes, mask in zip(left.codes, gone, strict=True):
            stay &= ~mask[codes]
        if not stay.any():
            raise InputError(_nothing_left(ratings, total), field="score")
        if stay.all():
            break
        left = recode(left.take(stay))
    for f, kind in enumerate(total):
        unknown = (kind == NEITHER) & (left.counts(f) == 0)
        if fixed is not None:
            unknown &= np.isnan(fixed.locations[f])
        kind[unknown] = NOTHING
    return left, Extremes(tuple(total), left.scores)


def extreme_measures(ratings: Ratings, extremes: Extremes, parameters: Parameters) -> tuple[Measures, ...]:
    """Measures of extreme elements, everything else held: the score expected is the extreme one moved .3 points inward.

    Ratings count whose other elements were estimated. In the categories that remain an extreme score is the lowest or
    the highest possible one, so the scores themselves are not read.

    Args:
        ratings: The ratings given to `set_aside`.
        extremes: What it returned.
        parameters: Estimates from the ratings it kept.

    Returns:
        Per facet, NaN for every element that is not extreme or has no rating by elements that were estimated.
    """
    known = [kind == NEITHER for kind in extremes.kind]
    top = np.isfinite(extremes.scores[:, 1:]).sum(axis=1).astype(float)
    found = []
    for f, kind in enumerate(extremes.kind):
        counts = (np.abs(kind) == 1)[ratings.codes[f]]
        for g, codes in enumerate(ratings.codes):
            if g != f:
                counts &= known[g][codes]
        used = replace(ratings.take(counts), scores=extremes.scores)
        found.append(_moved_inward(used, parameters, f, kind, top))
    return tuple(found)


def _moved_inward(ratings: Ratings, parameters: Parameters, facet: int, kind: Codes, top: Array) -> Measures:
    most = np.zeros(len(kind))
    reach = top[_groups(ratings)] * (1 if ratings.weights is None else ratings.weights)
    np.add.at(most, ratings.codes[facet], reach)
    inward = INWARD * np.minimum(most, 1)
    target = np.where(kind > 0, most - inward, inward)

    def distance(held: Parameters) -> tuple[Array, Array]:
        at = sums(ratings, held, facet)
        return target - at.expected, -at.variance

    return root(ratings, parameters, facet, distance)


def _groups(ratings: Ratings) -> Codes:
    """Scale group of every rating."""
    return np.zeros(len(ratings), dtype=np.int8) if ratings.scale is None else ratings.codes[ratings.scale]


def _nothing_left(ratings: Ratings, total: list[Kind]) -> str:
    """Why nothing is left, in words."""
    used = ratings.scores[np.isfinite(ratings.scores)]
    if not ratings.has_threshold.any():
        if len(ratings.scores) == 1 or len(np.unique(used)) == 1:
            return f"every score is {used[0]:g}: nothing can be compared"
        assert ratings.scale is not None
        return f"every {ratings.facets[ratings.scale].name} gives one score only: nothing can be compared"
    for f, kind in enumerate(total):
        if (kind != NEITHER)[ratings.counts(f) > 0].all():
            return f"every {ratings.facets[f].name} has only lowest or only highest scores: nothing can be compared"
    return "nothing is left without the elements that have only lowest or only highest scores"
