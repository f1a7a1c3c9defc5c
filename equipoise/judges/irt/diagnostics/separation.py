"""How far the elements of a facet are apart, against their standard errors: separation, strata, reliability, chi2."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from equipoise.judges.irt.engine.ratings import Array


@dataclass(frozen=True)
class Spread:
    """Spread of the measures with measurement error taken out.

    Attributes:
        true_sd: sqrt(max(var(measure) - RMSE^2, 0)), logits.
        separation: G = true SD / RMSE.
    """

    true_sd: float
    separation: float

    @property
    def strata(self) -> float:
        """Number of levels that can be told apart, (4G + 1) / 3."""
        return (4 * self.separation + 1) / 3

    @property
    def reliability(self) -> float:
        """Share of the observed variance that is not error, G^2 / (1 + G^2); not the agreement of judges."""
        return self.separation**2 / (1 + self.separation**2)


@dataclass(frozen=True)
class ChiSquare:
    """A homogeneity test.

    Attributes:
        statistic: chi2.
        degrees_of_freedom: Of the null distribution; with 0 or less there is no test (NaN).
        p: Probability of a larger value if the hypothesis is true.
    """

    statistic: float
    degrees_of_freedom: int
    p: float


@dataclass(frozen=True)
class Separation:
    """Summary of one facet.

    Attributes:
        elements: Number of elements summarised, L.
        rmse: Root of the mean squared standard error, logits.
        population: With var(measure) over L: these elements are all there are.
        sample: With var(measure) over L - 1: they stand for others.
        fixed: Hypothesis: all elements have the same measure; d.f. L - 1.
        random: Hypothesis: they are a sample from a normal distribution; d.f. L - 2.
    """

    elements: int
    rmse: float
    population: Spread
    sample: Spread
    fixed: ChiSquare
    random: ChiSquare


def separation(measures: Array, errors: Array) -> Separation:
    """Separation of the elements of one facet.

    Wright & Masters (1982), Rating Scale Analysis, ch. 5; Wright & Masters (2002), Rasch Measurement Transactions 16,
    888 (strata). With w = 1 / SE^2: fixed chi2 = sum w m^2 - (sum w m)^2 / sum w; the random one takes
    w = 1 / (SE^2 + true variance), the true variance in its sample form.

    Whatever standard errors go in: Facets' tables, and the numbers of the specification's section 10.1, use the
    conditional ones, 1 / sqrt(sum V). They leave out that the other facets are estimated too; in a small design
    that changes much (the judges there: G = .66 with conditional, 0 with full standard errors).

    Args:
        measures: Logits; an element whose measure or standard error is not finite (no ratings, extreme), or whose
            standard error is 0 (anchored), is left out.
        errors: Standard errors, logits.
    """
    used = np.isfinite(measures) & np.isfinite(errors) & (errors > 0)
    kept, squared = measures[used], errors[used] ** 2
    number = len(kept)
    rmse = float(np.sqrt(squared.mean())) if number else np.nan
    population, sample = (_spread(kept, rmse, ddof) for ddof in (0, 1))
    return Separation(
        number,
        rmse,
        population,
        sample,
        _chi_square(kept, squared, number - 1),
        _chi_square(kept, squared + sample.true_sd**2, number - 2),
    )


def _spread(measures: Array, rmse: float, ddof: int) -> Spread:
    if len(measures) <= ddof:
        return Spread(np.nan, np.nan)
    true_sd = float(np.sqrt(max(measures.var(ddof=ddof) - rmse**2, 0.0)))
    return Spread(true_sd, true_sd / rmse)


def _chi_square(measures: Array, variances: Array, degrees_of_freedom: int) -> ChiSquare:
    if degrees_of_freedom < 1:
        return ChiSquare(np.nan, degrees_of_freedom, np.nan)
    weights = 1 / variances
    centred = measures - (weights @ measures) / weights.sum()
    statistic = float(weights @ centred**2)
    return ChiSquare(statistic, degrees_of_freedom, float(chi2.sf(statistic, degrees_of_freedom)))
