"""Small sets of ratings, and what the model says of each written out one by one: the measure of all diagnostics."""

import math
from dataclasses import dataclass, replace

import numpy as np

from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Facet, Ratings

SIZES = (6, 4, 3)


def small(scale=None, weighted=False, number=90, seed=0, response=None, sizes=SIZES):
    """Random ratings of 6 models on 4 items by 3 judges, with repeats, in 4 categories, and parameters near them.

    Original scores have gaps (0, 1, 3, 4); with a scale of its own, the first group lacks the last category and the
    second one uses other scores.
    """
    random = np.random.default_rng(seed)
    groups = 1 if scale is None else sizes[scale]
    scores = np.tile([0.0, 1.0, 3.0, 4.0], (groups, 1))
    thresholds = random.normal(0, 0.7, (groups, 3))
    if scale is not None:
        scores[0, 3], thresholds[0, 2] = np.nan, np.inf
        scores[1] = [1.0, 3.0, 4.0, 5.0]
    codes = tuple(random.integers(size, size=number).astype(np.int16) for size in sizes)
    top = np.full(number, 3) if scale is None else np.where(codes[scale] == 0, 2, 3)
    ratings = Ratings(
        facets=tuple(Facet(name, tuple(map(str, range(size)))) for name, size in zip("mij", sizes, strict=True)),
        codes=codes,
        category=random.integers(top + 1).astype(np.int8),
        scores=scores,
        scale=scale,
        weights=random.choice([0.5, 1.0, 2.5], number) if weighted else None,
        response=None if response is None else random.integers(response, size=number).astype(np.int32),
    )
    return ratings, Parameters(tuple(random.normal(0, 0.8, size) for size in sizes), thresholds)


@dataclass
class Row:
    """One rating and what the model says of it."""

    codes: tuple
    group: int
    weight: float
    response: int | None
    y: int
    x: float
    p: list
    e: float
    v: float
    c4: float
    score: float
    expected_score: float

    @property
    def z(self):
        return (self.y - self.e) / math.sqrt(self.v)


def rows(ratings, parameters):
    """Every rating by the definition of the model."""
    found = []
    for n in range(len(ratings)):
        codes = tuple(int(part[n]) for part in ratings.codes)
        group = 0 if ratings.scale is None else codes[ratings.scale]
        x = sum((1 if f == 0 else -1) * parameters.locations[f][code] for f, code in enumerate(codes))
        odds = [1.0]
        for tau in parameters.thresholds[group]:
            odds.append(odds[-1] * (math.exp(x - tau) if math.isfinite(tau) else 0.0))
        p = [each / sum(odds) for each in odds]
        e = sum(k * each for k, each in enumerate(p))
        scores = [0.0 if math.isnan(score) else float(score) for score in ratings.scores[group]]
        y = int(ratings.category[n])
        found.append(
            Row(
                codes=codes,
                group=group,
                weight=1.0 if ratings.weights is None else float(ratings.weights[n]),
                response=None if ratings.response is None else int(ratings.response[n]),
                y=y,
                x=x,
                p=p,
                e=e,
                v=sum((k - e) ** 2 * each for k, each in enumerate(p)),
                c4=sum((k - e) ** 4 * each for k, each in enumerate(p)),
                score=scores[y],
                expected_score=sum(score * each for score, each in zip(scores, p, strict=True)),
            )
        )
    return found


def total(chosen, value):
    """Weighted sum."""
    return sum(row.weight * value(row) for row in chosen)


def repeated(ratings, times):
    """Every rating as often as `times` says, without weights."""
    index = np.repeat(np.arange(len(ratings)), times)
    return replace(
        ratings,
        codes=tuple(codes[index] for codes in ratings.codes),
        category=ratings.category[index],
        weights=None,
        response=None if ratings.response is None else ratings.response[index],
    )
