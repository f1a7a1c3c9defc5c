"""Links worked out by hand, their coverage in simulation, the elements they drop, and the links that are refused."""

import warnings

import numpy as np
import pandas as pd
import pytest

from equipoise.errors import InputError
from equipoise.judges.irt.scales.linking import link

LABELS = list("abcdefgh")
ONE = np.array([-1.5, -1.0, -0.5, -0.2, 0.3, 0.6, 1.0, 1.4])
NOISE = np.array([0.02, -0.03, 0.05, -0.04, 0.01, 0.03, -0.02, 0.04])


def series(values, labels=LABELS):
    return pd.Series(np.broadcast_to(np.asarray(values, dtype=float), len(labels)).copy(), labels)


def test_shift_and_error_by_hand():
    """Two elements, differences .5 and .7, weights 1 / (.01 + .04) = 20 and 1 / (.04 + .12) = 6.25."""
    labels = ["a", "b"]
    with pytest.warns(UserWarning, match="the link rests on 2 elements; with fewer than 5"):
        found = link(
            series([0, 2], labels),
            series([0.1, 0.2], labels),
            series([0.5, 2.7], labels),
            series([0.2, 0.12**0.5], labels),
            True,
        )
    slope = 1.1
    weights = 1 / np.array([0.01 * slope**2 + 0.04, 0.04 * slope**2 + 0.12])
    assert found.slope == found.ratio == pytest.approx(slope)
    assert found.shift == pytest.approx(0.5)  # 2.7 - 1.1 x 2 too
    assert found.se == pytest.approx(weights.sum() ** -0.5)
    assert found.centre == pytest.approx(weights @ [0, 2] / weights.sum())
    with pytest.warns(UserWarning):
        plain = link(
            series([0, 2], labels),
            series([0.1, 0.2], labels),
            series([0.5, 2.6], labels),
            series([0.2, 0.12**0.5], labels),
        )
    assert plain.slope == 1 and plain.slope_se == 0
    assert plain.shift == pytest.approx((20 * 0.5 + 6.25 * 0.6) / 26.25)
    assert plain.se == pytest.approx(26.25**-0.5)
    assert plain.ratio == pytest.approx(1.05)
    # sd 1 and 1.05: relative errors sqrt(sum (m - mean)^2 SE^2) / sum (m - mean)^2
    relative = np.hypot(np.sqrt(0.01 + 0.04) / 2, 1.05 * np.sqrt(0.04 + 0.12) / (2 * 1.05**2))
    assert plain.ratio_se == pytest.approx(1.05 * relative)


def test_elements_that_drift_make_the_link_less_certain():
    """Errors of .01 cannot explain differences that spread by .03: the error grows by sqrt(chi2 / (n - 1))."""
    found = link(series(ONE), series(0.01), series(ONE + 0.8 + NOISE), series(0.0))
    assert found.dropped == ()
    assert found.shift == pytest.approx(0.8 + NOISE.mean())
    assert found.se == pytest.approx(NOISE.std(ddof=1) / np.sqrt(8))
    calm = link(series(ONE), series(0.3), series(ONE + 0.8 + NOISE), series(0.4))
    assert calm.se == pytest.approx(0.5 / np.sqrt(8))


def test_an_element_that_moved_is_dropped_and_told():
    moved = NOISE.copy()
    moved[[1, 6]] += [1.5, -0.9]
    found = link(series(ONE), series(0.1), series(ONE + 0.8 + moved), series(0.1))
    assert found.dropped == ("b", "g") and found.used == tuple("acdefh")
    kept = [0, 2, 3, 4, 5, 7]
    assert found.shift == pytest.approx(0.8 + NOISE[kept].mean())
    assert found.ratio == pytest.approx(np.std((ONE + NOISE)[kept]) / np.std(ONE[kept]))
    low, middle, high = np.quantile(moved, (0.25, 0.5, 0.75))
    assert found.robust_z.to_numpy() == pytest.approx((moved - middle) / (0.7413 * (high - low)))
    assert found.robust_z.index.tolist() == found.difference.index.tolist() == LABELS
    assert found.difference["b"] == pytest.approx(0.8 + moved[1])


@pytest.mark.parametrize(("z", "dropped"), [(2.65, ()), (2.75, ("e",))])
def test_the_limit_is_2_7_robust_standard_deviations(z, dropped):
    """Quartiles -.1 and .1: a robust standard deviation of .14826."""
    labels = list("abcde")
    difference = np.array([-0.1, -0.1, 0.0, 0.1, z * 0.14826])
    base = np.array([-30.0, -10, 0, 10, 30])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert link(
            series(base, labels), series(1, labels), series(base + difference, labels), series(1, labels)
        ).dropped == (dropped)


def test_a_linear_link_stretches_and_finds_the_same_outliers():
    moved = 0.5 + 1.3 * ONE + NOISE
    moved[3] += 2
    found = link(series(ONE), series(0.05), series(moved), series(0.05), linear=True)
    assert found.dropped == ("d",)
    kept = np.arange(8) != 3
    assert found.slope == found.ratio == pytest.approx(np.std((1.3 * ONE + NOISE)[kept]) / np.std(ONE[kept]))
    difference = moved - found.slope * ONE
    assert found.shift == pytest.approx(difference[kept].mean())
    assert found.difference.to_numpy() == pytest.approx(difference)
    assert found.centre == pytest.approx(ONE[kept].mean())
    spread = [np.sqrt(7) * np.std(part[kept]) for part in (ONE, moved)]
    assert found.slope_se == pytest.approx(found.slope * np.hypot(0.05 / spread[0], 0.05 / spread[1]))


def test_a_linear_link_of_drifting_elements_is_less_certain_in_both_parts():
    found = link(series(ONE), series(0.005), series(0.5 + 1.3 * ONE + NOISE), series(0.005), linear=True)
    weight = 1 / (0.005**2 * (1 + found.slope**2))
    residual = found.difference - found.shift
    excess = float(weight * (residual**2).sum() / 7)
    assert excess > 2
    assert found.se == pytest.approx(np.sqrt(excess / (8 * weight)))
    assert found.slope_se == pytest.approx(found.ratio_se * np.sqrt(excess))


def test_the_error_of_the_link_is_in_every_linked_measure_and_in_no_contrast():
    found = link(series(ONE), series(0.3), series(ONE + 0.8), series(0.4))
    measure, se = found.apply([0.0, 1.0], [0.2, 0.0])
    assert measure == pytest.approx([0.8, 1.8])
    assert se == pytest.approx([np.hypot(0.2, found.se), found.se])
    apart, error = found.contrast(1.0, 0.3, 0.25, 0.4)
    assert (apart, error) == pytest.approx((0.75, 0.5))


def test_errors_of_a_linear_link_by_hand():
    found = link(series(ONE), series(0.1), series(0.5 + 1.3 * ONE), series(0.1), linear=True)
    measure, se = found.apply(2.0, 0.2)
    assert measure == pytest.approx(0.5 + 2.6)
    assert se == pytest.approx(np.sqrt(0.26**2 + found.se**2 + ((2 - found.centre) * found.slope_se) ** 2))
    assert found.slope_se > 0 and found.centre == pytest.approx(ONE.mean())
    apart, error = found.contrast(2.0, 0.2, 0.5, 0.1)
    assert (apart, error) == pytest.approx((1.95, np.sqrt(1.69 * 0.05 + (1.5 * found.slope_se) ** 2)))


@pytest.mark.parametrize("linear", [False, True])
def test_intervals_of_linked_measures_cover(linear):
    """20 common elements with errors of .06 and .1, a measure 2 logits from their mean: 95 % of 400 samples."""
    random = np.random.default_rng(5)
    labels = list(range(20))
    true = random.normal(0, 1.2, 20)
    slope = 1.25 if linear else 1.0
    inside = apart = 0
    for _ in range(400):
        one = series(true + random.normal(0, 0.06, 20), labels)
        two = series(0.7 + slope * true + random.normal(0, 0.1, 20), labels)
        found = link(one, series(0.06, labels), two, series(0.1, labels), linear=linear)
        other = np.array([2.0, 0.5]) + random.normal(0, 0.05, 2)
        measure, se = found.apply(other, [0.05, 0.05])
        inside += abs(measure[0] - (0.7 + slope * 2)) < 1.96 * se[0]
        difference, error = found.contrast(other[0], 0.05, other[1], 0.05)
        apart += abs(difference - slope * 1.5) < 1.96 * error
    assert inside / 400 == pytest.approx(0.95, abs=0.04)
    assert apart / 400 == pytest.approx(0.95, abs=0.04)


def test_only_common_elements_with_measures_count_whatever_their_order():
    one, two = series(ONE), series(ONE + 0.8 + NOISE)
    plain = link(one, series(0.1), two, series(0.2))
    more = pd.concat([series([9.0, np.nan, 5.0], ["x", "y", "z"]), two[::-1]])
    more_se = pd.concat([series(0.2)[::-1], series(0.2, ["x", "y", "z"])])
    with_gap = pd.concat([one, series([3.0, np.nan], ["y", "z"])])
    found = link(with_gap, pd.concat([series(0.1), series([0.1, np.nan], ["y", "z"])]), more, more_se)
    assert (found.shift, found.se, found.used) == (pytest.approx(plain.shift), pytest.approx(plain.se), tuple(LABELS))


def test_a_set_linked_to_itself_stays_where_it_is():
    found = link(series(ONE), series(0.1), series(ONE), series(0.1))
    assert (found.shift, found.slope, found.ratio, found.dropped) == (0, 1, 1, ())
    assert np.isfinite(found.robust_z).all()


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_a_scale_of_another_unit_is_refused_unless_asked_for(factor):
    with pytest.raises(
        InputError,
        match=r"spread (0.85|1.15) \(SE 0\.\d\d\) times as wide .* as in the first; a shift expects 0.9 to 1.1",
    ):
        link(series(ONE), series(0.05), series(factor * ONE), series(0.05))
    assert link(series(ONE), series(0.05), series(factor * ONE), series(0.05), linear=True).slope == pytest.approx(
        factor
    )


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_a_ratio_that_may_be_chance_is_told_not_refused(factor):
    """Refused from 1.96 errors on: the error of this ratio is about .38 times the elements' own errors."""
    found = link(series(ONE), series(0), series(factor * ONE), series(0.05), linear=True)
    limit = 0.15 / 1.96 / (found.ratio_se / 0.05)
    with pytest.raises(InputError, match="ask for a linear link"):
        link(series(ONE), series(0), series(factor * ONE), series(0.99 * limit))
    with pytest.warns(UserWarning, match=r"spread (0.85|1.15) \(SE 0.08\) .* which may be chance"):
        assert link(series(ONE), series(0), series(factor * ONE), series(1.01 * limit)).slope == 1


@pytest.mark.parametrize("factor", [0.91, 1.09])
def test_a_scale_of_nearly_the_same_unit_is_linked(factor):
    found = link(series(ONE), series(0.001), series(factor * ONE), series(0.001))
    assert (found.slope, found.ratio) == (1, pytest.approx(factor))


def test_too_few_elements():
    for number in (0, 1):
        with pytest.raises(InputError, match=f"^{number} elements in common; expected 2 or more"):
            link(series(ONE), series(0.1), series(ONE)[:number], series(0.1))
    for number, warns in ((2, True), (4, True), (5, False)):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            assert len(link(series(ONE), series(0.1), series(ONE)[:number], series(0.1)).used) == number
        assert len(told) == warns


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first": pd.concat([series(ONE), series(ONE)])}, "field 'first': 'a' stands twice"),
        ({"second_se": pd.concat([series(0.1), series(0.1)])}, "field 'second_se': 'a' stands twice"),
        ({"first_se": series(0.1)[1:]}, "'a' has standard errors nan and 0.1; expected numbers of logits"),
        ({"first_se": series(-0.05)}, "'a' has standard errors -0.05 and 0.1"),
        ({"second_se": series(-0.05)}, "'a' has standard errors 0.1 and -0.05"),
        ({"first_se": series(0.0), "second_se": series(0.0)}, "'a' has standard errors 0.0 and 0.0; .* above 0"),
        ({"second_se": series(np.inf)}, "'a' has standard errors 0.1 and inf"),
        ({"first": series(3.0)}, "the common elements have one measure; expected different ones"),
        ({"second": series(0.0)}, "the common elements have one measure; expected different ones"),
    ],
)
def test_input_that_links_nothing(change, message):
    given = {"first": series(ONE), "first_se": series(0.1), "second": series(ONE), "second_se": series(0.1)}
    with pytest.raises(InputError, match=message):
        link(**(given | change))


def test_an_element_anchored_in_one_set_links():
    found = link(series(ONE), series(0.1), series(ONE + 1), series(0.0))
    assert (found.shift, found.se) == (pytest.approx(1), pytest.approx(0.1 / np.sqrt(8)))


def test_elements_without_any_spread_of_differences_keep_together():
    """An interquartile range of 0: whatever differs by more than rounding is dropped."""
    labels = list("abcdefghi")
    difference = np.array([0, 0, 0, 0, 0, 0, 0, 1e-9, 40.0])
    base = np.linspace(-1, 1, 9)
    found = link(series(base, labels), series(0.1, labels), series(base + difference, labels), series(0.1, labels))
    assert found.dropped == ("i",) and found.shift == pytest.approx(0, abs=1e-8)
