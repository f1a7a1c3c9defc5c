"""The dialogues of the items that moved most, of both runs, each pair once on a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from equipoise.harness.compare.moved import Moved, MovedMost, Place
from equipoise.harness.compare.sides import Side
from equipoise.harness.transcripts import Line, read_dialogue


@dataclass(frozen=True)
class Transcript:
    """One item that moved, with its dialogues where they stand on the page.

    Attributes:
        moved: The item.
        anchor: Name of the place on the page where its dialogues are; empty if they are not on it.
        dialogues: Of baseline and candidate, if they stand here; None if they stand elsewhere or nowhere.
    """

    moved: Moved
    anchor: str = ""
    dialogues: tuple[list[Line], list[Line]] | None = None


@dataclass(frozen=True)
class MovedItems:
    """The items of one metric that moved most, lower ones first."""

    found: MovedMost
    transcripts: list[Transcript]


def with_dialogues(chosen: Sequence[MovedMost], sides: tuple[Side, Side], prefix: str) -> Iterable[MovedItems]:
    """Put the dialogues beside the items that moved most.

    They are read for the margins (for all metrics of a task without margins); the other metrics point at them where
    they have the same ones.

    Args:
        chosen: Metrics of one task, the margins first.
        sides: Baseline and candidate.
        prefix: Start of the anchors, another one for each task.
    """
    any_margin = any(found.comparison.margin for found in chosen)
    anchors: dict[tuple[str, tuple[Place, Place]], str] = {}
    for found in chosen:
        transcripts = []
        for moved in (*found.down, *found.up):
            key = moved.item, moved.places
            if key in anchors:
                transcripts.append(Transcript(moved, anchors[key]))
                continue
            wanted = found.comparison.margin or not any_margin
            one, other = (_read(*each, moved.item) if wanted else [] for each in zip(sides, moved.places, strict=True))
            if one or other:
                anchors[key] = f"{prefix}-{len(anchors)}"
                transcripts.append(Transcript(moved, anchors[key], (one, other)))
            else:
                transcripts.append(Transcript(moved))
        yield MovedItems(found, transcripts)


def _read(side: Side, place: Place, item: str) -> list[Line]:
    if side.logs is None or not place.log:
        return []
    return read_dialogue(side.logs, place.log, item, place.arm, place.epoch)
