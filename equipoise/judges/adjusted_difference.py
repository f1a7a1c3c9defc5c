"""Two models' difference on every judged dimension with the judges' severity taken out, for `equipoise compare`."""

from math import nan

import pandas as pd
from scipy.special import ndtr, ndtri

from equipoise.harness.compare.adjusted import BASELINE, CANDIDATE, Adjusted
from equipoise.judges.capability import Capability, capability


def adjusted_differences(table: pd.DataFrame) -> list[Adjusted]:
    """The difference of two models in logits, from one many-facet Rasch fit per dimension.

    The standard error is that of the difference, with the covariance of the two measures, clustered on the item
    families. Panels that differ are no matter as long as they share a judge; that is what the fit is for.

    Args:
        table: Votes of two models called `baseline` and `candidate`.
    """
    return [_difference(each, table) for each in capability(table)]


def _difference(found: Capability, table: pd.DataFrame) -> Adjusted:
    own = table[(table["task"].astype(str) == found.task) & table["value"].notna()]
    own = own[own["measure"].astype(str).str.partition(".")[0] == found.dimension]
    judges = own.groupby(own["judge"].astype(str))["model"].nunique()
    shared = int((judges == 2).sum())
    if found.fit is None:
        return Adjusted(found.task, found.dimension, nan, nan, nan, nan, nan, shared, found.reason)
    if not shared or set(found.models["model"]) != {BASELINE, CANDIDATE}:
        reason = "no judge voted on both models"
        return Adjusted(found.task, found.dimension, nan, nan, nan, nan, nan, shared, reason)
    row = found.fit.contrast(CANDIDATE, BASELINE).iloc[0]
    difference = float(row["difference"])
    se = float(row["se_clustered"] if pd.notna(row["se_clustered"]) else row["se"])
    half = float(ndtri(0.975)) * se
    p = float(2 * ndtr(-abs(difference) / se)) if se > 0 else nan
    return Adjusted(
        found.task, found.dimension, difference, se, difference - half, difference + half, p, shared,
        warnings=found.warnings,
    )  # fmt: skip
