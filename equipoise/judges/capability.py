"""From votes to severity-free capability: one many-facet Rasch fit for each judged dimension of a run's long table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from equipoise.errors import InputError
from equipoise.judges.anchoring import Held, hold
from equipoise.judges.irt.fit import fit
from equipoise.judges.irt.result import RaschFit

FEW_JUDGES = 2
CLUSTER = ("model", "family")
Progress = Callable[[str, int, float, float], None]


@dataclass(frozen=True)
class Capability:
    """One judged dimension of one task, over all models of the table.

    Attributes:
        task, dimension: What was judged; criteria of a dimension (`empathy.tone`) are a facet of it.
        fit: The fit; None if there is none.
        reason: Why there is none, in words; else empty.
        models: One row per model: `model`; `measure` in logits with its interval `low, high` and `se`, clustered on
            item families; `adjusted` with `adjusted_low, adjusted_high`: mean vote if all models had met the same
            items, criteria and judges; `raw`, the plain mean vote; `shift` = adjusted - raw; `votes`; `families`;
            `status`.
        judges: One row per judge: `judge`, `severity` in logits (higher = stricter; mean 0 unless held), `low, high`,
            `infit`, `outfit`, `point_measure`, `votes`, `status`.
        warnings: What a reader must know, in sentences.
        origin, step: A vote is `origin + step x score`, the score being what was fitted.
        held: What the fit was held at; None if it is on a scale of its own.
    """

    task: str
    dimension: str
    fit: RaschFit | None
    reason: str
    models: pd.DataFrame
    judges: pd.DataFrame
    warnings: tuple[str, ...]
    origin: float = 0.0
    step: float = 1.0
    held: Held | None = None

    def record(self) -> dict[str, Any]:
        """As a JSON object; NaN becomes null."""
        return {
            "task": self.task,
            "dimension": self.dimension,
            "reason": self.reason,
            "models": _records(self.models),
            "judges": _records(self.judges),
            "warnings": list(self.warnings),
        }


def capability(
    table: pd.DataFrame, progress: Progress | None = None, anchors: pd.DataFrame | None = None
) -> list[Capability]:
    """Severity-free capability of every judged dimension in a long table.

    The facets are the model (what is measured), the item together with its arm (if there are several models; with one
    model there is nothing to tell its items apart from it), the turn and the criterion (where there are several), and
    the judge. Standard errors are clustered on the item families of each model: votes on one reply, and on paraphrases
    of one item, share more than the model knows.

    Args:
        table: In the long-table schema; rows without a judge are left out.
        progress: See `fit`.
        anchors: Anchors of an earlier fit as `RaschFit.anchors` returns them, with `task` and `dimension`, and with the
            `origin` and `step` of that fit's scores; `hold` chooses among them.

    Returns:
        One entry per task and dimension, in the table's order of names; where no fit is possible (one judge, one
        value, extreme votes only) with the reason.
    """
    votes = table[(table["judge"].astype(str) != "")]
    if votes.empty:
        return []
    names = votes["measure"].astype(str).str.partition(".")
    votes = votes.assign(dimension=names[0], criterion=names[2])
    groups = votes.groupby(["task", "dimension"], observed=True, sort=True)
    found = []
    for key, rows in groups:
        task, dimension = map(str, cast("tuple[Any, ...]", key))
        held = None
        if anchors is not None:
            own = anchors[(anchors["task"] == task) & (anchors["dimension"] == dimension)]
            held = own if len(own) else None
        found.append(_capability(task, dimension, rows, progress, held))
    return found


def _capability(
    task: str, dimension: str, rows: pd.DataFrame, progress: Progress | None, anchors: pd.DataFrame | None
) -> Capability:
    known = rows[rows["value"].notna()]
    nothing = pd.DataFrame()
    judges = known["judge"].nunique()
    if judges < FEW_JUDGES:
        reason = "one judge: its severity cannot be told from the models' capability" if judges else "no vote was given"
        return Capability(task, dimension, None, reason, nothing, nothing, ())
    facets = [name for name, several in _facets(known).items() if several]
    coded, start, width = _whole_scores(rows)
    held = None if anchors is None else hold(anchors, facets, coded, start, width)
    try:
        found = fit(
            coded, facets=facets, by=None, response=CLUSTER, anchors=held.anchors if held else None,
            floating=held.floating if held else None, progress=_named(progress, dimension),
        )  # fmt: skip
    except InputError as error:
        return Capability(task, dimension, None, error.message, nothing, nothing, ())
    part = found.parts[0]
    if not part.estimate.converged:
        return Capability(
            task, dimension, None, "too few votes: no maximum was found", nothing, nothing, found.warnings
        )
    measures = found.measures
    models = measures[measures["facet"] == "model"]
    adjusted = start + width * part.adjusted(models[["measure", "low", "high"]].to_numpy())
    raw = start + width * models["average"].to_numpy()
    shown = pd.DataFrame(
        {
            "model": models["label"],
            "measure": models["measure"],
            "low": models["low"],
            "high": models["high"],
            "se": models["se_clustered"].fillna(models["se"]),
            "adjusted": adjusted[:, 0],
            "adjusted_low": adjusted[:, 1],
            "adjusted_high": adjusted[:, 2],
            "raw": raw,
            "shift": adjusted[:, 0] - raw,
            "votes": models["count"],
            "families": models["responses"],
            "status": models["status"],
        }
    ).reset_index(drop=True)
    own = measures[measures["facet"] == "judge"]
    columns = {"label": "judge", "measure": "severity", "count": "votes"}
    kept = ["label", "measure", "low", "high", "infit", "outfit", "point_measure", "count", "status"]
    strict = own[kept].rename(columns=columns).reset_index(drop=True)
    warnings = (*(held.notes if held else ()), *found.warnings)
    return Capability(task, dimension, found, "", shown, strict, warnings, start, width, held)


def _facets(rows: pd.DataFrame) -> dict[str, bool]:
    """The facets that a rating may depend on, and whether these rows have several elements of each."""
    return {
        "place": rows["model"].nunique() > 1 and len(rows[["item", "arm"]].drop_duplicates()) > 1,
        "turn": rows["turn"].nunique() > 1,
        "criterion": rows["criterion"].nunique() > 1,
        "judge": True,
    }


def _whole_scores(rows: pd.DataFrame) -> tuple[pd.DataFrame, float, float]:
    """The rows as `fit` reads them; a vote is `start + width x score`.

    Values that are whole steps apart keep their distances in every mean; others count as ordered categories one step
    apart (start and width then give the lowest value and the mean step).
    """
    values = np.unique(rows["value"].dropna().to_numpy(dtype=float))
    width = float(np.diff(values).min()) if len(values) > 1 else 1.0
    score = (rows["value"] - values[0]) / width
    if not np.allclose(score.dropna(), score.dropna().round(), atol=1e-6):
        score = pd.Series(np.searchsorted(values, rows["value"]), index=rows.index).where(rows["value"].notna())
        width = float(values[-1] - values[0]) / (len(values) - 1)
    place = rows["item"].astype(str) + "|" + rows["arm"].astype(str)
    coded = rows[["model", "family", "turn", "criterion", "judge"]].assign(place=place, score=score.round())
    return coded, float(values[0]), width


def _named(progress: Progress | None, dimension: str) -> Progress | None:
    if progress is None:
        return None
    tell = progress
    return lambda _, iteration, log_likelihood, step: tell(dimension, iteration, log_likelihood, step)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", table.astype(object).where(table.notna(), None).to_dict("records"))
