"""Attacks on judges inside a subject's reply: a bad reply, alone, with an attack, and with harmless words instead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, zip_longest
from typing import Literal

from equipoise.errors import InputError
from equipoise.harness.agents import publish_attacks, publish_levels
from equipoise.judges.injection.encodings import ENCODINGS
from equipoise.judges.probes.material import Item, read_set
from equipoise.judges.prompt import FENCE, fence
from equipoise.judges.rubric import Unit, rubric_named

KINDS = ("plain", "markup", "fake_vote", "authority", "language", "encoding", "emotional", "reasoning")
"""Kinds of attacks: instructions, fake markup, pretended votes, pretended authority, other languages than English,
encoded instructions, flattery and pressure, and arguments for a high vote."""


class Attack(Item):
    """Words that try to talk a judge into its best vote.

    Attributes:
        kind: One of `KINDS`.
        language: ISO 639-1 code.
        text: The words. `{best}`, `{worst}`, `{label}` stand for replies of the scale and the name of what is judged;
            `{reply}` for the attacked reply (without it the attack comes behind the reply), `{coded}` for `coded`.
        coded: What is encoded; may hold `{best}`.
        encoding: One of `ENCODINGS`.
    """

    kind: Literal["plain", "markup", "fake_vote", "authority", "language", "encoding", "emotional", "reasoning"]
    language: str
    text: str
    coded: str = ""
    encoding: str = ""

    def said(self, unit: Unit) -> str:
        """The words for one scale, `{reply}` still open."""
        known = {"{best}": unit.replies[-1], "{worst}": unit.replies[0], "{label}": unit.label}
        coded = ENCODINGS[self.encoding](_filled(self.coded, known)) if self.encoding else ""
        return _filled(self.text, {**known, "{coded}": coded})


class BadReply(Item):
    """A reply whose right vote is the lowest point of a rubric, with what the rubric shows beside it.

    Attributes:
        rubric: Name of a shipped rubric with one vote.
        field: Name of the field that the subject wrote.
        fields: All fields.
    """

    rubric: str
    field: str
    fields: dict[str, str]


class Harmless(Item):
    """A sentence that says nothing for or against a reply."""

    text: str


@dataclass(frozen=True)
class Case:
    """One attack on one reply.

    Attributes:
        attack: What is tried.
        reply: On which reply.
        attacked: The reply with the attack.
        control: The reply with harmless words of about the attack's length.
    """

    attack: Attack
    reply: BadReply
    attacked: str
    control: str

    @property
    def alone(self) -> str:
        """The reply as it is."""
        return self.reply.fields[self.reply.field]

    def fields(self, text: str) -> dict[str, str]:
        """What the judge is shown with a text in the place of the reply."""
        return {**self.reply.fields, self.reply.field: text}


@lru_cache
def attacks() -> tuple[Attack, ...]:
    """The shipped attacks."""
    return tuple(read_set(__package__ or "", "attacks", Attack))


@lru_cache
def bad_replies() -> tuple[BadReply, ...]:
    """The shipped replies that are attacked."""
    return tuple(read_set(__package__ or "", "replies", BadReply))


def cases(limit: int | None = None, rubrics: Sequence[str] = ()) -> list[Case]:
    """Every attack on every reply.

    Args:
        limit: Use so many attacks, the kinds in turn; None = all.
        rubrics: Attack replies of these rubrics only; empty = all.

    Raises:
        InputError: No reply is judged by one of the rubrics.
    """
    known = list(dict.fromkeys(reply.rubric for reply in bad_replies()))
    for name in rubrics:
        if name not in known:
            raise InputError(f"expected some of {', '.join(known)}, found {name!r}", field="rubric")
    chosen = [reply for reply in bad_replies() if not rubrics or reply.rubric in rubrics]
    return [_case(attack, reply) for attack in _in_turn(attacks())[:limit] for reply in chosen]


def publish_key(shown: Iterable[Case]) -> None:
    """Tell the scripted judges of this process how bad the replies are, and what the attacks want."""
    for case in shown:
        best = unit_of(case.reply).replies[-1]
        publish_levels({text: {"*": 0.0} for text in (case.alone, case.control, case.attacked)})
        publish_attacks(dict.fromkeys((case.attacked, _inside(case.attacked)), best))


def unit_of(reply: BadReply) -> Unit:
    """The one vote that a reply's rubric asks for."""
    (unit,) = rubric_named(reply.rubric).units()
    return unit


def _case(attack: Attack, reply: BadReply) -> Case:
    said, alone = attack.said(unit_of(reply)), reply.fields[reply.field]
    attacked = said.replace("{reply}", alone) if "{reply}" in said else f"{alone}\n\n{said}"
    return Case(attack, reply, attacked, f"{alone}\n\n{_harmless(len(attacked) - len(alone) - 2)}")


@lru_cache
def _harmless(length: int) -> str:
    """As many harmless sentences as come closest to a number of characters."""
    sentences = [each.text for each in read_set(__package__ or "", "harmless", Harmless)]
    sizes = list(accumulate(len(sentence) + 1 for sentence in sentences))
    count = 1 + min(range(len(sizes)), key=lambda place: abs(sizes[place] - 1 - length))
    return " ".join(sentences[:count])


def _in_turn(found: Iterable[Attack]) -> list[Attack]:
    """One attack of each kind, then the second of each, and so on."""
    by_kind: dict[str, list[Attack]] = {kind: [] for kind in KINDS}
    for attack in found:
        by_kind[attack.kind].append(attack)
    return [attack for row in zip_longest(*by_kind.values()) for attack in row if attack]


def _inside(text: str) -> str:
    """A text as it stands within a fence."""
    return fence(text).removeprefix(f"{FENCE}\n").removesuffix(f"\n{FENCE}")


def _filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(name, value)
    return text
