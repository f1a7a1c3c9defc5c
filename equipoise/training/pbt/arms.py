"""The rows of the three arms: as many in each, so that they differ in what they teach and in nothing else."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from equipoise.errors import InputError
from equipoise.training.common.preference import Split
from equipoise.training.pbt.pairs import Dimension, PbtPair

Arm = Literal["resist", "accept", "balanced"]
ARMS: tuple[Arm, ...] = get_args(Arm)
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

PER_QUESTION = 4
"""Most pairs of a question and dimension, so that a few questions that give many do not crowd out the rest."""


def arm_rows(
    pairs: Iterable[PbtPair], arm: Arm, split: Split, seed: int,
    per_question: int = PER_QUESTION, path: Path | None = None,
) -> list[PbtPair]:  # fmt: skip
    """The rows that an arm trains on; the SFT stage takes the chosen replies of the same rows.

    With n = floor(min(resist pairs, accept pairs) / 2), `resist` and `accept` have 2n rows of their dimension and
    `balanced` has n of each: the first n of the other two arms. Rows are drawn by a hash of seed and content, so the
    order of the pairs does not matter.

    Args:
        pairs: After all filters, of any split.
        arm: Which rows.
        split: Only these pairs.
        seed: Of the draw.
        per_question: Most pairs of a question and dimension.
        path: File of the pairs, for the message.

    Raises:
        InputError: Fewer than two pairs of a dimension.
    """
    pool = drawn(pairs, split, seed, per_question)
    half = rows_of_an_arm(pool) // 2
    if half == 0:
        counts = ", ".join(f"{len(found)} {dimension}" for dimension, found in pool.items())
        scarce = min(pool, key=lambda dimension: len(pool[dimension]))
        raise InputError(
            f"too few {scarce!r} pairs in split {split!r}: found {counts} (at most {per_question} a question); "
            "expected at least 2 of each, so that all arms have equal rows; make trees of more questions, two of each "
            "(--first both), or take agents that know different things",
            path=path,
        )
    parts = {"resist": (2 * half, 0), "accept": (0, 2 * half), "balanced": (half, half)}[arm]
    rows = [pair for found, count in zip(pool.values(), parts, strict=True) for pair in found[:count]]
    return sorted(rows, key=lambda pair: _place(pair, seed))


def drawn(pairs: Iterable[PbtPair], split: Split, seed: int, per_question: int) -> dict[Dimension, list[PbtPair]]:
    """The pairs of a split in the order of the draw, at most so many of a question, by dimension."""
    pool: dict[Dimension, list[PbtPair]] = {dimension: [] for dimension in DIMENSIONS}
    taken: dict[tuple[str, str], int] = defaultdict(int)
    members = [pair for pair in pairs if pair.split == split]
    for pair in sorted(members, key=lambda pair: _place(pair, seed)):
        if pair.dimension not in pool or taken[pair.item, pair.dimension] >= per_question:
            continue
        taken[pair.item, pair.dimension] += 1
        pool[pair.dimension].append(pair)
    return pool


def rows_of_an_arm(pool: dict[Dimension, list[PbtPair]]) -> int:
    """Rows that each arm can have: an even number, 0 where a dimension has fewer than two pairs."""
    return 2 * (min(map(len, pool.values())) // 2)


def _place(pair: PbtPair, seed: int) -> str:
    return hashlib.sha256(f"{seed}\n{pair.key}".encode()).hexdigest()
