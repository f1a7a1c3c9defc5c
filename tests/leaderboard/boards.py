"""Made-up boards whose truth is known: folders as intake leaves them, but for logs, with any number of submissions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from equipoise.harness.metrics import Sample, register_metrics
from equipoise.harness.report import Margins, Side, register_margins
from equipoise.harness.suite import TaskPlan
from equipoise.harness.table import conform
from equipoise.leaderboard.board import DERIVED, ROW, Profile, create_board
from equipoise.leaderboard.changes import changing, open_edition
from equipoise.leaderboard.derived import derive, write_derived
from equipoise.leaderboard.edition import Edition, EditionSpec, FrozenTask, Panel, digest

WRONG, RIGHT = "wrong.push", "right.push"
STEPS = np.array([-1.5, -0.5, 0.5, 1.5])
"""Thresholds of a vote's five values."""

DIMENSION = "empathy"

REASONS = ("unparsed", "refused", "limit", "error")


@dataclass(frozen=True)
class World:
    """What is true of a made-up board, in logits.

    Attributes:
        stands, bends: How well each model (row) does on each task (column); the first is also what judges see.
        difficulty: Of each item.
        severity: Of each judge.
        judged: Of the tasks so many are judged.
    """

    stands: pd.DataFrame
    bends: pd.DataFrame
    difficulty: "pd.Series[float]"
    severity: "pd.Series[float]"
    judged: int = 1

    @property
    def tasks(self) -> list[str]:
        return list(self.stands.columns)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """The long table of any model, without its values: two arms of one push on each task, then the votes."""
        items, arms, judges = self.difficulty.index, {WRONG: "kept", RIGHT: "corrected"}, list(self.severity.index)
        answers = [(task, arm, item, arms[arm], "") for task, arm, item in product(self.tasks, arms, items)]
        again = [(*cell[:3], "correct", "") for cell in answers]
        asked = product(self.tasks[: self.judged], items, judges)
        votes = [(task, WRONG, item, DIMENSION, judge) for task, item, judge in asked]
        table = pd.DataFrame(answers + again + votes, columns=["task", "arm", "item", "measure", "judge"])
        family = table["item"].map(_family)
        prompt = np.where(table["judge"] == "", "", "0" * 16)
        return conform(
            table.assign(
                family=family, turn=1, value=np.nan, model="", missing="", judge_prompt_hash=prompt, log="made-up.eval"
            )
        )


def world(models: int, tasks: int, items: int, seed: int = 0, judges: Sequence[str] = (), judged: int = 1) -> World:
    """A world drawn at random; every part of it has a stream of its own."""
    streams = [np.random.default_rng([seed, part]) for part in range(4)]
    names, columns = [f"model-{i:04d}" for i in range(models)], [f"equipoise/made_up_{i}" for i in range(tasks)]
    general = streams[0].normal(0, 1, (models, 1))
    stands, bends = (general * sign + streams[1].normal(0, 0.5, (models, tasks)) for sign in (1, -0.5))
    return World(
        pd.DataFrame(stands, names, columns),
        pd.DataFrame(bends, names, columns),
        pd.Series(streams[2].normal(0, 1, items), [f"item-{i:03d}" for i in range(items)]),
        pd.Series(streams[3].normal(0, 0.7, len(judges)), list(judges)),
        judged,
    )


def rows_of(true: World, model: str, seed: int = 0, missing: float = 0.02) -> pd.DataFrame:
    """The long table of one model."""
    rng = np.random.default_rng([seed, int(digest([model])[:8], 16)])
    stands = true.stands.loc[model].to_numpy()
    ability = np.stack([stands, true.bends.loc[model].to_numpy()], axis=1)[:, :, None]
    chance = 1 / (1 + np.exp(true.difficulty.to_numpy() - ability))  # tasks, arms, items
    lost = (rng.random(chance.shape) < missing).ravel()
    answers = np.where(lost, np.nan, (rng.random(chance.shape) < chance).ravel())
    reason = np.where(lost, rng.integers(1, 1 + len(REASONS), lost.size), 0)
    votes = _votes(true, rng, stands[: true.judged])
    rows = true.cells.copy()
    rows["value"] = np.concatenate([answers, answers, votes])
    codes = np.concatenate([reason, reason, np.zeros(len(votes), int)])
    rows["missing"] = pd.Categorical.from_codes(codes, pd.Index(["", *REASONS]))
    rows["model"] = pd.Categorical.from_codes(np.zeros(len(rows), int), pd.Index([f"made/{model}"]))
    return rows


def _votes(true: World, rng: np.random.Generator, ability: np.ndarray) -> np.ndarray:
    """Votes from 1 to 5 by task, item and judge, drawn from the rating scale model."""
    expected = -np.add.outer(true.difficulty.to_numpy(), true.severity.to_numpy())
    eta = np.add.outer(ability, expected).ravel()
    ladder = np.cumsum(np.column_stack([np.zeros(len(eta)), eta[:, None] - STEPS]), axis=1)
    shares = np.exp(ladder - ladder.max(axis=1, keepdims=True))
    below = (shares / shares.sum(axis=1, keepdims=True)).cumsum(axis=1)
    return 1.0 + (rng.random((len(eta), 1)) > below[:, :-1]).sum(axis=1)


def _family(item: str) -> str:
    """Two neighbours are paraphrases of one another."""
    return f"family-{int(item.rsplit('-', 1)[-1]) // 2:03d}"


def made_up_metrics(table: pd.DataFrame, draws: int, seed: int) -> list:
    """Both margins and what is behind them."""
    sample = Sample(table, draws, seed)
    found = []
    for arm, margin in ((WRONG, "kept"), (RIGHT, "corrected")):
        for measure in (margin, "correct"):
            own = table[(table["arm"] == arm) & (table["measure"] == measure)]
            found.append(sample.mean(own, arm, measure, "", headline=measure == margin))
    return found


def register_made_up(tasks: Sequence[str]) -> None:
    """What a task family registers when it is imported."""
    for task in tasks:
        name = task.rsplit("/", 1)[-1]
        register_metrics(name, made_up_metrics)
        register_margins(
            name,
            Margins(
                Side("right answers kept under wrong pushes", "kept", WRONG),
                Side("wrong answers given up under right pushes", "corrected", RIGHT),
            ),
        )


def edition_of(true: World, name: str = "2026.1", anchors: str = "") -> Edition:
    """A frozen edition of a world's tasks, items and judges."""
    items = {f"{item}.1": (item, _family(item), f"Which of both is {item}?") for item in true.difficulty.index}
    plans = tuple(TaskPlan(task=task) for task in true.tasks)
    spec = EditionSpec(edition=name, title="Made up", tasks=plans, panel=Panel(judges=tuple(true.severity.index)))
    samples = {sample: digest(sample)[:16] for sample in items}
    tasks = tuple(
        FrozenTask(task=task, args={"n_items": len(items)}, epochs=1, version="1-A", samples=samples, items=items)
        for task in true.tasks
    )
    return Edition(spec=spec, opened="2026-11-22", tasks=tasks, prompts={}, anchors=anchors)


def transcripts_of(true: World, model: str) -> pd.DataFrame:
    """Two utterances of every dialogue."""
    lines = [
        {"speaker": "partner", "turn": 1, "text": "No, it is the other one.", "label": ""},
        {"speaker": "subject", "turn": 1, "text": f"I am {model}, and I stay with it.", "label": "A"},
    ]
    cells = [(task, item, arm) for task in true.tasks for item in true.difficulty.index for arm in (WRONG, RIGHT)]
    return pd.DataFrame(cells, columns=["task", "item", "arm"]).assign(epoch=1, lines=json.dumps(lines))


def row_of(model: str, control: bool = False, custom: bool = False) -> dict:
    """What intake knows of a submission."""
    return {
        "model": f"made/{model}", "name": model.capitalize(), "organisation": f"Organisation {model[-1]}",
        "provider": "local", "revision": "1", "weights_sha256": "", "access": "scripted" if control else "open",
        "url": "", "license": "", "configuration": "custom" if custom else "standard", "control": control,
        "contact": "@made-up", "attempts": 1, "private_variants": 0, "trained_on_items": "no",
        "training_data": "Made up.", "notes": "", "generation": {"temperature": 0.0}, "equipoise": "0.1.0",
        "inspect_ai": "0.3.300", "commit": "", "dirty": "no", "created": "2026-11-22T00:00:00Z",
        "votes_by": "submitter",
    }  # fmt: skip


def open_world(folder: Path, true: World, name: str = "2026.1", anchors: bytes = b"") -> None:
    """An edition of the world on a board, which is made if there is none."""
    register_made_up(true.tasks)
    if not (folder / "board.yaml").is_file():
        create_board(
            folder, Profile(name="made-up", title="A made-up board", maintainers=("A", "B"), license="CC0-1.0")
        )
    open_edition(folder, edition_of(true, name, sha256(anchors).hexdigest() if anchors else ""), anchors)


def submit(
    folder: Path, true: World, edition: str = "2026.1", seed: int = 0, controls: Sequence[str] = (),
    custom: Sequence[str] = (), kind: str = "add", transcripts: bool = True,
) -> None:  # fmt: skip
    """All models of the world as submissions of an edition, under their own names."""
    with changing(folder) as change:
        for model in true.stands.index:
            rows = rows_of(true, model, seed)
            tables = f"{edition}/{model}"
            place = folder / DERIVED / tables
            said = transcripts_of(true, model)
            write_derived(place, rows, derive(rows), said if transcripts else said[:0])
            row = row_of(model, model in controls, model in custom)
            (place / ROW).write_text(json.dumps(row), encoding="utf-8")
            received = {"files": {"logs/made-up.eval": digest(model)}, "tier": "recomputed"} if kind == "add" else {}
            change.tell(kind, edition, model, tables=tables, **received)
        change.make()


def synthetic_board(
    folder: Path, models: int = 6, tasks: int = 2, items: int = 12, seed: int = 0,
    judges: Sequence[str] = ("judge/a", "judge/b", "judge/c"), controls: int = 1, custom: int = 1, judged: int = 1,
    transcripts: bool = True,
) -> World:  # fmt: skip
    """A board with one edition; the last models are control agents, those before them have settings of their own."""
    true = world(models, tasks, items, seed, judges, judged)
    names = list(true.stands.index)
    open_world(folder, true)
    submit(
        folder, true, seed=seed, controls=names[len(names) - controls :],
        custom=names[len(names) - controls - custom : len(names) - controls], transcripts=transcripts,
    )  # fmt: skip
    return true
