"""Adjusted averages: equal to the raw mean in a complete design, and to what it would have been in another."""

import numpy as np
import pytest

from equipoise.judges.irt import fit, simulate
from equipoise.judges.irt.diagnostics.adjusted import adjusted_averages


def by_hand(part, measures):
    """Every object on every context of the table, one by one."""
    from equipoise.judges.irt.diagnostics.curves import probabilities

    ratings, held = part.ratings, part.estimate.maximum
    offset = sum(values[codes] for values, codes in zip(held.signed[1:], ratings.codes[1:], strict=True))
    weights = np.ones(len(ratings)) if ratings.weights is None else ratings.weights
    group = np.zeros(len(ratings), int) if ratings.scale is None else ratings.codes[ratings.scale]
    scores = np.nan_to_num(ratings.scores)[group]
    return [
        float(((probabilities(m + offset, held.thresholds[group]) * scores).sum(axis=1) @ weights) / weights.sum())
        for m in measures
    ]


@pytest.mark.parametrize("scale", ["common", "judge", "item"])
def test_complete_designs_are_not_shifted(scale):
    part = fit(simulate(12, 10, 4, categories=4, seed=3).ratings, scale=scale).parts[0]
    models = part.measures.query("facet == 'model'")
    assert np.allclose(part.adjusted(models["measure"].to_numpy()), models["average"], atol=1e-4)


@pytest.mark.parametrize("scale", ["common", "judge"])
def test_the_bins_lose_nothing(scale):
    table = simulate(12, 10, 4, categories=4, ratings=300, seed=3).ratings
    table["weight"] = 1.0 + np.arange(len(table)) % 3
    part = fit(table, scale=scale, weights="weight", correct=False).parts[0]
    measures = part.estimate.maximum.locations[0]
    found = adjusted_averages(part.ratings, part.estimate.maximum, measures)
    assert np.allclose(found, by_hand(part, measures), atol=1e-4)


def test_a_scale_per_object_is_read_on_its_own():
    part = fit(simulate(6, 30, 4, categories=4, seed=4).ratings, scale="model", correct=False).parts[0]
    models = part.measures.query("facet == 'model'")
    assert np.allclose(part.adjusted(models["measure"].to_numpy()), models["average"], atol=1e-4)


def test_a_model_read_by_the_strict_judge_alone_is_put_right():
    """Its raw mean is far below what all judges gave it; the adjusted mean is not."""
    simulation = simulate(20, 60, 4, categories=5, seed=6, sd_severity=1.0)
    table, strict = simulation.ratings, simulation.severities.idxmax()
    lone = simulation.abilities.index[3]
    seen = table[(table["model"] != lone) | (table["judge"] == strict)]
    part = fit(seen).parts[0]
    complete = table[table["model"] == lone]["score"].mean()
    row = part.measures.query("facet == 'model'").set_index("label").loc[lone]
    low, adjusted, high = part.adjusted(row[["low", "measure", "high"]].to_numpy(float))
    assert complete - row["average"] > 0.4
    assert low < complete < high
    assert abs(adjusted - complete) < 0.5 * (complete - row["average"])


def test_intervals_keep_their_shape():
    part = fit(simulate(6, 10, 3, seed=1).ratings).parts[0]
    table = part.measures.query("facet == 'model'")[["low", "measure", "high"]].to_numpy()
    found = part.adjusted(table)
    assert found.shape == (6, 3)
    assert (np.diff(found, axis=1) > 0).all()
