"""What our run costs on top of Inspect itself.

Peer: a bare Inspect task on the same scripted model, with as many samples, as many model calls, and histories of the
same length, but no protocol, no scoring of beliefs and no run folder. Both make one log. Runs alternate; the ratio is
taken pair by pair.
"""

import statistics
import tempfile
import time
from pathlib import Path

from inspect_ai import Task, task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageUser, GenerateConfig, get_model
from inspect_ai.scorer import includes
from inspect_ai.solver import Generate, Solver, TaskState, solver

from equipoise.harness.run import Plan, run
from equipoise.harness.suite import TaskPlan
from equipoise.tasks import persuasion

ITEMS, TURNS, PAIRS = 40, 4, 5
MODEL = "equipoise/stubborn"


@solver
def talk(probe: str) -> Solver:
    """The same calls as one seeded dialogue: a probe, then a reply and a probe in each turn."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        model = get_model()
        state.messages = [*state.messages, (await model.generate(state.messages)).message]
        for text in state.metadata["texts"]:
            state.messages.append(ChatMessageUser(content=text))
            state.messages.append((await model.generate(state.messages)).message)
            copy = [*state.messages, ChatMessageUser(content=probe)]
            state.output = await model.generate(copy, config=GenerateConfig(max_tokens=20))
        return state

    return solve


@task
def bare(ours: list | None = None) -> Task:
    samples = [
        Sample(id=i, input=s.input, target=s.target, metadata={"texts": s.metadata["cell"]["arms"][0]["texts"]})
        for i, s in enumerate(persuasion(n_items=ITEMS, start="seeded").dataset)
    ]
    probe = "What is your answer to the question now?\nReply with the answer only, in a few words."
    return Task(dataset=MemoryDataset(samples), solver=talk(probe), scorer=includes())


def timed(function) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def ours_once(folder: Path) -> None:
    arguments = {"n_items": ITEMS, "start": "seeded"}
    plan = Plan(tasks=(TaskPlan(task="persuasion", args=arguments),), models=(MODEL,))
    assert run(plan, [persuasion(**arguments)], folder, display="none") == []


def bare_once(folder: Path) -> None:
    logs = inspect_eval(bare(), model=MODEL, log_dir=str(folder), display="none")
    assert logs[0].status == "success"


def main() -> None:
    calls = ITEMS * 4 * (1 + 2 * TURNS)
    with tempfile.TemporaryDirectory() as root:
        ours_once(Path(root) / "warm-ours")
        bare_once(Path(root) / "warm-bare")
        pairs = []
        for i in range(PAIRS):
            ours = timed(lambda i=i: ours_once(Path(root) / f"ours-{i}"))
            peer = timed(lambda i=i: bare_once(Path(root) / f"bare-{i}"))
            pairs.append((ours, peer))
    ratios = [ours / peer for ours, peer in pairs]
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    print(f"{ITEMS * 4} samples, {calls} scripted model calls, {PAIRS} pairs after a warm-up")
    print(f"ours  median {statistics.median(p[0] for p in pairs):6.2f} s")
    print(f"bare  median {statistics.median(p[1] for p in pairs):6.2f} s")
    print(f"ratio median {middle:6.3f}   min {low:.3f}   max {high:.3f}   (aim: at most 1.15)")


if __name__ == "__main__":
    main()
