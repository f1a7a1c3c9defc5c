"""New objects on a finished scale: items, judges and thresholds are held, and their uncertainty is not forgotten."""

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.judges.irt.calibration import Calibration
from equipoise.judges.irt.engine.ratings import Array
from equipoise.judges.irt.engine.vector import sign
from equipoise.judges.irt.fit import fit
from equipoise.judges.irt.result import RaschFit


def score_new(scale: RaschFit, ratings: pd.DataFrame) -> pd.DataFrame:
    """Measures of new objects, with all other facets and the thresholds where an earlier fit put them.

    The objects need not have been in that fit; nothing in it moves. Two parts of the uncertainty are told apart:
    `se_clustered` takes the scale as known, `se_scale` is what the uncertainty of items, judges and thresholds adds,
    var = D Cov D' with D = A^-1 C, the effect of each held parameter on the new measure. The second part is shared by
    all objects scored on one scale: it counts against objects of other scales, less between these.

    Args:
        scale: The earlier fit, by joint maximum likelihood.
        ratings: A table with the same columns.

    Returns:
        One row per object (and value of the by-column): `measure, low, high, se, se_clustered, se_scale, se_total`
        (clustered and scale together, which `low` and `high` use), infit, outfit, count, average, status.

    Raises:
        InputError: The scale is no joint fit, a column is missing, or an element of a held facet is not on the scale.
    """
    settings = {key: value for key, value in scale.settings.items() if key != "correct"}
    if settings.get("estimator") != "jml":
        raise InputError("expected a fit by joint maximum likelihood", field="scale")
    anchors = scale.anchors()
    _check_known(anchors, ratings, settings["facets"])
    found = fit(ratings, anchors=anchors, correct=False, **settings)
    frames = [_scored(scale.part(part.value), part) for part in found.parts]
    if found.by is not None:
        for frame, part in zip(frames, found.parts, strict=True):
            frame.insert(0, found.by, part.value)
    return pd.concat(frames, ignore_index=True)


def _check_known(anchors: pd.DataFrame, ratings: pd.DataFrame, facets: list[str]) -> None:
    for name in facets:
        if name not in ratings.columns:
            raise InputError(f"no such column; the table has {', '.join(map(str, ratings.columns))}", field=name)
        known = set(anchors.loc[anchors["facet"] == name, "label"].astype(str))
        unknown = sorted(set(ratings[name].dropna().astype(str)) - known)
        if unknown:
            raise InputError(f"'{unknown[0]}' is not on the scale ({len(unknown)} unknown in all)", field=name)


def _scored(scale: Calibration, part: Calibration) -> pd.DataFrame:
    table = part.measures[part.measures["facet"] == part.names[0]].drop(columns=["facet"]).reset_index(drop=True)
    added = np.sqrt([_from_scale(scale, part, code) for code in range(len(table))])
    own = table["se_clustered"].fillna(table["se"]).to_numpy()
    total = np.hypot(own, added)
    half = (table["high"] - table["measure"]) * total / own
    table = table.assign(se_scale=added, se_total=total, low=table["measure"] - half, high=table["measure"] + half)
    columns = ["label", "measure", "low", "high", "se", "se_clustered", "se_scale", "se_total"]
    shown = table[[*columns, "infit", "outfit", "count", "average", "status"]]
    return shown.rename(columns={"label": part.names[0]})


def _from_scale(scale: Calibration, part: Calibration, code: int) -> float:
    """Variance that the held parameters hand on to one object's measure."""
    covariance, solution = scale.estimate.clusters, part.estimate.solution
    assert covariance is not None and solution is not None
    information = solution.information
    total = float(information.variances[0][code])
    if not total > 0:
        return 0.0
    weights: list[Array] = [np.zeros(size) for size in scale.ratings.sizes]
    for f in range(1, len(part.names)):
        place = {label: at for at, label in enumerate(scale.ratings.facets[f].labels)}
        row = np.asarray(information.pairs[0, f][[code]]).ravel()
        for at, label in enumerate(part.ratings.facets[f].labels):
            weights[f][place[label]] = sign(f) * -row[at] / total
    steps = np.zeros(scale.ratings.scores[:, 1:].shape)
    own = information.with_steps[0][code] / total
    groups = range(len(own))
    if part.ratings.scale is not None:
        place = {label: at for at, label in enumerate(scale.ratings.facets[part.ratings.scale].labels)}
        groups = [place[label] for label in part.ratings.facets[part.ratings.scale].labels]  # type: ignore[assignment]
    steps[list(groups)] = own
    return scale.estimate.factor**2 * covariance.form(weights, steps)
