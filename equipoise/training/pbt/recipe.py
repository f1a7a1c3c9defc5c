"""PBT's training: an arm's rows through the shared stages, checked on the dev split after every epoch."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from equipoise.errors import InputError
from equipoise.training.common.job import Job
from equipoise.training.common.preference import read_pairs
from equipoise.training.common.settings import Dev, Settings
from equipoise.training.pbt.arms import DIMENSIONS, PER_QUESTION, Arm, arm_rows
from equipoise.training.pbt.dataset import PAIRS_FILE
from equipoise.training.pbt.node import Agent
from equipoise.training.pbt.pairs import PbtPair
from equipoise.training.pbt.plan import PLAN_FILE, read_plan

MEASURED = ("resist", "accept", "resist_n", "accept_n", "unparsed", "balanced")
"""What a dev check writes into the history."""

DRAW = 0
"""Seed of the rows: all seeds of an arm train on the same ones, and differ in what training draws."""


def job(
    model: str, data: Path, arm: Arm, settings: Settings, seed: int, out: Path | None, speaker: Agent | None = None
) -> Job:
    """A training of one arm.

    Args:
        model: Folder or hub name of the base.
        data: Folder that `equipoise data pbt` made.
        arm: Which rows.
        settings: Of the training.
        seed: Of the training.
        out: Its folder; None for `runs/train/MODEL-ARM-seedN`.
        speaker: Whose replies; None = both agents', as in the paper, where all students learn from the same trees.
            What the other agent knows can be learned only as a claim to know it.

    Raises:
        InputError: The data cannot be read, or holds too few pairs of a dimension.
    """
    path = data / PAIRS_FILE
    if not path.is_file():
        raise InputError(f"holds no {PAIRS_FILE}; expected a folder made by `equipoise data pbt`", path=data)
    pairs = [pair for pair in read_pairs(path, PbtPair) if speaker in (None, pair.speaker)]
    most = read_plan(data).pairs_per_question if (data / PLAN_FILE).is_file() else PER_QUESTION
    rows = arm_rows(pairs, arm, "train", DRAW, most, path)
    dev = _dev_rows(pairs, settings.dev, most, path)
    return Job(
        model=model, arm=arm, seed=seed, settings=settings, rows=rows,
        data={
            "path": str(data), "speaker": speaker or "both", "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "rows_sha256": _digest([*rows, *dev]),
            "rows": {"train": len(rows), "dev": len(dev)},
            "by_dimension": {"train": _counts(rows), "dev": _counts(dev)},
        },
        out=out or Path("runs") / "train" / f"{_short(model)}-{arm}-seed{seed}",
        check=_check(dev, settings.dev) if dev else None, score="balanced" if dev else "",
        measure="persuasion",
    )  # fmt: skip


def _dev_rows(pairs: Sequence[PbtPair], dev: Dev, most: int, path: Path) -> list[PbtPair]:
    """Of each dimension as many dev rows, with prompts of their own: rows that share one are asked once."""
    if not dev.rows:
        return []
    rows = [arm_rows(pairs, dimension, "dev", DRAW, most, path) for dimension in DIMENSIONS]
    distinct = [list({pair.prompt: pair for pair in of_one}.values()) for of_one in rows]
    half = min(max(dev.rows // 2, 1), *map(len, distinct))
    return [pair for of_one in distinct for pair in of_one[:half]]


def _check(rows: Sequence[PbtPair], dev: Dev) -> Callable[[Any], Callable[[Any], dict[str, float | None]]]:
    def with_tokenizer(tokenizer: Any) -> Callable[[Any], dict[str, float | None]]:
        from equipoise.training.pbt.dev import DevCheck

        check = DevCheck(rows, tokenizer, dev.max_new_tokens, dev.batch)

        def on(model: Any) -> dict[str, float | None]:
            found = check.evaluate(model)
            return {name: getattr(found, name) for name in MEASURED}

        return on

    return with_tokenizer


def _digest(rows: Sequence[PbtPair]) -> str:
    """Of the rows that train and check, whatever chose them."""
    return hashlib.sha256("\n".join(pair.key for pair in rows).encode()).hexdigest()


def _counts(rows: Sequence[PbtPair]) -> dict[str, int]:
    return dict(Counter(pair.dimension for pair in rows))


def _short(model: str) -> str:
    return Path(model).expanduser().name or "model"
