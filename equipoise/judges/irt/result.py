"""What `fit` returns: the calibrations of all values of the by-column, read as tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.judges.irt.calibration import Calibration


@dataclass(frozen=True)
class RaschFit:
    """Severity-free measures from ratings; every table has the by-column first where one was given.

    Attributes:
        parts: One calibration per value of the by-column, in order of the values; one alone without.
        by: The by-column, None if nothing was split.
        settings: Arguments of `fit` by name, but for the ratings and the anchors.
    """

    parts: tuple[Calibration, ...]
    by: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def part(self, value: str = "") -> Calibration:
        """The calibration of one value of the by-column.

        Raises:
            InputError: There is none.
        """
        for part in self.parts:
            if part.value == value or (len(self.parts) == 1 and not value):
                return part
        raise InputError(
            f"expected one of {', '.join(part.value for part in self.parts)}, found '{value}'", field=self.by or "by"
        )

    @cached_property
    def measures(self) -> pd.DataFrame:
        """One row per element of every facet.

        Columns: `facet, label`; `measure` in logits (severity and difficulty: higher = stricter, harder); `low, high`,
        its 95 % interval from `se_clustered` and Student's t with responses - 1 degrees of freedom (from `se` where an
        element has one response only); `se` (full, from the inverse information), `se_clustered` (on the response),
        `se_conditional` (all other parameters taken as known), `se_real` (`se` enlarged by misfit); `infit, outfit`
        with their standardised forms `_z`; `count` (weighted ratings), `responses`; `score` and `average`, the raw sum
        and mean; `fair_average`, the mean score under equal conditions; `point_measure` and `point_expected`
        correlations; `discrimination`, a diagnostic, and `slope`, 1 unless slopes were asked for; `displacement` of an
        anchored element; `status` ("", "anchored", "extreme high", "extreme low", "not estimable"); `subset`.
        """
        return self._stack(lambda part: part.measures)

    @cached_property
    def thresholds(self) -> pd.DataFrame:
        """One row per category: `scale` (group), `category` (score), counts, average and expected measure, outfit.

        `threshold` is the point where this category and the one below are equally likely, `thurstone` where this one
        or a higher is as likely as not, `category_measure` where it is the expected score; logits relative to an
        element's own location. `flags` names what is wrong with a category.
        """
        return self._stack(lambda part: part.thresholds)

    @cached_property
    def facets(self) -> pd.DataFrame:
        """Two rows per facet: spread, separation, strata, reliability and chi-square tests with either error.

        `errors` says from which: `se_conditional` (as Facets prints them) or `se_clustered`.
        """
        return self._stack(lambda part: part.facets)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per calibration: ratings, what was left out, likelihood, convergence, dependence within responses."""
        return self._stack(_summary)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before using the measures."""
        return tuple(f"{part.value}: {text}" if part.value else text for part in self.parts for text in part.warnings)

    def bias(self, *facets: str, clustered: bool | None = None) -> pd.DataFrame:
        """Interactions of two or more facets: where scores are higher (bias above 0) or lower than expected.

        Columns: an element per facet, `bias` in logits, `se, t, df`, `p_facets` (as Facets prints it, too large), `z`
        (standard normal without bias), `q` (Benjamini-Hochberg over the cells of one calibration, from z), count,
        observed and expected score, their mean difference, infit, outfit.

        Args:
            facets: Names, for example `fit.bias("judge", "model")`.
            clustered: Errors clustered on the response; by default unless the last facet (the judges) is among them,
                since a judge rates a response once.

        Raises:
            InputError: Fewer than two facets, or an unknown one.
        """
        return self._stack(lambda part: part.bias(facets, clustered))

    def agreement(self, facet: str) -> pd.DataFrame:
        """Exact agreement of raters, observed and expected, each against all others; label "" = all pairs."""
        return self._stack(lambda part: part.agreement(facet))

    def unexpected(self, number: int = 20) -> pd.DataFrame:
        """The ratings with the largest |z| of each calibration, with their row in its table."""
        return self._stack(lambda part: part.unexpected(number))

    def contrast(self, first: str, second: str, facet: str | None = None) -> pd.DataFrame:
        """Difference between two elements (by default objects), with full and clustered standard errors.

        Raises:
            InputError: An element is unknown, or no ratings connect the two.
        """
        return self._stack(lambda part: pd.DataFrame([part.contrast(facet or part.names[0], first, second)]))

    def anchors(self, facets: Sequence[str] | None = None) -> pd.DataFrame:
        """Measures (by default of all facets but the object) and thresholds, to anchor a later fit at."""
        return self._stack(lambda part: part.anchors(facets))

    def correlations(self) -> pd.DataFrame:
        """Correlation of the object's measures between calibrations with measurement error taken out.

        Covariance of the measures, the mean squared (clustered) standard error taken off the diagonal; NaN where a
        variance is all error. Objects measured in every calibration count.

        Returns:
            Values of the by-column by themselves.
        """
        columns, errors = {}, {}
        for part in self.parts:
            own = part.measures[(part.measures["facet"] == part.names[0]) & (part.measures["status"] == "")]
            columns[part.value] = own.set_index("label")["measure"]
            error = own["se_clustered"].fillna(own["se"]).to_numpy()
            errors[part.value] = pd.Series(error, index=own["label"])
        together = pd.DataFrame(columns).dropna()
        if len(together) < 3:
            return pd.DataFrame(np.nan, index=list(columns), columns=list(columns))
        covariance = np.atleast_2d(np.cov(together.to_numpy().T))
        noise = (pd.DataFrame(errors).loc[together.index] ** 2).mean().to_numpy()
        true = np.sqrt(np.where(np.diag(covariance) > noise, np.diag(covariance) - noise, np.nan))
        found = covariance / true / true[:, None]
        np.fill_diagonal(found, 1.0)
        return pd.DataFrame(found, index=list(columns), columns=list(columns))

    def _stack(self, table: Callable[[Calibration], pd.DataFrame]) -> pd.DataFrame:
        if self.by is None:
            return table(self.parts[0])
        frames = []
        for part in self.parts:
            frame = table(part).copy()
            frame.insert(0, self.by, part.value)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)


def _summary(part: Calibration) -> pd.DataFrame:
    estimate, shared = part.estimate, part.response_dependence
    return pd.DataFrame(
        [
            {
                "estimator": estimate.estimator,
                "ratings": len(part.everything),
                "used": len(part.ratings),
                "missing": part.missing,
                "parameters": estimate.free_parameters,
                "log_likelihood": estimate.log_likelihood,
                "iterations": estimate.iterations,
                "converged": estimate.converged,
                "factor": estimate.factor,
                "object_sd": estimate.sd,
                "response_chi2_df": shared.ratio,
                "response_p": shared.p,
                "subsets": max(int(subset.max(initial=1)) for subset in part.subsets),
            }
        ]
    )
