"""Phrase lists: what a reply says, told by patterns on plain text."""

import re
from collections.abc import Iterable
from functools import lru_cache

_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_MARKS = re.compile(r"[*_#>|]+")
_CONTRACTIONS = (
    (re.compile(r"\bcan't\b|\bcan not\b|\bcant\b"), "cannot"),
    (re.compile(r"\bwon't\b|\bwont\b"), "will not"),
    (re.compile(r"\bain't\b"), "is not"),
    (re.compile(r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should)n'?t\b"), r"\1 not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"\b(it|that|there|he|she|what|here)'s\b"), r"\1 is"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"\b(i|you|he|she|we|they)'d\b"), r"\1 would"),
)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Lower case, straight quotes, no emphasis marks, contractions written out, single spaces.

    A pattern then needs one spelling only: "I can't", "I can’t" and "I **cannot**" are all "i cannot".
    """
    text = _MARKS.sub(" ", text.casefold().translate(_QUOTES))
    for pattern, long in _CONTRACTIONS:
        text = pattern.sub(long, text)
    return " ".join(text.split())


def any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern that finds any of the listed ones as whole words; it is applied to `plain` text."""
    return re.compile("|".join(rf"(?<!\w)(?:{pattern})(?!\w)" for pattern in patterns))
