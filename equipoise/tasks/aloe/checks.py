"""Checks of the simulated user's messages: rules on English text, no model.

Each is 0 or 1 per message and made for few false alarms rather than for finding everything: a share of 3 % means at
least 3 %. ALOE's released code has no such checks; the four kinds of failure and all thresholds are ours.
"""

import re
from collections.abc import Iterable, Sequence

MOST_OF_PROFILE = 0.5
"""Share of the profile's content words from which a message reveals too much: at this pace ten turns would need two. No
single sentence reaches it word for word (at most 0.24 in the shipped profiles, 0.44 in the released ones), nor do two
of the seven or eight of a shipped profile (at most 0.44); four of them do in most cases."""

MOST_OF_TRAITS = 0.5
"""Share of the personality's traits from which naming them is a recital; at least `LEAST_TRAITS` of them."""

LEAST_TRAITS = 3

SAME = 0.8
"""Jaccard similarity of the words of two messages from which they count as the same."""

ENDINGS = ("ing", "ed", "es", "s", "e", "y", "ies")

_STOP_WORDS = """
a about after all also always am an and any are as at be been before being but by can could did do does doing down
during each either every few for from had has have having he her hers herself him himself his how i if in into is
it its itself just like me might mine more most much must my myself never no nor not now of off often on once one
only or other our ours out over own rather really same several shall she should since so some such than that the
their theirs them themselves then there these they this those though to too under until up us usually very was we
well were what when where which while who whom whose why will with without would yet you your yours yourself
"""

STOP_WORDS = frozenset(_STOP_WORDS.split())

_AN_AI = r"an? (?:ai|artificial intelligence|(?:large )?language model|(?:ai |virtual |digital )assistant|chatbot)"

PARTNERS_LINES = re.compile(
    rf"\bas {_AN_AI}\b"
    rf"|\bi(?:'m| am) (?:just |only )?{_AN_AI}\b"
    r"|\b(?:how|what) (?:can|may|could) i (?:help|assist|do for) you\b"
    r"|\bi(?:'m| am) here to (?:help|assist)\b"
    r"|\bis there anything (?:else )?(?:i can|you(?:'d| would) like me to) (?:help|assist|do)\b"
    r"|\b(?:feel free|don't hesitate) to (?:ask|reach out|contact)\b"
    r"|(?:^|[.!?\"]\s)(?:assistant|partner|ai|chatbot|friend)\s*:"
)
"""What an assistant says, or a line that is marked as the partner's."""

_TOLD = r"(?:prompt|instructions|persona|profile|personality|character sheet|description)"

OUT_OF_CHARACTER = re.compile(
    r"\b(?:role-?play(?:ing|ed)?|personas?|system prompt|simulated (?:user|person|chat|conversation))\b"
    rf"|\b(?:according to|based on|as (?:stated|described|mentioned) in|in line with) (?:my|the|this|your) {_TOLD}\b"
    rf"|\b(?:my|the|this|your|these) {_TOLD} (?:says?|said|states?|tells?|told|asks?|requires?|describes?)\b"
    r"|\b(?:break|breaking|broke|stay|staying|remain|remaining) (?:in |out of )?character\b"
    r"|\b(?:instructed|asked|told|prompted|supposed) to (?:act as|pretend to be|portray|simulate|impersonate)\b"
    r"|\[(?:your |insert |my )?(?:own )?(?:name|age|city|job|hobby|message|topic|place)\b[^\]]{0,30}\]"
)
"""Talk about the role-play, or a blank that was left unfilled."""


def role_inversion(message: str, partner_said: str = "") -> bool:
    """Whether the user speaks as the assistant, or repeats what the partner has just said.

    Args:
        message: The user's.
        partner_said: The partner's reply before it.
    """
    return PARTNERS_LINES.search(_plain(message)) is not None or _alike(message, partner_said)


def persona_dump(message: str, profile: str, personality: str) -> bool:
    """Whether one message reveals far more than the part of a persona that a turn should.

    Either `MOST_OF_PROFILE` of the profile's content words, or at least `MOST_OF_TRAITS` of the personality's traits by
    name. A trait's name is the first content word of its sentence: "Calm: …", "She is calm, …".
    """
    said = _stems(message)
    facts = _stems(profile)
    traits = {stems[0] for sentence in re.split(r"[.!?]\s", personality) if (stems := _in_order(sentence))}
    named = len(traits & said)
    recited = named >= LEAST_TRAITS and named >= MOST_OF_TRAITS * len(traits)
    return recited or (bool(facts) and len(facts & said) >= MOST_OF_PROFILE * len(facts))


def repetition(message: str, earlier: Iterable[str]) -> bool:
    """Whether the message is nearly one of the user's earlier messages."""
    return any(_alike(message, before) for before in earlier)


def left_character(message: str) -> bool:
    """Whether the user talks about the role-play, its prompt or its persona."""
    return OUT_OF_CHARACTER.search(_plain(message)) is not None


def failures(said: Sequence[str], replies: Sequence[str], profile: str, personality: str) -> list[dict[str, bool]]:
    """All checks on the user's messages of one dialogue, one mapping per turn.

    Args:
        said: The user's messages, as the partner saw them.
        replies: The partner's replies, as many.
        profile: Of the user.
        personality: Of the user.
    """
    return [
        {
            "role_inversion": role_inversion(message, replies[turn - 1] if turn else ""),
            "persona_dump": persona_dump(message, profile, personality),
            "repetition": repetition(message, said[:turn]),
            "left_character": left_character(message),
        }
        for turn, message in enumerate(said)
    ]


def _alike(one: str, other: str) -> bool:
    """Whether two texts share nearly all words; an empty text is like no other."""
    left, right = set(_words(one)), set(_words(other))
    return bool(left and right) and len(left & right) >= SAME * len(left | right)


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").casefold().split())


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:'[^\W_]+)?", _plain(text))


def _in_order(text: str) -> list[str]:
    """The stems of the content words, in order."""
    return [_stem(word) for word in _words(text) if word.partition("'")[0] not in STOP_WORDS]


def _stems(text: str) -> set[str]:
    return set(_in_order(text))


def _stem(word: str) -> str:
    """A word without its commonest endings: "hikes", "hiked" and "hiking" are one."""
    word = word.removesuffix("'s")
    ending = next((ending for ending in ENDINGS if word.endswith(ending) and len(word) - len(ending) >= 3), "")
    return word.removesuffix(ending)
