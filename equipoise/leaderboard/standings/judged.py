"""What the votes of an edition say: capability without the judges' severity, the judges themselves, their agreement."""

from dataclasses import dataclass

import pandas as pd

from equipoise.harness.stats import DRAWS
from equipoise.judges.agreement import Agreement, Estimate, agreement
from equipoise.judges.capability import Capability, capability

CAPABILITY = [
    "task", "dimension", "submission", "measure", "low", "high", "adjusted", "adjusted_low", "adjusted_high", "raw",
    "votes", "status", "reason",
]  # fmt: skip
SEVERITY = ["task", "dimension", "judge", "severity", "low", "high", "infit", "outfit", "votes", "status"]
AGREEMENT = ["task", "measure", "judges", "units", "statistic", "estimate", "low", "high"]


@dataclass(frozen=True)
class Judged:
    """The judged dimensions of an edition.

    Attributes:
        capability: One row per task, dimension and submission: `measure` in logits with `low, high`; `adjusted` with
            its ends, the mean vote if all had met the same items and judges; `raw`, the plain mean vote. Where no fit
            was possible only `raw` and `votes` are given, and `reason` says why.
        severity: One row per task, dimension and judge, in logits, higher = stricter.
        fits: What both come from.
    """

    capability: pd.DataFrame
    severity: pd.DataFrame
    fits: tuple[Capability, ...]


def judged(votes: pd.DataFrame, anchors: pd.DataFrame | None = None) -> Judged:
    """Capability of all submissions and severity of all judges, one many-facet Rasch fit per task and dimension.

    Args:
        votes: Rows of long tables that have a judge, `model` being the submission; control agents count like others.
        anchors: What an earlier edition fixed, see `equipoise.leaderboard.linking`.
    """
    fits = tuple(capability(votes, anchors=anchors)) if len(votes) else ()
    models = [_models(each, votes) for each in fits]
    judges = [each.judges.assign(task=each.task, dimension=each.dimension) for each in fits if len(each.judges)]
    return Judged(_stacked(models, CAPABILITY), _stacked(judges, SEVERITY), fits)


def agreement_table(votes: pd.DataFrame, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """How far the judges agree, one row per task, measure and statistic.

    Statistics: Krippendorff's alpha by level (`alpha.nominal`, `alpha.ordinal`, `alpha.interval`), the mean
    `correlation` of two judges, and the bounds of the number of independent judges that the panel is worth
    (`effective.floor`, `effective.ceiling`). NaN where a statistic is not defined, as with one judge.

    Args:
        votes: As for `judged`.
        draws: Bootstrap samples of item families.
        seed: Of the bootstrap.

    Raises:
        InputError: A judge has two votes on one answer.
    """
    found = agreement(votes, draws=draws, seed=seed) if len(votes) else []
    rows = [
        (each.task, each.measure, len(each.judges), each.units, name, value.value, value.low, value.high)
        for each in found
        for name, value in _statistics(each).items()
    ]
    return pd.DataFrame(rows, columns=AGREEMENT)


def _statistics(found: Agreement) -> dict[str, Estimate]:
    bounds = found.bounds
    return {
        **{f"alpha.{level}": value for level, value in found.alpha.items()},
        "correlation": bounds.correlation,
        "effective.floor": bounds.floor,
        "effective.ceiling": bounds.ceiling,
    }


def _models(found: Capability, votes: pd.DataFrame) -> pd.DataFrame:
    if len(found.models):
        named = found.models.rename(columns={"model": "submission"})
    else:
        dimension = votes["measure"].astype(str).str.partition(".")[0]
        own = votes[(votes["task"].astype(str) == found.task) & (dimension == found.dimension)]
        means = own.groupby(own["model"].astype(str).rename("submission"), sort=True)["value"].agg(["mean", "count"])
        named = means.rename(columns={"mean": "raw", "count": "votes"}).reset_index().assign(status="")
    return named.assign(task=found.task, dimension=found.dimension, reason=found.reason)


def _stacked(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame(columns=columns)
    return pd.concat([table.reindex(columns=columns) for table in tables], ignore_index=True)
