"""The category table against sums written out rating by rating, and what it flags."""

from dataclasses import fields, replace

import numpy as np
import pytest

from equipoise.judges.irt.diagnostics.categories import categories
from equipoise.judges.irt.diagnostics.curves import category_measures, thurstone_thresholds
from equipoise.judges.irt.engine import model

from ..by_hand import repeated, rows, small, total

DESIGNS = [(None, False), (None, True), (1, True), (2, False)]


def statistics(own, k):
    hits = [row for row in own if row.y == k]
    n, chance = total(hits, lambda r: 1), total(own, lambda r: r.p[k])
    z_expected = total(own, lambda r: r.p[k] * (k - r.e) ** 2 / r.v) / chance
    return {
        "count": n,
        "share": n / total(own, lambda r: 1),
        "average": total(hits, lambda r: r.x) / n,
        "expected": total(own, lambda r: r.p[k] * r.x) / chance,
        "outfit": total(hits, lambda r: r.z**2) / n / z_expected,
    }


@pytest.mark.parametrize(("scale", "weighted"), DESIGNS)
def test_every_column_is_its_formula(scale, weighted, monkeypatch):
    monkeypatch.setattr(model, "CHUNK", 32)
    ratings, parameters = small(scale, weighted, number=150)
    errors = np.arange(parameters.thresholds.size, dtype=float).reshape(parameters.thresholds.shape)
    found = categories(ratings, parameters, errors)
    table = rows(ratings, parameters)
    for group in range(ratings.groups):
        own = [row for row in table if row.group == group]
        last = int(np.isfinite(ratings.scores[group]).sum()) - 1
        for k in range(last + 1):
            wanted = {"scores": ratings.scores[group, k], **statistics(own, k)}
            for name, value in wanted.items():
                assert getattr(found, name)[group, k] == pytest.approx(value, rel=1e-9), (group, k, name)
        for name in ("scores", "count", "share", "average", "expected", "outfit", "measure"):
            assert np.isnan(getattr(found, name)[group, last + 1 :]).all(), name
        assert found.thresholds[group, :last].tolist() == parameters.thresholds[group, :last].tolist()
        assert found.errors[group, :last].tolist() == errors[group, :last].tolist()
        for name in ("thresholds", "errors", "thurstone"):
            assert np.isnan(getattr(found, name)[group, last:]).all(), name
    np.testing.assert_array_equal(found.measure, category_measures(parameters.thresholds))
    np.testing.assert_array_equal(found.thurstone, thurstone_thresholds(parameters.thresholds))


def test_a_weight_is_a_number_of_ratings():
    ratings, parameters = small(2)
    times = np.random.default_rng(5).integers(1, 4, len(ratings))
    weighted = categories(replace(ratings, weights=times.astype(float)), parameters)
    plain = categories(repeated(ratings, times), parameters)
    for field in fields(weighted):
        np.testing.assert_allclose(getattr(weighted, field.name), getattr(plain, field.name), rtol=1e-9)


def test_without_standard_errors_there_are_none():
    assert np.isnan(categories(*small()).errors).all()


def test_flags():
    found = categories(*small(1))
    made = replace(
        found,
        scores=np.array([[0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, np.nan]]),
        count=np.array([[9.5, 10.0, 12.0, 0.0], [10.0, 9.0, 30.0, np.nan]]),
        average=np.array([[-1.0, -1.2, 0.0, 0.0], [-2.0, -1.0, 1.0, np.nan]]),
        thresholds=np.array([[0.0, 1.0, 0.9], [0.3, 0.3, np.nan]]),
    )
    assert made.few.tolist() == [[True, False, False, True], [False, True, False, False]]
    assert made.disordered_average.tolist() == [[False, True, False, False], [False] * 4]
    assert made.disordered_threshold.tolist() == [[False, False, True], [False] * 3]
