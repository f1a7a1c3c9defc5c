"""One calibration read as tables: measures, thresholds, summaries, agreement, bias, unexpected ratings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import norm, t

from equipoise.errors import InputError
from equipoise.judges.irt.diagnostics.adjusted import adjusted_averages
from equipoise.judges.irt.diagnostics.bias import Bias, interaction
from equipoise.judges.irt.diagnostics.categories import categories
from equipoise.judges.irt.diagnostics.dependence import Dependence, dependence
from equipoise.judges.irt.diagnostics.element_fit import ElementFit, element_fit
from equipoise.judges.irt.diagnostics.exact_agreement import agreement
from equipoise.judges.irt.diagnostics.fair_average import fair_averages
from equipoise.judges.irt.diagnostics.misfit import FEW, misfit
from equipoise.judges.irt.diagnostics.original import observed_scores
from equipoise.judges.irt.diagnostics.separation import separation
from equipoise.judges.irt.diagnostics.unexpected import unexpected
from equipoise.judges.irt.engine.connectivity import subsets
from equipoise.judges.irt.engine.extremes import HIGHEST, LOWEST, NEITHER, NOTHING, Extremes, extreme_measures
from equipoise.judges.irt.engine.model import Parameters
from equipoise.judges.irt.engine.ratings import COMMON, Array, Codes, Ratings, blocks
from equipoise.judges.irt.engine.structure import Fixed
from equipoise.judges.irt.estimate import Estimate
from equipoise.judges.irt.scales.anchors import THRESHOLD

STATUS = {NEITHER: "", HIGHEST: "extreme high", LOWEST: "extreme low", NOTHING: "not estimable"}
MOST_JUDGES = 5  # named in the warnings
FEW_RATINGS = 30  # per object, below which joint estimates keep some bias and single errors mislead


@dataclass(frozen=True)
class Calibration:
    """One fit, of one value of the by-column.

    Attributes:
        value: That value; "" if nothing was split.
        estimate: Parameters and standard errors.
        everything: All ratings, those of extreme elements too.
        extremes: Which elements were set aside.
        anchored: What was held.
        missing: Rows without a score.
    """

    value: str
    estimate: Estimate
    everything: Ratings
    extremes: Extremes
    anchored: Fixed
    missing: int

    @property
    def ratings(self) -> Ratings:
        """The ratings that were fitted."""
        return self.estimate.ratings

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the facets, the object first."""
        return tuple(facet.name for facet in self.ratings.facets)

    def place(self, facet: str) -> int:
        """Index of a facet.

        Raises:
            InputError: There is none of that name.
        """
        if facet not in self.names:
            raise InputError(f"expected one of {', '.join(self.names)}, found '{facet}'", field="facet")
        return self.names.index(facet)

    @cached_property
    def fit_statistics(self) -> tuple[ElementFit, ...]:
        """Fit of every element, from the maximum itself."""
        return element_fit(self.ratings, self.estimate.maximum)

    @cached_property
    def response_dependence(self) -> Dependence:
        """Whether the judges of a response share something that the model does not know."""
        return dependence(self.ratings, self.estimate.maximum)

    @cached_property
    def subsets(self) -> tuple[Codes, ...]:
        """Subset of each element; measures of different subsets cannot be compared."""
        if self.estimate.solution is None:
            return tuple(np.ones(size, dtype=int) for size in self.ratings.sizes)
        return subsets(self.ratings, self.estimate.solution)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """One row per element of every facet; see `RaschFit.measures`."""
        found, errors = self._extreme
        located = tuple(
            np.where((kind == NEITHER) | np.isfinite(held), part, value)
            for kind, held, part, value in zip(
                self.extremes.kind, self.anchored.locations, self.estimate.parameters.locations, found, strict=True
            )
        )
        fair = fair_averages(self.ratings, Parameters(located, self.estimate.parameters.thresholds))
        return pd.concat(
            [self._facet(f, located[f], errors[f], fair[f]) for f in range(len(self.names))], ignore_index=True
        )

    @cached_property
    def _extreme(self) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        """Measures and standard errors of extreme elements, NaN elsewhere."""
        factor = self.estimate.factor
        found = extreme_measures(self.everything, self.extremes, self.estimate.maximum)
        return tuple(factor * part.measures for part in found), tuple(factor * part.standard_errors for part in found)

    def adjusted(self, measures: Array) -> Array:
        """Average scores of objects at these measures, had all met the same contexts; shape (objects, …)."""
        locations = list(self.estimate.maximum.locations)
        for f, (value, _) in enumerate(zip(*self._extreme, strict=True)):
            aside = self.extremes.kind[f] != NEITHER
            locations[f] = np.where(aside, value / self.estimate.factor, locations[f])
        held = Parameters(tuple(locations), self.estimate.maximum.thresholds)
        return adjusted_averages(self.on_final_scale, held, measures / self.estimate.factor)

    @cached_property
    def on_final_scale(self) -> Ratings:
        """All ratings, with the scores of the categories that were fitted."""
        return replace(self.everything, scores=self.ratings.scores)

    def _facet(self, f: int, located: Array, errors: Array, fair: Array) -> pd.DataFrame:
        estimate, fit, kind = self.estimate, self.fit_statistics[f], self.extremes.kind[f]
        anchored = np.isfinite(self.anchored.locations[f])
        estimated = (kind == NEITHER) & (fit.count > 0)
        unknown = np.where(estimated | anchored, 0.0, np.nan)
        se = np.where(kind == NEITHER, estimate.se.locations[f], errors)
        clustered = estimate.se_clustered.locations[f] + unknown
        conditional = estimate.se_conditional.locations[f] + unknown
        number = self._responses(f)
        half = np.where(
            np.isfinite(clustered) & (clustered > 0) & (number > 1),
            t.ppf(0.975, np.maximum(number - 1, 1)) * clustered,
            norm.ppf(0.975) * se,
        )
        measure = np.where((kind == NEITHER) & ~estimated & ~anchored, np.nan, located)
        raw, slopes = self._raw[f], estimate.slopes
        return pd.DataFrame(
            {
                "facet": self.names[f],
                "label": self.ratings.facets[f].labels,
                "measure": measure,
                "low": measure - half,
                "high": measure + half,
                "se": se + np.where((kind == NEITHER) & ~estimated & ~anchored, np.nan, 0.0),
                "se_clustered": np.where(anchored, 0.0, clustered),
                "se_conditional": np.where(anchored, 0.0, np.where(kind == NEITHER, conditional, errors)),
                "se_real": se * np.sqrt(np.maximum(1, np.nan_to_num(fit.infit, nan=1.0))),
                "infit": fit.infit,
                "infit_z": fit.infit_z,
                "outfit": fit.outfit,
                "outfit_z": fit.outfit_z,
                "count": self.everything.counts(f),
                "responses": number,
                "score": raw,
                "average": raw / np.maximum(self.everything.counts(f), 1e-300),
                "fair_average": fair,
                "point_measure": fit.correlation,
                "point_expected": fit.expected_correlation,
                "discrimination": fit.discrimination,
                "slope": slopes.values if slopes is not None and slopes.facet == f else 1.0,
                "displacement": np.where(anchored, fit.displacement, np.nan),
                "status": np.where(anchored, "anchored", np.vectorize(STATUS.get, otypes=[object])(kind)),
                "subset": self.subsets[f],
            }
        )

    def _responses(self, f: int) -> Array:
        clusters = self.estimate.clusters
        if clusters is None or clusters.responses is None:
            return np.full(self.ratings.sizes[f], np.nan)
        return clusters.responses.locations[f]

    @cached_property
    def _raw(self) -> tuple[Array, ...]:
        """Sum of the scores of each element, extreme ratings included."""
        ratings = self.everything
        totals = tuple(np.zeros(size) for size in ratings.sizes)
        for rows in blocks(len(ratings)):
            scores = observed_scores(ratings, rows)
            if ratings.weights is not None:
                scores = scores * ratings.weights[rows]
            for total, codes in zip(totals, ratings.codes, strict=True):
                total += np.bincount(codes[rows], scores, len(total))
        return totals

    @cached_property
    def thresholds(self) -> pd.DataFrame:
        """One row per category of every scale group; see `RaschFit.thresholds`."""
        estimate, ratings = self.estimate, self.ratings
        table = categories(ratings, estimate.maximum, estimate.se.thresholds)
        factor, clustered = estimate.factor, estimate.se_clustered.thresholds
        labels = (COMMON,) if ratings.scale is None else ratings.facets[ratings.scale].labels
        rows = []
        for g, label in enumerate(labels):
            for k in np.flatnonzero(np.isfinite(ratings.scores[g])):
                step = k - 1
                rows.append(
                    {
                        "scale": label,
                        "category": ratings.scores[g, k],
                        "count": table.count[g, k],
                        "share": table.share[g, k],
                        "average_measure": factor * table.average[g, k],
                        "expected_measure": factor * table.expected[g, k],
                        "outfit": table.outfit[g, k],
                        "threshold": factor * table.thresholds[g, step] if k else np.nan,
                        "se": table.errors[g, step] if k else np.nan,
                        "se_clustered": clustered[g, step] if k else np.nan,
                        "thurstone": factor * table.thurstone[g, step] if k else np.nan,
                        "category_measure": factor * table.measure[g, k],
                        "flags": "; ".join(
                            words
                            for words, is_so in (
                                ("fewer than 10 ratings", table.count[g, k] < 10),
                                ("average below the category before", bool(table.disordered_average[g, k])),
                                ("threshold below the one before", bool(k and table.disordered_threshold[g, step])),
                            )
                            if is_so
                        ),
                    }
                )
        return pd.DataFrame(rows)

    @cached_property
    def facets(self) -> pd.DataFrame:
        """One row per facet: spread, separation, reliability, homogeneity; see `RaschFit.facets`."""
        rows = []
        for name, part in self.measures.groupby("facet", sort=False):
            values = part.loc[part["status"] == "", "measure"].to_numpy()
            for kind in ("se_conditional", "se_clustered"):
                found = separation(values, part.loc[part["status"] == "", kind].to_numpy())
                rows.append(
                    {
                        "facet": name,
                        "errors": kind,
                        "elements": found.elements,
                        "mean": values.mean() if len(values) else np.nan,
                        "sd": values.std() if len(values) else np.nan,
                        "rmse": found.rmse,
                        "true_sd": found.sample.true_sd,
                        "separation": found.sample.separation,
                        "strata": found.sample.strata,
                        "reliability": found.sample.reliability,
                        "separation_population": found.population.separation,
                        "strata_population": found.population.strata,
                        "reliability_population": found.population.reliability,
                        "fixed_chi2": found.fixed.statistic,
                        "fixed_df": found.fixed.degrees_of_freedom,
                        "fixed_p": found.fixed.p,
                        "random_chi2": found.random.statistic,
                        "random_df": found.random.degrees_of_freedom,
                        "random_p": found.random.p,
                    }
                )
        return pd.DataFrame(rows)

    def agreement(self, facet: str) -> pd.DataFrame:
        """Exact agreement of a facet's elements with one another, and overall (label "")."""
        found = agreement(self.ratings, self.estimate.maximum, self.place(facet))
        overall = found.overall
        labels = ("", *self.ratings.facets[self.place(facet)].labels)

        def both(whole: Array, parts: Array) -> Array:
            return np.concatenate([np.atleast_1d(whole), parts])

        return pd.DataFrame(
            {
                "facet": facet,
                "label": labels,
                "opportunities": both(overall.opportunities, found.opportunities),
                "observed": both(overall.observed_share, found.observed_share),
                "expected": both(overall.expected_share, found.expected_share),
                "kappa": both(overall.kappa, found.kappa),
            }
        )

    def bias_of(self, facets: Sequence[str], clustered: bool | None = None) -> Bias:
        """Interaction of two or more facets, as arrays."""
        if clustered is None:  # within one judge every rating is another response
            clustered = self.names[-1] not in facets
        return interaction(
            self.ratings, self.estimate.maximum, [self.place(name) for name in facets], clustered=clustered
        )

    def bias(self, facets: Sequence[str], clustered: bool | None = None) -> pd.DataFrame:
        """Interaction table; see `RaschFit.bias`."""
        found = self.bias_of(facets, clustered)
        columns: dict[str, object] = {
            name: np.array(self.ratings.facets[self.place(name)].labels, dtype=object)[codes]
            for name, codes in zip(facets, found.codes, strict=True)
        }
        columns |= {
            "bias": found.bias,
            "se": found.se,
            "t": found.t,
            "df": found.df,
            "p_facets": found.p,
            "z": found.z,
            "q": found.q,
            "count": found.count,
            "observed": found.observed,
            "expected": found.expected,
            "average_difference": found.average,
            "infit": found.infit,
            "outfit": found.outfit,
            "extreme": found.extreme,
        }
        return pd.DataFrame(columns)

    def unexpected(self, number: int) -> pd.DataFrame:
        """The ratings hardest to believe; see `RaschFit.unexpected`."""
        found = unexpected(self.ratings, self.estimate.maximum, number)
        columns: dict[str, object] = {"row": found.rows}
        for name, facet, codes in zip(self.names, self.ratings.facets, found.codes, strict=True):
            columns[name] = np.array(facet.labels, dtype=object)[codes]
        columns |= {
            "observed": found.observed,
            "expected": found.expected,
            "z": found.z,
            "probability": found.probability,
        }
        return pd.DataFrame(columns)

    def contrast(self, facet: str, first: str, second: str) -> dict[str, float]:
        """Difference of two elements with its standard errors; see `RaschFit.contrast`."""
        f = self.place(facet)
        labels = self.ratings.facets[f].labels
        for label in (first, second):
            if label not in labels:
                raise InputError(f"has no element '{label}'", field=facet)
        a, b = labels.index(first), labels.index(second)
        table = self.measures[self.measures["facet"] == facet].reset_index(drop=True)
        if table["subset"][a] != table["subset"][b]:
            raise InputError(f"'{first}' and '{second}' are in different subsets: no ratings connect them", field=facet)
        difference = float(table["measure"][a] - table["measure"][b])
        estimate = self.estimate
        fitted = table["status"][[a, b]].isin(["", "anchored"]).all()
        if estimate.clusters is None or estimate.solution is None or not fitted:
            se = clustered = float(np.hypot(table["se"][a], table["se"][b]))
        else:
            from equipoise.judges.irt.engine.covariance import full

            weights = np.zeros(len(labels))
            weights[a] += 1
            weights[b] -= 1
            se = estimate.factor * float(np.sqrt(full(estimate.solution.equations).contrast(f, weights)))
            clustered = estimate.factor * float(np.sqrt(estimate.clusters.contrast(f, weights)))
        return {"difference": difference, "se": se, "se_clustered": clustered}

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before using the measures, in sentences."""
        found = list(self.estimate.notes)
        if max(int(part.max(initial=1)) for part in self.subsets) > 1:
            found.append(
                "some elements were never compared, directly or through others: measures of different subsets "
                "(column `subset`) cannot be compared; connect them by common items or judges, or anchor"
            )
        shared = self.response_dependence
        if shared.dependent:
            found.append(
                f"the judges of a response share more than the model knows (chi2/df {shared.ratio:.2f} within "
                f"{shared.responses} responses): read the clustered standard errors"
            )
        if self.estimate.estimator == "jml":
            counts = self.ratings.counts(0)
            few = int(((counts > 0) & (counts < FEW_RATINGS)).sum())
            if few:
                found.append(
                    f"{few} of {self.ratings.sizes[0]} elements of {self.names[0]} have fewer than {FEW_RATINGS} "
                    "ratings: consider estimator mml"
                )
        for f, name in enumerate(self.names):
            number, size = int((self.extremes.kind[f] != NEITHER).sum()), self.ratings.sizes[f]
            if number:
                found.append(f"{number} of {size} elements of {name} have only highest or only lowest scores")
        return tuple(found + self._misfits)

    @property
    def _misfits(self) -> list[str]:
        """Judges (the last facet) whose ratings do not fit, by name."""
        judge = self.names[-1]
        table = self.measures[(self.measures["facet"] == judge) & (self.measures["count"] >= FEW)]
        numbers = table[["infit", "outfit", "point_measure", "point_expected"]].to_numpy(float)
        told = [
            f"{judge} {label} {words}"
            for label, own in zip(table["label"], numbers, strict=True)
            if (words := misfit(*own))
        ]
        more = len(told) - MOST_JUDGES
        return told[:MOST_JUDGES] + [f"{more} more of {judge} fit badly: see their infit and outfit"] * (more > 0)

    def anchors(self, facets: Sequence[str] | None = None) -> pd.DataFrame:
        """Measures and thresholds as anchors of a later fit; see `RaschFit.anchors`."""
        names = self.names[1:] if facets is None else facets
        for name in names:
            self.place(name)
        table = self.measures[self.measures["facet"].isin(names) & (self.measures["status"].isin(["", "anchored"]))]
        elements = table[["facet", "label", "measure", "se_clustered"]].rename(columns={"se_clustered": "se"})
        steps = self.thresholds.rename(columns={"scale": "label", "threshold": "measure", "se_clustered": "clustered"})
        steps = steps[["label", "category", "measure", "se"]].assign(facet=THRESHOLD)
        return pd.concat([elements.dropna(subset=["measure"]), steps], ignore_index=True)[
            ["facet", "label", "category", "measure", "se"]
        ]
