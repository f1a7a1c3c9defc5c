"""Published and converged values of four data sets: every number of the specification's section 10 that is estimated.

[exact] values are the maximum of the likelihood. Published ones (Facets, Winsteps) are not: those programs stop when no
score is off by more than .5 point and no measure moves by more than .01 logit, 3-5 % short of the maximum. Such values
are tested at +-.035 logit, or at their printed precision where they hold at it.
"""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from equipoise.judges.irt.diagnostics.categories import categories
from equipoise.judges.irt.diagnostics.curves import probabilities
from equipoise.judges.irt.diagnostics.element_fit import element_fit
from equipoise.judges.irt.diagnostics.separation import separation
from equipoise.judges.irt.engine.model import Parameters, moments
from equipoise.judges.irt.engine.ratings import read_frame

from .known import JUDGES, PERSONS, TRAITS, ex10, guilford, hibayes, liking_for_science, ministep, solve

pytestmark = pytest.mark.reference

STOPPED_SHORT = 0.035  # logits


# --- Guilford's creativity ratings (10.1) ------------------------------------------------------------------------

EXACT = {  # measure, conditional SE, infit, z, outfit, z
    "Avogadro": (0.039671, 0.116596, 0.849, -0.63, 0.880, -0.47),
    "Brahe": (0.245397, 0.117828, 1.475, 1.90, 1.524, 2.05),
    "Cavendish": (-0.095994, 0.116444, 0.672, -1.57, 0.666, -1.59),
    "Anne": (-0.071469, 0.173754, 0.242, -3.24, 0.239, -3.24),
    "Betty": (0.663832, 0.181551, 0.621, -1.14, 0.608, -1.18),
    "Chris": (-0.255433, 0.176798, 1.164, 0.57, 1.263, 0.82),
    "David": (-0.481519, 0.183139, 1.346, 1.00, 1.412, 1.15),
    "Edward": (0.440697, 0.175994, 1.991, 2.37, 1.991, 2.36),
    "Fred": (-0.584131, 0.186845, 0.717, -0.76, 0.789, -0.51),
    "George": (0.288022, 0.173715, 0.882, -0.25, 0.863, -0.31),
    "Attack": (-0.279997, 0.149116, 1.447, 1.45, 1.449, 1.45),
    "Basis": (-0.147010, 0.148756, 0.608, -1.48, 0.601, -1.51),
    "Clarity": (0.210856, 0.151173, 0.772, -0.74, 0.839, -0.48),
    "Daring": (-0.302251, 0.149246, 0.917, -0.20, 0.900, -0.26),
    "Enthusiasm": (0.518402, 0.157093, 1.254, 0.88, 1.328, 1.09),
}
TAU = [-0.690494, -2.351990, 0.809323, -1.483746, 1.718598, -0.978896, 2.392616, 0.584589]
TOTALS = {
    "judge": [171, 156, 181],
    "person": [70, 94, 64, 57, 87, 54, 82],
    "trait": [114, 108, 92, 115, 79],
}


@pytest.fixture
def creativity():
    return solve(guilford(), "person", ("trait", "judge"), floating=2)


def table_of(found, name):
    """One statistic of all elements, by label."""
    return {label: value for labels, part in found for label, value in zip(labels, getattr(part, name), strict=True)}


def test_the_file_has_the_published_totals(creativity):
    table = guilford()
    assert len(table) == 105 and table["score"].sum() == 508
    for facet, totals in TOTALS.items():
        assert table.groupby(facet)["score"].sum().tolist() == totals
    assert table["score"].value_counts().sort_index().tolist() == [4, 4, 25, 8, 31, 6, 21, 3, 3]
    ratings, parameters, _, _ = creativity
    for part, name in zip(element_fit(ratings, parameters), ("person", "trait", "judge"), strict=True):
        assert part.score.tolist() == TOTALS[name]
        assert part.expected_score == pytest.approx(TOTALS[name], abs=1e-6)
        assert part.average == pytest.approx(np.array(TOTALS[name]) * len(TOTALS[name]) / 105)
        assert part.displacement == pytest.approx(0, abs=1e-6)


def test_guilford_exact(creativity):
    ratings, parameters, log_likelihood, free = creativity
    assert log_likelihood == pytest.approx(-165.684984, abs=1e-6) and free == 20
    assert parameters.thresholds[0] == pytest.approx(TAU, abs=1e-6)
    labels = [facet.labels for facet in ratings.facets]
    assert labels == [tuple(PERSONS), tuple(TRAITS), tuple(JUDGES)]
    fit = list(zip(labels, element_fit(ratings, parameters), strict=True))
    places = dict(zip(sum(labels, ()), np.concatenate(parameters.locations), strict=True))
    names = ("conditional_error", "infit", "infit_z", "outfit", "outfit_z")
    statistics = [table_of(fit, name) for name in names]
    for label, (measure, *wanted) in EXACT.items():
        assert places[label] == pytest.approx(measure, abs=1e-6)
        for name, column, value, tolerance in zip(
            names, statistics, wanted, (1e-6, 5e-4, 5e-3, 5e-4, 5e-3), strict=True
        ):
            assert column[label] == pytest.approx(value, abs=tolerance * 1.01), (label, name)


def test_guilford_separation(creativity):
    """With conditional standard errors: with the full ones the judges' would be 0 / .67 and the traits' 2.01 / 2.30."""
    ratings, parameters, _, _ = creativity
    parts = zip(element_fit(ratings, parameters), parameters.locations, strict=True)
    persons, traits, judges = (separation(values, part.conditional_error) for part, values in parts)
    found = [each.separation for part in (judges, persons, traits) for each in (part.population, part.sample)]
    assert found == pytest.approx([0.663, 1.077, 2.253, 2.468, 1.849, 2.127], abs=5.1e-4)
    found = [each.reliability for part in (judges, persons) for each in (part.population, part.sample)]
    assert found == pytest.approx([0.306, 0.537, 0.835, 0.859], abs=5.1e-4)
    assert [persons.population.strata, persons.sample.strata] == pytest.approx([3.34, 3.62], abs=5.1e-3)


def test_guilford_published(creativity):
    """Measures that Facets prints in its bias report: see the head of this file for the tolerance."""
    ratings, parameters, _, _ = creativity
    labels = sum((facet.labels for facet in ratings.facets), ())
    places = dict(zip(labels, np.concatenate(parameters.locations), strict=True))
    found = [places[label] for label in ("Brahe", "David", "Edward")]
    assert found == pytest.approx([0.24, -0.46, 0.42], abs=STOPPED_SHORT)


# --- Liking for Science (10.2) -----------------------------------------------------------------------------------

ACTS = [
    *(-0.398, -0.711, 0.418, 1.756, 2.426, 0.308, 1.106, 1.675, 0.708, -1.491, -0.959, -2.049, -1.298),
    *(0.418, -0.484, 0.600, 0.159, -3.158, -2.492, 1.838, -0.857, 0.083, 2.187, -0.313, 0.528),
]


@pytest.fixture
def science():
    return solve(liking_for_science(), "child", ("act",))


def test_science_exact(science):
    ratings, parameters, log_likelihood, _ = science
    assert len(ratings) == 74 * 25
    assert log_likelihood == pytest.approx(-1328.950852, abs=1e-6)
    assert parameters.thresholds[0] == pytest.approx([-0.862256, 0.862256], abs=1e-6)
    assert ratings.facets[1].labels == tuple(map(str, range(1, 26)))
    assert parameters.locations[1] == pytest.approx(ACTS, abs=5.1e-4)
    fit = element_fit(ratings, parameters)[1]
    names = ("conditional_error", "infit", "infit_z", "outfit", "outfit_z")
    for act, score, wanted in (
        (23, 40, (0.214, 2.422, 6.32, 4.134, 9.00)),
        (17, 93, (0.194, 0.655, -2.67, 0.592, -2.40)),
    ):
        assert fit.score[act - 1] == score and fit.count[act - 1] == 74
        found = [getattr(fit, name)[act - 1] for name in names]
        for name, one, other, tolerance in zip(names, found, wanted, (5e-4, 5e-4, 5e-3, 5e-4, 5e-3), strict=True):
            assert one == pytest.approx(other, abs=tolerance * 1.01), (act, name)


def test_science_categories_exact(science):
    ratings, parameters, _, _ = science
    found = categories(ratings, parameters)
    assert found.scores.tolist() == [[0, 1, 2]] and found.count.tolist() == [[378, 620, 852]]
    assert found.share[0] == pytest.approx(np.array([378, 620, 852]) / 1850)
    assert found.average[0] == pytest.approx([-0.874, 0.134, 2.245], abs=5.1e-4)
    assert found.expected[0] == pytest.approx([-1.039, 0.335, 2.171], abs=5.1e-4)
    assert found.outfit[0] == pytest.approx([1.20, 0.695, 1.473], abs=5.1e-3)
    assert found.outfit[0, 1:] == pytest.approx([0.695, 1.473], abs=5.1e-4)
    assert not (found.disordered_average.any() or found.disordered_threshold.any() or found.few.any())
    (part,) = moments(ratings, parameters)
    plain = [float((part.residual**2 / part.variance)[part.observed == k].mean()) for k in range(3)]
    assert plain == pytest.approx([1.75, 0.81, 0.99], abs=5.1e-3)  # which the outfit of a category is not


def test_science_published(science):
    """Winsteps' tables; where a value holds at the printed precision it is tested there, else see the file's head."""
    ratings, parameters, _, _ = science
    found = categories(ratings, parameters)
    assert found.average[0] == pytest.approx([-0.87, 0.13, 2.23], abs=STOPPED_SHORT)
    assert found.average[0, :2] == pytest.approx([-0.87, 0.13], abs=5.1e-3)
    assert found.expected[0] == pytest.approx([-1.03, 0.33, 2.15], abs=STOPPED_SHORT)
    assert found.outfit[0] == pytest.approx([1.2, 0.7, 1.5], abs=0.05)
    assert found.thresholds[0] == pytest.approx([-0.85, 0.85], abs=STOPPED_SHORT)
    assert found.measure[0, 1] == pytest.approx(0, abs=1e-9)
    assert found.measure[0] == pytest.approx([-2.04, 0.0, 2.05], abs=0.04)  # E = .256 and 1.746 there, not .25, 1.75
    assert found.measure[0] == pytest.approx([-2.07, 0.0, 2.07], abs=0.01)  # as a later Winsteps prints (its manual)
    assert found.thurstone[0] == pytest.approx([-1.00, 0.99], abs=STOPPED_SHORT)
    fit = element_fit(ratings, parameters)[1]
    for act, measure, error, infit, infit_z, outfit, outfit_z in (
        (23, 2.19, 0.21, 2.42, 6.3, 4.13, 8.9),
        (17, 0.16, 0.19, 0.65, -2.7, 0.59, -2.5),
    ):
        at = act - 1
        assert parameters.locations[1][at] == pytest.approx(measure, abs=5.1e-3)
        assert fit.conditional_error[at] == pytest.approx(error, abs=5.1e-3)
        assert [fit.infit[at], fit.outfit[at]] == pytest.approx([infit, outfit], abs=5.1e-3)
        assert fit.infit_z[at] == pytest.approx(infit_z, abs=0.051)
        assert fit.outfit_z[at] == pytest.approx(outfit_z, abs=0.15)  # 9.00 and -2.40 at the maximum


def test_the_kernel_against_published_values_of_every_rating():
    """Expectation, variance, fourth moment, z and log P of 1,850 ratings, given measures and one step per act.

    The steps are not published: each is what fits the act's expectations best. Act 12 has two categories, 1 and 2.
    """
    table = ministep()
    ratings, _ = read_frame(table, "PUPIL", ("ACT",), "OBSERVED", scale="ACT")
    assert len(ratings) == 1850
    pupil = table.groupby("PUPIL")["PERSON.MEASURE"].first().to_numpy()
    act = table.groupby("ACT")["ITEM.MEASURE"].first().to_numpy()
    offset = ratings.scores[ratings.codes[1], 0]
    expectation = table["EXPECTATION"].to_numpy() - offset
    thresholds = np.full((25, 2), np.inf)
    for number in range(25):
        own = ratings.codes[1] == number
        eta = pupil[ratings.codes[0][own]] - act[number]
        if ratings.has_threshold[number].all():
            thresholds[number] = np.array([-1, 1]) * step_of(eta, expectation[own])
        else:
            assert ratings.scores[number, :2].tolist() == [1, 2] and number == 11
            thresholds[number, 0] = 0
    (part,) = moments(ratings, Parameters((pupil, act), thresholds))
    log_p = np.log(part.probabilities[ratings.category, np.arange(len(ratings))])
    for name, found, tolerance in (
        ("EXPECTATION", part.expected + offset, 0.002),
        ("VARIANCE", part.variance, 0.002),
        ("KURTOSIS", part.fourth, 0.002),
        ("ZSCORE", part.residual / np.sqrt(part.variance), 0.015),
        ("LOG.PROBABILITY.", log_p, 0.004),
    ):
        assert np.abs(found - table[name].to_numpy()).max() < tolerance, name


def step_of(eta, expectation):
    """tau_2 = -tau_1 by least squares on E."""

    def distance(tau):
        return ((probabilities(eta, np.array([-tau, tau])) @ np.arange(3) - expectation) ** 2).sum()

    return minimize_scalar(distance, bounds=(-4, 4), method="bounded", options={"xatol": 1e-9}).x


# --- ex10 (10.3) and hibayes q2 (10.4) ---------------------------------------------------------------------------


def test_ex10_has_the_published_totals():
    table = ex10()
    assert len(table) == 675 * 5 and table["person"].nunique() == 398
    assert table.groupby("item")["score"].sum().tolist() == [552, 464, 351, 216, 127]


def test_hibayes():
    """R's VGAM: `vglm(score ~ LLM + grader, acat(reverse = FALSE, parallel = TRUE))` with sum contrasts.

    Its coefficients are deviations from the facet's mean, of a model's ability and a grader's leniency (minus our
    severity); intercept_k = intercept - tau_k, the intercept being the models' mean, which floats here.

    The specification prints tau_3 = -2.207980, but its eight thresholds, which sum to zero, then sum to .000033:
    -2.208014 was meant.
    """
    table = hibayes()
    assert len(table) == 530 and sorted(table["score"].unique()) == list(range(9))
    ratings, parameters, log_likelihood, free = solve(table, "LLM", ("grader",))
    assert log_likelihood == pytest.approx(-699.7715, abs=5.1e-5) and free == 11
    models, graders = parameters.locations
    assert graders.sum() == pytest.approx(0, abs=1e-12)
    assert ratings.facets[1].labels == ("Autograder A", "Autograder B", "Human")
    assert -graders == pytest.approx([-0.9053916, -0.8899612, 1.795353], abs=1e-6)
    assert models.mean() == pytest.approx(-0.005945, abs=1e-6)
    assert models[0] - models.mean() == pytest.approx(1.2629730, abs=1e-6)
    tau = [-3.309103, -3.235368, -2.208014, -0.679949, 0.244567, 1.422158, 3.089184, 4.676524]
    assert parameters.thresholds[0] == pytest.approx(tau, abs=2e-6)
