"""The compiled passes: the sums of the numpy passes, whatever the design, the cuts and the number of threads."""

import tracemalloc
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.judges.irt.engine import kernel
from equipoise.judges.irt.engine.model import LIMIT, Expectation, Parameters
from equipoise.judges.irt.engine.ratings import Facet, Ratings, recode

numba = pytest.importorskip("numba")

from equipoise.judges.irt.engine import compiled, compiled_loops  # noqa: E402  (only where numba is)

TYPES = (np.int16, np.int32, np.int64, np.int16)


def design(length, sizes, categories, scale=None, weighted=False, seed=0, spread=1.0):
    """Random ratings, codes of mixed types, and random parameters; unused categories of a group have tau = +inf."""
    draw = np.random.default_rng(seed)
    codes = tuple(draw.integers(0, size, length).astype(kind) for size, kind in zip(sizes, TYPES, strict=False))
    most = np.full(length, categories)
    if scale is not None:
        most = 1 + codes[scale] % categories  # a group of one category, of two, …
    category = np.minimum(draw.integers(0, categories, length), most - 1)
    ratings = recode(
        Ratings(
            facets=tuple(Facet(f"f{f}", tuple(map(str, range(size)))) for f, size in enumerate(sizes)),
            codes=codes,
            category=category.astype(np.int16),
            scores=np.arange(float(categories))[None],
            scale=scale,
            weights=draw.uniform(0.2, 3, length) if weighted else None,
        )
    )
    tau = np.where(ratings.has_threshold, draw.normal(size=(ratings.groups, ratings.steps)), np.inf)
    return ratings, Parameters(tuple(draw.normal(size=size) * spread for size in sizes), tau)


def assert_same_gradient(found, expected, weight):
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-10)
    pairs = [*zip(found.residuals, expected.residuals, strict=True), (found.thresholds, expected.thresholds)]
    for ours, theirs in pairs:
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12 * weight)


def assert_same_information(found, expected, weight):
    assert_same_gradient(found.gradient, expected.gradient, weight)
    assert sorted(found.pairs) == sorted(expected.pairs)
    for ours, theirs in [
        *zip(found.variances, expected.variances, strict=True),
        *((found.pairs[pair], expected.pairs[pair]) for pair in expected.pairs),
        *zip(found.with_steps, expected.with_steps, strict=True),
        (found.steps, expected.steps),
    ]:
        assert type(ours) is type(theirs) and ours.shape == theirs.shape
        if not isinstance(ours, np.ndarray):
            ours, theirs = ours.toarray(), theirs.toarray()
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13 * weight)


def assert_same(ratings, parameters):
    weight = max(ratings.total_weight, 1.0)
    with np.errstate(divide="ignore"):
        assert_same_gradient(compiled.gradient(ratings, parameters), kernel.gradient(ratings, parameters), weight)
        assert_same_information(
            compiled.information(ratings, parameters), kernel.information(ratings, parameters), weight
        )


@pytest.fixture
def small_cuts(monkeypatch):
    """Several blocks of several chunks of several tiles, none of them full at its end."""
    monkeypatch.setattr(compiled, "CHUNK", 1300)
    monkeypatch.setattr(compiled, "_BLOCK", 3000)


@pytest.mark.usefixtures("small_cuts")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("scale", [None, 0, 1])
@pytest.mark.parametrize("sizes", [(7, 11), (30, 4, 5), (6, 5, 4, 3)])
@pytest.mark.parametrize("categories", [2, 5, 9])
def test_same_sums_as_numpy(sizes, categories, scale, weighted):
    ratings, parameters = design(10_007, sizes, categories, scale, weighted)
    assert (scale is None) == bool(np.isfinite(parameters.thresholds).all())
    assert_same(ratings, parameters)


@settings(deadline=None, max_examples=150)
@given(
    length=st.integers(0, 40),
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    categories=st.integers(1, 12),
    scale=st.none() | st.integers(0, 3),
    weighted=st.booleans(),
    spread=st.sampled_from([0.0, 1.0, 4.0]),
    seed=st.integers(0, 999),
)
def test_same_sums_for_any_small_design(length, sizes, categories, scale, weighted, spread, seed):
    owner = None if scale is None else scale % len(sizes)
    assert_same(*design(length, tuple(sizes), categories, owner, weighted, seed, spread))


@pytest.mark.parametrize("weighted", [False, True])
def test_improbable_ratings_keep_their_likelihood(weighted):
    """P_y of every rating between e^-660 and 1: products of two of them are not a number any more."""
    length = 100
    ratings, _ = design(length, (2, 2, 2, 2), 12, weighted=weighted)
    codes = tuple(np.arange(length).astype(np.int16) % 2 for _ in range(4))
    ratings = replace(ratings, codes=codes)
    ends = np.array([-LIMIT, LIMIT])
    parameters = Parameters((ends, -ends, -ends, -ends), np.zeros((1, 11)))
    assert not Expectation(ratings, parameters).in_logs
    found = compiled.gradient(ratings, parameters).log_likelihood
    assert np.isfinite(found) and found < -200 * length
    assert found == pytest.approx(kernel.gradient(ratings, parameters).log_likelihood, rel=1e-12)


def test_where_products_do_not_serve_the_numpy_passes_are_used(monkeypatch):
    """Beyond the range of a double, and with slopes."""
    ratings, parameters = design(50, (3, 3, 3), 20, spread=0.0)
    sloped = replace(ratings, slopes=(2, np.array([0.5, 1.0, 2.0])))
    far = Parameters(tuple(np.full(3, LIMIT) for _ in range(3)), parameters.thresholds)
    assert Expectation(ratings, far).in_logs and not Expectation(ratings, parameters).in_logs

    def never(*arguments):
        raise RuntimeError("compiled")

    monkeypatch.setattr(compiled, "add_slope", never)
    monkeypatch.setattr(compiled, "add_curvature", never)
    assert_same(ratings, far)
    assert_same(sloped, parameters)
    for compiled_pass in (compiled.gradient, compiled.information):
        with pytest.raises(RuntimeError, match="compiled"):
            compiled_pass(ratings, parameters)


@pytest.mark.usefixtures("small_cuts")
def test_threads_change_nothing(monkeypatch):
    ratings, parameters = design(20_000, (40, 30, 5), 5, scale=2, weighted=True)
    found = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", threads)
        found.append(compiled.information(ratings, parameters))
    for one, other in pairwise(found):
        assert one.gradient.log_likelihood == other.gradient.log_likelihood
        assert all(map(np.array_equal, one.gradient.residuals, other.gradient.residuals))
        assert np.array_equal(one.gradient.thresholds, other.gradient.thresholds)
        assert all(map(np.array_equal, one.variances, other.variances))
        assert all(np.array_equal(one.pairs[pair], other.pairs[pair]) for pair in one.pairs)
        assert all(map(np.array_equal, one.with_steps, other.with_steps))
        assert np.array_equal(one.steps, other.steps)


@pytest.mark.usefixtures("small_cuts")
@pytest.mark.parametrize(
    ("memory", "size", "blocks"), [(1 << 24, 5, 6), (5000, 5, 6), (1200, 5, 2), (100, 5, 1), (1 << 24, 300, 3)]
)
def test_blocks_are_fewer_where_tables_are_large(monkeypatch, memory, size, blocks):
    ratings, parameters = design(20_000, (size, 60), 3)
    started = []
    chunks = compiled._chunks
    monkeypatch.setattr(compiled, "_MEMORY", memory)
    monkeypatch.setattr(compiled, "_chunks", lambda ratings, rows: started.append(rows) or chunks(ratings, rows))
    found = compiled.information(ratings, parameters)
    assert len(started) == blocks
    assert sum(rows.stop - rows.start for rows in started) == len(ratings)
    assert_same_information(found, kernel.information(ratings, parameters), len(ratings))


@pytest.mark.usefixtures("small_cuts")
@pytest.mark.parametrize("cells", [0, 30, 200])
def test_large_pairs_are_sparse_as_in_numpy(monkeypatch, cells):
    monkeypatch.setattr(kernel, "DENSE_CELLS", cells)
    ratings, parameters = design(10_007, (20, 12, 2), 4, weighted=True)
    sparse = [not isinstance(table, np.ndarray) for table in compiled.information(ratings, parameters).pairs.values()]
    assert sum(sparse) == {0: 3, 30: 2, 200: 1}[cells]
    assert_same(ratings, parameters)


def test_no_array_as_long_as_the_ratings(monkeypatch):
    monkeypatch.setattr(compiled, "CHUNK", 5000)
    ratings, parameters = design(400_000, (50, 40, 5), 5)
    compiled.gradient(ratings, parameters), compiled.information(ratings, parameters)
    for compiled_pass in (compiled.gradient, compiled.information):
        tracemalloc.start()
        compiled_pass(ratings, parameters)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4 * len(ratings)


@pytest.mark.parametrize("wrong", [-1, 5])
@pytest.mark.parametrize("place", [0, 1, "category"])
def test_a_code_out_of_range_is_refused(place, wrong):
    ratings, parameters = design(100, (5, 5), 5)
    codes = [codes.copy() for codes in (*ratings.codes, ratings.category)]
    codes[-1 if place == "category" else place][70] = wrong
    ratings = replace(ratings, codes=tuple(codes[:-1]), category=codes[-1])
    with pytest.raises(IndexError, match="codes from 0 to 4"):
        compiled.gradient(ratings, parameters)


def test_parameters_of_another_design_are_refused():
    ratings, parameters = design(100, (5, 5), 5)
    short = Parameters((parameters.locations[0][:4], parameters.locations[1]), parameters.thresholds)
    fewer = Parameters(parameters.locations, parameters.thresholds[:, :3])
    for wrong in (short, fewer):
        with pytest.raises(ValueError, match="do not fit"):
            compiled.information(ratings, wrong)


def test_compiles_where_nothing_can_be_written(monkeypatch):
    def twice(number):
        return 2 * number

    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    with pytest.raises(RuntimeError, match="cannot cache"):
        numba.njit(cache=True)(twice)
    assert compiled_loops.compiled(twice)(21) == 42
