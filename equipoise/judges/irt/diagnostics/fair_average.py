"""Fair averages: the score an element would get on average under conditions that are the same for all."""

from typing import Literal

import numpy as np

from equipoise.judges.irt.diagnostics.curves import probabilities
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Array, Ratings

Reference = Literal["mean", "zero"]


def fair_averages(ratings: Ratings, parameters: Parameters, reference: Reference = "mean") -> tuple[Array, ...]:
    """E at each element's measure, in original score units, with all other facets at their reference.

    What raw averages would be if all models had answered the same items and been read by the same judges. Linacre
    (1989), Many-Facet Rasch Measurement, MESA Press; Facets calls the two "Fair-M" and "Fair-Z".

    If the thresholds belong to a facet, its own elements are read on their own thresholds. The elements of all other
    facets get the mean over the scale groups (each counts once), the location of the scale's facet at its reference.

    Args:
        ratings: For the scores, the scale, and the elements that have ratings.
        parameters: Locations: the fair average of an extreme element is that of the location it is given here; NaN
            gives NaN. Only elements with ratings enter the means.
        reference: "mean": other facets at the mean of their elements' locations; "zero": at 0.

    Returns:
        One array per facet, one entry per element.
    """
    rated = [ratings.counts(f) > 0 for f in range(len(ratings.facets))]
    centres = [
        float(values[mask].mean()) if reference == "mean" and mask.any() else 0.0
        for values, mask in zip(parameters.signed, rated, strict=True)
    ]
    groups = np.array([0]) if ratings.scale is None else np.flatnonzero(rated[ratings.scale])
    found = []
    for f, values in enumerate(parameters.signed):
        logit = values + sum(centres) - centres[f]
        if f == ratings.scale:
            found.append(_expected(logit, parameters.thresholds, ratings.scores))
            continue
        total = sum(_expected(logit, parameters.thresholds[g], ratings.scores[g]) for g in groups)
        found.append(np.asarray(total / len(groups)))
    return tuple(found)


def _expected(logit: Array, thresholds: Array, scores: Array) -> Array:
    """Expected score in original units."""
    return np.asarray((probabilities(logit, thresholds) * np.nan_to_num(scores)).sum(axis=-1))
