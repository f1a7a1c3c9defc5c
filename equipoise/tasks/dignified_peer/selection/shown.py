"""How an item's answers are shown: lettered, in every rotation of one order, so that each stands at each place once."""

import hashlib
import random
import string
from collections.abc import Iterator, Sequence

from inspect_ai.dataset import Sample

from equipoise.harness.agents import Reply, publish_replies
from equipoise.harness.texts import texts_of
from equipoise.tasks.dignified_peer.control import said_by
from equipoise.tasks.dignified_peer.dimensions import definitions
from equipoise.tasks.dignified_peer.items import PeerItem
from equipoise.tasks.sycophancy.asking import about

ITEM, ORDER = "peer", "order"
"""Keys of a sample's metadata: its item, and the names of its answers in the order of the first rotation."""


def arm_of(rotation: int) -> str:
    """Name of a rotation's arm: the first one is `rotation1`."""
    return f"rotation{rotation + 1}"


def base_order(item: PeerItem, seed: int) -> list[str]:
    """Names of the item's answers in a random order, a pure function of the item's id and the seed."""
    names = list(item.answers)
    digest = hashlib.sha256(f"{seed}:{item.id}".encode()).digest()
    random.Random(int.from_bytes(digest[:8], "big")).shuffle(names)
    return names


def rotations(order: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Arm and order of every cyclic rotation."""
    for start in range(len(order)):
        yield arm_of(start), [*order[start:], *order[:start]]


def letters(count: int) -> str:
    """The letters of so many answers."""
    return string.ascii_uppercase[:count]


def question(item: PeerItem, order: Sequence[str]) -> str:
    """The prompt: the user's question, the answers under their letters, and the definitions of the mask."""
    texts, named = texts_of(__package__ or ""), letters(len(order))
    answers = [
        texts["answer"].format(letter=letter, text=item.answers[name])
        for letter, name in zip(named, order, strict=True)
    ]
    return str(
        texts["choose"].format(
            question=item.prompt, count=len(order), answers="\n\n".join(answers), definitions=definitions(item.mask),
            letters=f"{', '.join(named[:-1])} or {named[-1]}",
        )
    )  # fmt: skip


def samples(items: Sequence[PeerItem], seed: int) -> list[Sample]:
    """One sample per item, with all its rotations."""
    return [
        Sample(
            id=item.id, input=item.prompt, target=item.golden,
            metadata={
                **about(item),
                "arm_names": [arm for arm, _ in rotations(base_order(item, seed))],
                ITEM: item.model_dump(mode="json", exclude_defaults=True),
                ORDER: base_order(item, seed),
            },
        )
        for item in items
    ]  # fmt: skip


def publish_choices(items: Sequence[PeerItem], seed: int) -> None:
    """Tell the control agents of this process which letter to reply to each prompt."""
    publish_replies(
        _reply(item, order) for item in items for _, order in rotations(base_order(item, seed))
    )  # fmt: skip


def _reply(item: PeerItem, order: Sequence[str]) -> Reply:
    named = letters(len(order))
    says = {agent: named[order.index(name)] for agent, name in said_by(item).items()}
    return Reply(question(item, order), says, tuple(named))
