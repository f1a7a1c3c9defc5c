"""The ratings the model finds hardest to believe, to be read by a person."""

from dataclasses import dataclass

import numpy as np

from equipoise.errors import InputError
from equipoise.judges.irt.diagnostics.original import expected_scores, observed_scores
from equipoise.judges.irt.engine.model import Parameters, moments
from equipoise.judges.irt.engine.ratings import Array, Codes, Ratings


@dataclass(frozen=True)
class Unexpected:
    """Ratings by falling |z|; of equal ones the earlier row comes first. One entry per rating.

    Attributes:
        rows: Row in the table the ratings came from.
        codes: Its elements, one array per facet.
        observed: Original score.
        expected: sum_k s_k P_k, in original scores.
        z: (y - E) / sqrt V, in categories.
        probability: P of the category that was given.
    """

    rows: Codes
    codes: tuple[Codes, ...]
    observed: Array
    expected: Array
    z: Array
    probability: Array

    def __len__(self) -> int:
        return len(self.rows)


def unexpected(ratings: Ratings, parameters: Parameters, number: int = 100) -> Unexpected:
    """The `number` ratings with the largest |z| = |y - E| / sqrt V, in one pass; memory grows with `number` alone.

    A weight says how often a rating counts, not how surprising it is, so it plays no part. A rating without variance
    (the only category of its scale group) has no z and is never listed.

    Raises:
        InputError: `number` is below 1.

    References:
        Wright & Masters (1982), Rating Scale Analysis, MESA Press; Linacre, Facets manual, table 4.
    """
    if number < 1:
        raise InputError(f"expected 1 or more, found {number}", field="number")
    kept = np.empty((5, 0))  # row, observed, expected, z, probability
    for part in moments(ratings, parameters):
        with np.errstate(invalid="ignore", divide="ignore"):
            z = part.residual / np.sqrt(part.variance)
        size = np.abs(z)
        # A later row with the same |z| as the last of a full list does not displace it.
        least = np.abs(kept[3, -1]) if kept.shape[1] == number else 0.0
        at = np.flatnonzero(size > least)  # NaN is not
        if not len(at):
            continue
        given = part.probabilities[ratings.category[part.rows][at], at]
        observed, expected = observed_scores(ratings, part.rows)[at], expected_scores(ratings, part)[at]
        both = np.hstack([kept, [at + part.rows.start, observed, expected, z[at], given]])
        kept = both[:, np.argsort(-np.abs(both[3]), kind="stable")[:number]]
    place = kept[0].astype(np.int64)
    return Unexpected(
        rows=place if ratings.rows is None else ratings.rows[place],
        codes=tuple(codes[place] for codes in ratings.codes),
        observed=kept[1],
        expected=kept[2],
        z=kept[3],
        probability=kept[4],
    )
