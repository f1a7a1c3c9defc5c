"""Which anchors of an earlier fit a later one can be held at, so that its measures are on the earlier scale."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from equipoise.judges.irt.scales.anchors import THRESHOLD

MODEL = "model"
CARRIED = "carried"
"""Group of the models that both fits have: the mean of their measures is held, not each of them."""


@dataclass(frozen=True)
class Held:
    """What a fit is held at.

    Attributes:
        anchors: As `fit` takes them; None = nothing can be held.
        floating: The facet whose mean is free.
        common: Elements in both fits, by facet.
        reason: Why nothing is held, in words; else empty.
        notes: What a reader must know.
    """

    anchors: pd.DataFrame | None = None
    floating: str = MODEL
    common: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    notes: tuple[str, ...] = ()


def hold(anchors: pd.DataFrame, facets: Sequence[str], coded: pd.DataFrame, origin: float, step: float) -> Held:
    """The anchors that put a fit on the earlier scale.

    Each vote depends on a sum of locations, so an origin is known only if every facet but one has an element that is
    held. Facets that share elements with the earlier fit are held at them, and the models' mean is free. Where one
    facet shares none (a new panel of judges), the mean of the models that both fits have is held, and that facet is
    free; without such models nothing is held: the new panel's severity could not be told from the models' capability.

    Args:
        anchors: Of one dimension: `facet, label, category, measure`, with the `origin` and `step` of its scores.
        facets: Facets of the fit, without the model.
        coded: Its ratings: `model`, the facets, and `score`.
        origin: A vote is origin + step x score.
        step: See there.
    """
    earlier = set(anchors["facet"]) - {MODEL, THRESHOLD}
    if earlier != set(facets):
        one, other = (", ".join(sorted(names)) for names in (earlier, facets))
        return Held(reason=f"the earlier scale has the facets {one}, these votes have {other}")
    shared = [_shared(anchors, name, coded) for name in (MODEL, *facets)]
    common = {name: len(rows) for name, rows in zip((MODEL, *facets), shared, strict=True)}
    lacking = [name for name in facets if not common[name]]
    if len(lacking) > 1 or (lacking and not common[MODEL]):
        return Held(common=common, reason=f"no {' and no '.join(lacking)} of the earlier scale is here")
    models, *others = shared
    others += [models.assign(group=CARRIED)] if lacking else []
    steps, notes = _thresholds(anchors, coded, origin, step)
    kept = pd.concat([rows for rows in [*others, steps] if len(rows)], ignore_index=True)
    named = [*("facet", "label", "category", "measure"), *(["group"] if lacking else [])]
    return Held(kept.reindex(columns=named), lacking[0] if lacking else MODEL, common, notes=notes)


def _shared(anchors: pd.DataFrame, facet: str, coded: pd.DataFrame) -> pd.DataFrame:
    rows = anchors[(anchors["facet"] == facet) & anchors["label"].isin(set(coded[facet].astype(str)))]
    return rows[["facet", "label", "measure"]]


def _thresholds(
    anchors: pd.DataFrame, coded: pd.DataFrame, origin: float, step: float
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Thresholds on the scores of these ratings; none if a rating is no category of the earlier scale."""
    rows = anchors[anchors["facet"] == THRESHOLD]
    category = (rows["origin"] + rows["step"] * rows["category"] - origin) / step
    kept = rows[["facet", "label", "measure"]].assign(category=category.round(6))
    if coded["score"].dropna().isin(kept["category"]).all():
        return kept, ()
    return kept[:0], ("some votes are no category of the earlier scale: its thresholds are not held",)
