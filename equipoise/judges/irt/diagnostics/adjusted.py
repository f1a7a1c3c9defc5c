"""Adjusted averages: the raw mean each object would have if all had met the same items and judges."""

import numpy as np

from equipoise.judges.irt.diagnostics.curves import probabilities
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import Array, Ratings, blocks

_WIDTH = 0.02  # logits: contexts this close to each other count as one


def adjusted_averages(ratings: Ratings, parameters: Parameters, measures: Array) -> Array:
    """Mean expected score over all contexts of the table, each as often as it occurs, at given measures.

    A context is everything but the object: item, judge, and so on. Where every object has met every context equally
    often, the adjusted average at the maximum is the raw mean itself; so a difference between the two is the effect of
    who judged what, and nothing else. (A fair average instead puts all other facets at one point, their mean; since
    scores are no linear function of logits, it differs from the raw mean in complete designs too.)

    Args:
        ratings: Whose contexts count.
        parameters: Of all facets; contexts with an element that has none (NaN) are left out.
        measures: Of objects, logits, shape (objects, …).

    Returns:
        In original score units, the shape of `measures`.
    """
    groups = 1 if ratings.scale in (None, 0) else ratings.groups
    offsets, weights = _offsets(ratings, parameters, groups)
    flat = np.asarray(measures, dtype=float).ravel()
    total, weight = np.zeros(len(flat)), 0.0
    for group in range(groups):
        if not weights[group].any():
            continue
        thresholds, scores = parameters.thresholds[group], ratings.scores[group]
        if ratings.scale == 0:  # every object has a scale of its own
            own = np.repeat(np.arange(ratings.groups), flat.size // ratings.groups)
            thresholds, scores = parameters.thresholds[own][:, None], ratings.scores[own][:, None]
        found = probabilities(flat[:, None] + offsets[group], thresholds)
        total += (found * np.nan_to_num(scores)).sum(axis=-1) @ weights[group]
        weight += float(weights[group].sum())
    return np.asarray(total / weight).reshape(np.shape(measures))


def _offsets(ratings: Ratings, parameters: Parameters, groups: int) -> tuple[Array, Array]:
    """What the contexts add to eta, gathered into narrow bins, and their weights; shape (groups, bins)."""
    reach = sum(float(np.nanmax(np.abs(part), initial=0)) for part in parameters.locations[1:])
    bins = int(np.ceil(2 * reach / _WIDTH)) + 1
    sums, weights = np.zeros(groups * bins), np.zeros(groups * bins)
    for rows in blocks(len(ratings)):
        offset = np.zeros(rows.stop - rows.start)
        for values, codes in zip(parameters.signed[1:], ratings.codes[1:], strict=True):
            offset += values[codes[rows]]
        weight = np.ones_like(offset) if ratings.weights is None else ratings.weights[rows]
        known = np.isfinite(offset)
        cell = ((offset[known] + reach) / _WIDTH).astype(np.int64)
        if groups > 1 and ratings.scale is not None:
            cell += ratings.codes[ratings.scale][rows][known].astype(np.int64) * bins
        sums += np.bincount(cell, offset[known] * weight[known], groups * bins)
        weights += np.bincount(cell, weight[known], groups * bins)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(weights > 0, sums / weights, 0.0)
    return means.reshape(groups, bins), weights.reshape(groups, bins)
