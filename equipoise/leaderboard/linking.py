"""Editions on one scale: anchors of one edition hold the measures of the next, and a check of how well they do."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from equipoise.errors import InputError
from equipoise.judges.capability import Capability
from equipoise.judges.irt.scales import anchors as files
from equipoise.judges.irt.scales.anchors import THRESHOLD
from equipoise.judges.irt.scales.drift import FAR, SURE
from equipoise.judges.irt.scales.linking import FEW
from equipoise.leaderboard.board import ANCHORS_FILE, Board, open_board
from equipoise.leaderboard.edition import EDITIONS, Edition
from equipoise.leaderboard.standings import judged
from equipoise.leaderboard.transfer import edition_votes

COLUMNS = ["task", "dimension", "facet", "label", "category", "measure", "se", "origin", "step"]

LINKS = ["task", "dimension", "facet", "common", "displaced", "good", "text"]

MOST_DISPLACED = 0.2
"""Share of a facet's common elements that may have moved."""

MOST_NAMED = 5
"""Displaced elements that a sentence names."""


def edition_anchors(fits: Sequence[Capability]) -> pd.DataFrame:
    """What the fits of one edition hand to the next: measures of all elements, submissions too, and thresholds.

    Args:
        fits: One per task and dimension; those without a fit give none.

    Returns:
        `task, dimension, facet, label, category, measure, se, origin, step`, as `read_anchors` reads it.
    """
    found = []
    for each in fits:
        if each.fit is None:
            continue
        rows = each.fit.anchors(each.fit.parts[0].names)
        found.append(rows.assign(task=each.task, dimension=each.dimension, origin=each.origin, step=each.step)[COLUMNS])
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)


def export_anchors(board: Path, target: Path, edition: str | None = None) -> None:
    """The anchors' file of an edition of a board, by default of the current one; on the scale that it is held at.

    Raises:
        InputError: The folder is no board, has no such edition, its votes cannot be read or fitted, or the file cannot
            be written.
    """
    opened = open_board(board)
    chosen = opened.edition(edition)
    write_anchors(judged(edition_votes(opened, chosen.name), anchors_of(opened, chosen)).fits, target)


def write_anchors(fits: Sequence[Capability], target: Path) -> None:
    """The anchors' file of an edition, for `anchors` in the specification of the next one.

    Raises:
        InputError: No dimension of the edition could be fitted, or the file cannot be written.
    """
    anchors = edition_anchors(fits)
    if anchors.empty:
        raise InputError("no judged dimension of this edition has a fit that could be linked to", path=target)
    files.write_anchors(anchors, target)


def read_edition_anchors(path: Path, expected: str = "") -> pd.DataFrame:
    """Anchors that `write_anchors` wrote.

    Args:
        path: The file.
        expected: SHA-256 that the edition froze; empty = not checked.

    Raises:
        InputError: The file cannot be read, is no such file, or is not the one that was frozen.
    """
    table = files.read_anchors(path)
    if expected and hashlib.sha256(path.read_bytes()).hexdigest() != expected:
        raise InputError("is not the file that the edition was frozen with", path=path)
    for name in COLUMNS:
        if name not in table.columns:
            raise InputError(f"no such column; expected {', '.join(COLUMNS)}", path=path, field=name)
    for name in ("origin", "step"):
        table[name] = pd.to_numeric(table[name], errors="coerce")
        if table[name].isna().any() or (name == "step" and (table[name] <= 0).any()):
            raise InputError("expected numbers, of a step above 0", path=path, field=name)
    return table


def anchors_of(board: Board, edition: Edition) -> pd.DataFrame | None:
    """The anchors that an edition was frozen with; None if its scale is its own.

    Raises:
        InputError: As `read_edition_anchors`.
    """
    if not edition.anchors:
        return None
    return read_edition_anchors(board.path / EDITIONS / ANCHORS_FILE.format(edition=edition.name), edition.anchors)


@dataclass(frozen=True)
class LinkCheck:
    """How well one dimension of an edition is held at the earlier scale.

    Attributes:
        task, dimension: Which one.
        common: Elements that it is held at, by facet.
        displaced: Those among them whose place among the others has changed, by facet.
        good: Whether measures can be compared with those of the earlier edition.
        text: The same in words.
    """

    task: str
    dimension: str
    common: dict[str, int]
    displaced: dict[str, tuple[str, ...]]
    good: bool
    text: str


def check_links(fits: Sequence[Capability], free: Sequence[Capability], anchors: pd.DataFrame) -> list[LinkCheck]:
    """Whether the elements that an edition shares with the earlier one carry its scale, dimension by dimension.

    An element is displaced if its measure in a free fit differs from the earlier one, after the median of such
    differences in its facet, by more than half a logit and by more than three standard errors. If more than a fifth of
    a facet's are, the facet is not the same any more. Fewer than five elements of a facet are few: one that drifts
    cannot be told from the others.

    Args:
        fits: Of the edition, held at the anchors.
        free: Of the same votes without anchors.
        anchors: Of the earlier edition.
    """
    found = []
    for each, own in zip(fits, free, strict=True):
        rows = anchors[(anchors["task"] == each.task) & (anchors["dimension"] == each.dimension)]
        found.append(_check(each, own, rows))
    return found


def links_table(checks: Sequence[LinkCheck]) -> pd.DataFrame:
    """The checks with one row per task, dimension and facet; a dimension that is not linked has one without a facet."""
    rows = [
        (each.task, each.dimension, facet, number, len(each.displaced.get(facet, ())), each.good, each.text)
        for each in checks
        for facet, number in (each.common or {"": 0}).items()
    ]
    return pd.DataFrame(rows, columns=LINKS)


def _check(found: Capability, free: Capability, anchors: pd.DataFrame) -> LinkCheck:
    held = found.held
    if held is None or held.anchors is None or found.fit is None or free.fit is None:
        reason = held.reason if held is not None else found.reason or free.reason
        reason = reason if len(anchors) else "the earlier edition did not measure it"
        return LinkCheck(found.task, found.dimension, {}, {}, False, f"Not linked: {reason}.")
    elements = held.anchors[held.anchors["facet"] != THRESHOLD]
    labels = {str(facet): set(own["label"]) for facet, own in elements.groupby("facet", sort=False)}
    common = {facet: len(names) for facet, names in labels.items()}
    displaced = {
        facet: _displaced(free.fit.measures, anchors[anchors["label"].isin(names)], facet)
        for facet, names in labels.items()
    }
    moved = [facet for facet, names in displaced.items() if len(names) > MOST_DISPLACED * common[facet]]
    return LinkCheck(found.task, found.dimension, common, displaced, not moved, _told(common, displaced, moved))


def _displaced(measures: pd.DataFrame, anchors: pd.DataFrame, facet: str) -> tuple[str, ...]:
    """Elements of a facet whose place among the others is not what it was."""
    before = anchors[anchors["facet"] == facet].set_index("label")[["measure", "se"]]
    now = measures[measures["facet"] == facet].set_index("label").reindex(before.index)
    difference = now["measure"] - before["measure"]
    difference -= difference.median()
    error = (now["se_clustered"].fillna(now["se"]) ** 2 + before["se"].fillna(0) ** 2) ** 0.5
    far = (difference.abs() > FAR) & (difference.abs() > SURE * error)
    return tuple(map(str, difference.index[far]))


def _told(common: dict[str, int], displaced: dict[str, tuple[str, ...]], moved: list[str]) -> str:
    """A check in words."""
    text = f"Linked through {_listed([f'{number} of {facet}' for facet, number in common.items()])}."
    if few := [f"{number} of {facet}" for facet, number in common.items() if number < FEW]:
        text += f" Few are {_listed(few)}: one that has drifted cannot be told from the others."
    for facet, names in displaced.items():
        if names:
            more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
            text += (
                f" {len(names)} of {facet} moved by more than {FAR:g} logits: {', '.join(names[:MOST_NAMED])}{more}."
            )
    if moved:
        text += f" The scale is not that of the earlier edition: more than a fifth of {_listed(moved)} moved."
    return text


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
