"""Does a judge give models of its own family better votes than other judges give them?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from equipoise.errors import InputError
from equipoise.harness.agents.policy import CONTROLS
from equipoise.harness.roles import related
from equipoise.judges.agreement.resample import Estimate, Record
from equipoise.judges.names import model_of
from equipoise.judges.probes.estimates import mean

Array = NDArray[np.float64]

UNIT = ["family", "item", "arm", "epoch", "turn"]
"""What a model did once; votes on it by several judges are compared."""


@dataclass(frozen=True)
class SelfPreference(Record):
    """How a judge's votes on its own family differ from other judges', beyond what they differ elsewhere.

    For a judge j and another judge k, both of them on the same texts: (j - k on j's family) - (j - k on models of
    neither's family), so that neither quality nor a constant severity enters; averaged over all k.

    Attributes:
        judge: Its name.
        task, measure: What was voted on.
        own: Models of the judge's family, the judge itself among them.
        others: Models of another family than the judge's.
        references: The other judges that it is compared with: not of its family.
        preference: In points; above 0 = the judge favours its family. t interval, clustered by item family.
        votes, missing: How many votes the judge gave on this measure, and how many of them have no value, by reason.
    """

    judge: str
    task: str
    measure: str
    own: tuple[str, ...]
    others: tuple[str, ...]
    references: tuple[str, ...]
    preference: Estimate
    votes: int
    missing: dict[str, int]


def self_preference(table: pd.DataFrame) -> list[SelfPreference]:
    """The self-preference of every judge in a long table, by task and measure.

    It needs a model of the judge's family, a judge of another family, and a model of neither family: with two judges
    and one model of each family, the difference would be the sum of both judges' preferences. Control agents are left
    out: their texts lie at the ends of the scales, where judges of different severity differ least.

    Args:
        table: In the long-table schema; rows without a judge are left out.

    Returns:
        One record per judge; where its preference cannot be told, the reason stands in the estimate.

    Raises:
        InputError: There are no votes.
    """
    votes = table[(table["judge"] != "") & ~table["model"].isin(CONTROLS)]
    if votes.empty:
        raise InputError("holds no votes of judges on models that are no control agents; equipoise judge adds some")
    groups = votes.groupby(["task", "measure"], observed=True, sort=True)
    return [found for (task, measure), part in groups for found in _of_measure(str(task), str(measure), part)]


def _of_measure(task: str, measure: str, votes: pd.DataFrame) -> list[SelfPreference]:
    models, judges = (sorted(map(str, votes[name].unique())) for name in ("model", "judge"))
    wide = votes.pivot_table(index=UNIT, columns=["model", "judge"], values="value", observed=True, dropna=True)
    families = [str(unit[0]) for unit in wide.index]
    columns: Any = wide.items()
    values = {(str(model), str(judge)): column.to_numpy(dtype=np.float64) for (model, judge), column in columns}
    found = []
    for judge in judges:
        given = votes[votes["judge"] == judge]
        reasons = given["missing"].astype(str).value_counts().drop("", errors="ignore")
        own = [model for model in models if related(model_of(judge), model)]
        references = [other for other in judges if not related(model_of(judge), model_of(other))]
        found.append(
            SelfPreference(
                judge=judge,
                task=task,
                measure=measure,
                own=tuple(own),
                others=tuple(model for model in models if model not in own),
                references=tuple(references),
                preference=_preference(judge, own, references, models, values, families),
                votes=len(given),
                missing={str(reason): int(count) for reason, count in sorted(reasons.items())},
            )
        )
    return found


def _preference(
    judge: str, own: Sequence[str], references: Sequence[str], models: Sequence[str],
    values: dict[tuple[str, str], Array], families: Sequence[str],
) -> Estimate:  # fmt: skip
    """The difference in differences, a value per unit where both judges voted on both kinds of models."""
    if not own:
        return mean([], reason="no model of this judge's family")
    if not references:
        return mean([], reason="no judge of another family")
    if not values:
        return mean([], reason="no vote with a value")
    differences = []
    for other in references:
        ours = [model for model in own if not related(model_of(other), model)]
        neutral = [model for model in models if model not in own and not related(model_of(other), model)]
        if ours and neutral:
            on_own, elsewhere = (_gap(judge, other, kind, values) for kind in (ours, neutral))
            differences.append(on_own - elsewhere)
    if not differences:
        return mean([], reason="no model that is of neither judge's family: preferences of both cannot be told apart")
    by_unit = _nanmean(differences)
    there = np.isfinite(by_unit)
    clusters = [family for family, known in zip(families, there, strict=True) if known]
    return mean(by_unit[there], clusters, "no unit with all the votes that are compared")


def _gap(judge: str, other: str, models: Sequence[str], values: dict[tuple[str, str], Array]) -> Array:
    """Mean difference of two judges over the models that both voted on, by unit."""
    pairs = [(values.get((model, judge)), values.get((model, other))) for model in models]
    gaps = [one - two for one, two in pairs if one is not None and two is not None]
    return _nanmean(gaps) if gaps else np.full(len(next(iter(values.values()))), np.nan)


def _nanmean(rows: Sequence[Array]) -> Array:
    """Mean of those that are there, NaN where none is."""
    stacked = np.stack(rows)
    there = np.isfinite(stacked)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(there, stacked, 0.0).sum(axis=0) / there.sum(axis=0))
