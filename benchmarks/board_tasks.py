"""Eight small tasks for a synthetic board, and logs of a thousand models that never existed.

The logs are real ones: Inspect ran each task twice, on a model that does everything right and on one that does
everything wrong. Every synthetic model is a mixture of the two, sample by sample, with a skill of its own per task.
"""

import hashlib
import json
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.cells import Cells
from equipoise.harness.dialogue import Dialogue, converse, model_speaker, scripted_speaker
from equipoise.harness.metrics import Metric, register_metrics
from equipoise.harness.report.scorecard import Margins, Side, register_margins
from equipoise.harness.suite import TaskPlan
from equipoise.harness.table import Rows
from equipoise.harness.transcripts import DIALOGUES
from equipoise.leaderboard.manifest import MANIFEST_FILE as MANIFEST
from equipoise.leaderboard.manifest import Code, Disclosure, File, Manifest, ModelCard

TASKS = tuple(f"bench/task{number}" for number in range(1, 9))
ITEMS = 4
PLACEHOLDER = "model-0000"
INSPECT, EQUIPOISE = version("inspect_ai"), version("equipoise")
ARMS = {"negative": "kept", "positive": "corrected"}


@solver
def pushed() -> Solver:
    """One question, one push in each direction."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        dialogues = {}
        for arm in ARMS:
            dialogue = Dialogue()
            parties = {
                "persuader": scripted_speaker([f"{state.input_text} ({arm})", f"Are you certain? ({arm})"]),
                "subject": model_speaker(get_model(), "subject"),
            }
            await converse(dialogue, parties, turns=2)
            dialogues[arm] = dialogue.records()
        state.store.set(DIALOGUES, dialogues)
        return state

    return solve


@scorer(metrics=[mean()])
def read() -> Scorer:
    """Kept what was right, gave up what was wrong."""

    async def score(state: TaskState, target: Target) -> Score:
        rows = Rows()
        for arm, measure in ARMS.items():
            last = state.store.get(DIALOGUES)[arm][-1]["text"]
            rows.add(arm, 1, measure, "good" in last)
        return Score(value=1, metadata=rows.metadata())

    return score


def _task(name: str) -> Task:
    items = [
        Sample(
            input=f"Question {item} of {name}?",
            target="good",
            id=f"{name[6:]}-{item:02d}",
            metadata={"item": f"{item:02d}", "family": f"{item:02d}", "arm_names": list(ARMS)},
        )
        for item in range(ITEMS)
    ]
    return Task(name=name, dataset=MemoryDataset(items), solver=pushed(), scorer=read(), version=1)


def _metrics(rows: Any, draws: int = 0, seed: int = 0) -> list[Metric]:
    cells = Cells(rows, draws, seed)
    return [metric for arm, measure in ARMS.items() for metric in cells.mean(measure, arm, 1, measure, headline=True)]


def build(plan: TaskPlan) -> Task:
    """A task by its name; registers what the board has to know of it."""
    short = plan.task.rsplit("/", 1)[-1]
    register_metrics(short, _metrics)
    register_margins(short, Margins(Side("kept", "kept", "negative"), Side("corrected", "corrected", "positive")))
    return _task(plan.task)


def base_logs(folder: Path) -> dict[tuple[str, str], Path]:
    """Logs of the model that does everything right, and of the one that does everything wrong, by task and reply."""
    found = {}
    for reply in ("good", "bad"):
        output = ModelOutput.from_content(PLACEHOLDER, f"{reply} {PLACEHOLDER}")
        output.usage = ModelUsage()  # else it counts tokens with a file that it would have to download
        model = get_model("mockllm/" + PLACEHOLDER, custom_outputs=lambda *_, said=output: said.model_copy(deep=True))
        tasks = [build(TaskPlan(task=name)) for name in TASKS]
        for log in eval(tasks, model=model, log_dir=str(folder / reply), display="none", max_tasks=8):
            found[log.eval.task, reply] = Path(log.location.removeprefix("file://"))
    return found


def submissions(logs: dict[tuple[str, str], Path], folder: Path, models: int, board: str, edition: str) -> list[Path]:
    """Folders of as many submissions as models."""
    members = {key: _members(path) for key, path in logs.items()}
    generator = np.random.default_rng(7)
    made = []
    for number in range(1, models + 1):
        target = folder / f"model-{number:04d}"
        (target / "logs").mkdir(parents=True)
        skill = generator.beta(3, 2, size=len(TASKS))
        files = [
            _write_log(target, name, number, members, generator.random(ITEMS) < skill[place])
            for place, name in enumerate(TASKS)
        ]
        (target / MANIFEST).write_text(_manifest(number, tuple(files), board, edition).text())
        made.append(target)
    return made


def _members(path: Path) -> dict[str, bytes]:
    import zipfile_zstd  # noqa: F401  (lets zipfile read what Inspect writes; a dependency of Inspect's)

    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write_log(
    target: Path, name: str, number: int, members: dict[tuple[str, str], dict[str, bytes]], right: Any
) -> File:
    own, other = members[name, "good"], members[name, "bad"]
    path = f"logs/{name.replace('/', '_')}.eval"
    told = f"model-{number:04d}".encode()
    with zipfile.ZipFile(target / path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for member, content in own.items():
            item = next((i for i in range(ITEMS) if member.startswith(f"samples/{name[6:]}-{i:02d}_")), None)
            chosen = content if item is None or right[item] else other[member]
            if member == "header.json":
                header = json.loads(content)
                header["eval"] |= {"eval_id": f"{header['eval']['eval_id']}{number:04d}", "revision": None}
                header["eval"]["packages"] = {"inspect_ai": INSPECT, "equipoise": EQUIPOISE}
                chosen = json.dumps(header).encode()
            archive.writestr(member, chosen.replace(PLACEHOLDER.encode(), told))
    data = (target / path).read_bytes()
    return File(path=path, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())


def _manifest(number: int, files: tuple[File, ...], board: str, edition: str) -> Manifest:
    return Manifest(
        board=board,
        edition=edition,
        model=ModelCard(name=f"Model {number:04d}", model=f"mockllm/model-{number:04d}", access="closed"),
        disclosure=Disclosure(attempts=1, private_variants=0, trained_on_items="no", training_data="synthetic"),
        contact="bench",
        code=Code(equipoise=EQUIPOISE, inspect_ai=INSPECT),
        created="2026-11-22T00:00:00Z",
        files=files,
    )
