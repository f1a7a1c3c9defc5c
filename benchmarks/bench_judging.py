"""Judging 400 transcripts on 4 dimensions with 3 judges of 50 ms latency, and then again.

Peer: the ideal, calls x latency / concurrency, which no program can beat. The second run asks for nothing.
"""

import sys
import tempfile
import time
from pathlib import Path

TRANSCRIPTS, DIMENSIONS, JUDGES, LATENCY = 400, 4, 3, 0.05
CONNECTIONS = (4, 10)


def make_log(folder: Path) -> None:
    """A log of finished samples, each with one transcript to be judged; no model is asked."""
    from inspect_ai import Task
    from inspect_ai import eval as inspect_eval
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.scorer import Score, scorer
    from inspect_ai.solver import solver

    from equipoise.judges import EXHIBITS, Exhibit

    @solver
    def nothing():
        async def solve(state, generate):
            exhibits = [
                Exhibit(rubric=f"dimension_{n}", arm="model", turn=1, fields={"reply": f"{state.sample_id} " * 200})
                for n in range(DIMENSIONS)
            ]
            state.store.set(EXHIBITS, [exhibit.model_dump(mode="json") for exhibit in exhibits])
            return state

        return solve

    @scorer(metrics=[])
    def none():
        async def score(state, target):
            return Score(value=0.0)

        return score

    samples = [Sample(id=f"transcript-{n}", input="hi") for n in range(TRANSCRIPTS)]
    inspect_eval(
        Task(MemoryDataset(samples), solver=nothing(), scorer=none()), model="mockllm/model", log_dir=str(folder),
        display="none",
    )  # fmt: skip


def rubrics():
    from equipoise.judges import Point, Rubric

    scale = tuple(Point(reply=str(n), value=n, means=f"level {n} of five") for n in range(1, 6))
    return [
        Rubric(name=f"dimension_{n}", dimension=f"dimension_{n}", version="1", canary="a" * 16, scale=scale,
               body="How good is this?\n{reply}")
        for n in range(DIMENSIONS)
    ]  # fmt: skip


def judge(logs: Path, connections: int) -> tuple[float, int]:
    """Seconds and calls."""
    from inspect_ai.model import GenerateConfig

    from equipoise.harness.run import build_model
    from equipoise.judges import PanelOptions, rejudge

    config = {"config": GenerateConfig(max_connections=connections)}
    options = PanelOptions()
    names = [f"equipoise/judge:latency={LATENCY}:severity={n}" for n in range(JUDGES)]
    started = time.perf_counter()
    panel = options.judges(build_model(name, config) for name in names)
    tally = rejudge(logs, list(panel), options, rubrics(), connections=connections)
    return time.perf_counter() - started, tally.calls


def main() -> None:
    for connections in CONNECTIONS:
        with tempfile.TemporaryDirectory() as name:
            logs = Path(name)
            make_log(logs)
            seconds, calls = judge(logs, connections)
            ideal = calls * LATENCY / (JUDGES * connections)
            print(f"{connections} connections a judge: {calls} calls in {seconds:.1f} s, ideal {ideal:.1f} s,"
                  f" ratio {seconds / ideal:.2f}")  # fmt: skip
            again, calls = judge(logs, connections)
            print(f"  second run: {calls} calls, {again:.1f} s")
            if calls:
                sys.exit("the second run asked again")


if __name__ == "__main__":
    main()
