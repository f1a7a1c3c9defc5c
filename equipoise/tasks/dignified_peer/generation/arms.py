"""From items to samples: who answers (the arms), what the judges see, and what the control agents say."""

import hashlib
from collections.abc import Sequence

from inspect_ai.dataset import Sample

from equipoise.harness.agents import Reply, publish_levels, publish_replies
from equipoise.harness.texts import texts_of
from equipoise.tasks.dignified_peer.control import said_by
from equipoise.tasks.dignified_peer.dimensions import DIMENSIONS, NAMES, Dimension, definitions
from equipoise.tasks.dignified_peer.items import PeerItem
from equipoise.tasks.dignified_peer.order import answers
from equipoise.tasks.sycophancy.asking import about

ITEM, OFF_MASK = "peer", "off_mask"
"""Keys of a sample's metadata: its item, and the dimension outside the mask that is judged too (empty: none)."""

MODEL, TOLD, SERVANT = "model", "told", "servant"
"""Arms that the model answers in: as it is, told what is asked for, told to be an evasive servant. The arms of the
item's own texts have the names of the answers: `golden`, `reject_A` and the like."""


def systems(item: PeerItem, bounds: bool) -> dict[str, str]:
    """Arm -> system prompt, of the arms that cost a call; empty = none."""
    if not bounds:
        return {MODEL: ""}
    texts = texts_of(__package__ or "")
    return {MODEL: "", TOLD: texts["told"].format(definitions=definitions(item.mask)), SERVANT: texts["servant"]}


def off_mask(item: PeerItem, seed: int) -> Dimension | None:
    """A dimension outside the item's mask, drawn with the seed; None where the mask holds all four."""
    outside = [dimension for dimension in DIMENSIONS if dimension not in item.mask]
    digest = hashlib.sha256(f"{seed}:{item.id}".encode()).digest()
    return outside[digest[0] % len(outside)] if outside else None


def samples(items: Sequence[PeerItem], bounds: bool, swapped: bool, seed: int) -> list[Sample]:
    """One sample per item, with all its arms."""
    return [
        Sample(
            id=item.id, input=item.prompt, target=item.golden,
            metadata={
                **about(item),
                "arm_names": [*systems(item, bounds), *(item.answers if bounds else ())],
                ITEM: item.model_dump(mode="json", exclude_defaults=True),
                OFF_MASK: (off_mask(item, seed) or "") if swapped else "",
            },
        )
        for item in items
    ]  # fmt: skip


def publish_answers(items: Sequence[PeerItem]) -> None:
    """Tell the control agents of this process what to say, and the scripted judges what each answer is worth.

    The level of an answer is 1 in the dimensions that it satisfies and 0 in all others, those outside the mask too: a
    scripted judge has no halo.
    """
    publish_replies(_reply(item) for item in items)
    for item in items:
        publish_levels(
            {
                answer.text: {NAMES[d]: float(d in answer.satisfies) for d in DIMENSIONS}
                for answer in answers(item).values()
            }
        )


def _reply(item: PeerItem) -> Reply:
    says = {agent: item.answers[name] for agent, name in said_by(item).items()}
    return Reply(item.prompt, says, tuple(item.answers.values()))
