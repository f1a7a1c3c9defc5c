"""Dialogue trees level by level against one tree after the other: same questions, models, settings, calls.

One after the other is what the released code of Stengel-Eskin et al. (arXiv 2410.14596) does: each call waits for the
one before. Both ways run our `Grower` with fixed trees (no stop on agreement, so that the calls are equal: 10 a
question), by turns, each in a process of its own with a fresh engine. Tokens are those of the replies; prompts come on
top. The first tree of each process is not timed.

    python benchmarks/pbt_trees.py                            # embedded engine, 8 slots; some minutes on two free cores
    python benchmarks/pbt_trees.py --items 4 --repeats 1      # a first look
    python benchmarks/pbt_trees.py --model hf/FOLDER          # in process, batches of 8
    python benchmarks/pbt_trees.py --model openai-api/vllm/M  # a server, named by VLLM_BASE_URL and VLLM_API_KEY
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio

SHARED = ("items", "max_tokens", "slots", "threads")
"""Options of both ways."""

AIM = 4.0


def settings(model: str, way: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Arguments of the model: the same in both ways, except that one call after the other needs one connection."""
    from inspect_ai.model import GenerateConfig

    config = GenerateConfig(max_connections=arguments.slots if way == "levels" else 1)
    own = {"slots": arguments.slots, "threads": arguments.threads} if model == "equipoise/embedded" else {}
    return {**own, "config": config}


def timed(way: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Calls, tokens and seconds of one way, in this process."""
    from equipoise.harness.run import build_model
    from equipoise.training.pbt.grow import Grower
    from equipoise.training.pbt.node import Node
    from equipoise.training.pbt.plan import Plan, questions, seedlings
    from equipoise.training.pbt.shape import Shape
    from equipoise.training.pbt.store import Lines, Verdict

    asked = questions("trivia", arguments.items + 1)
    model = build_model(arguments.model, settings(arguments.model, way, arguments))
    plan = Plan(
        agents={"a": arguments.model, "b": arguments.model}, max_tokens=arguments.max_tokens,
        shape=Shape(stop_on_agreement=False), questions={one.item: one.item_hash for one in asked},
    )  # fmt: skip
    warm, *trees = seedlings(asked, "alternate")
    found: dict[str, Any] = {"calls": 0, "tokens": 0, "failed": 0}
    with tempfile.TemporaryDirectory() as folder:
        nodes, verdicts = Lines(Path(folder) / "nodes", Node), Lines(Path(folder) / "verdicts", Verdict)

        async def grow(batches: list[list[Any]]) -> None:
            for batch in batches:
                grower = Grower(plan, batch, {"a": model, "b": model}, nodes, verdicts)
                await grower.grow()
                found["calls"] += grower.progress.calls["replies"]
                found["tokens"] += grower.progress.tokens
                found["failed"] += grower.progress.failed

        async def both() -> None:
            await grow([[warm]])
            found.update(calls=0, tokens=0, failed=0)
            start = time.perf_counter()
            await grow([trees] if way == "levels" else [[tree] for tree in trees])
            found["seconds"] = time.perf_counter() - start

        anyio.run(both)
    return found


def apart(way: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--way", way, "--model", arguments.model]
    command += [f"--{name.replace('_', '-')}={getattr(arguments, name)}" for name in SHARED]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="equipoise/embedded", help="Inspect model name, for example hf/FOLDER")
    parser.add_argument("--items", type=int, default=10)
    parser.add_argument("--slots", type=int, default=8, help="calls at once, level by level")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--max-tokens", type=int, default=48)
    parser.add_argument("--threads", type=int, default=0, help="of the embedded engine; 0 = all cores")
    parser.add_argument("--way", choices=["levels", "trees"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.way:
        print(json.dumps(timed(arguments.way, arguments)))
        return
    found: dict[str, list[dict[str, Any]]] = {"trees": [], "levels": []}
    for _ in range(arguments.repeats):
        for way, runs in found.items():
            runs.append(apart(way, arguments))
            print(f"  {way}: {runs[-1]}", file=sys.stderr)
    calls = {run["calls"] for runs in found.values() for run in runs}
    failed = sum(run["failed"] for runs in found.values() for run in runs)
    sizes = f"{arguments.items} questions, {arguments.max_tokens} tokens a reply, {arguments.slots} at once"
    print(f"{arguments.model}: {sizes}")
    print(f"calls of each run: {', '.join(map(str, sorted(calls)))} ({'equal' if len(calls) == 1 else 'NOT equal'}), "
          f"{failed} failed")  # fmt: skip
    print(f"{'':<24}{'seconds':>9}{'tokens':>9}{'tok/s':>9}{'calls/s':>9}")
    for way, name in (("trees", "one after the other"), ("levels", "level by level")):
        middle = sorted(found[way], key=lambda run: run["seconds"])[len(found[way]) // 2]
        seconds, tokens = middle["seconds"], middle["tokens"]
        print(f"{name:<24}{seconds:>9.1f}{tokens:>9}{tokens / seconds:>9.1f}{middle['calls'] / seconds:>9.2f}")
    pairs = list(zip(found["trees"], found["levels"], strict=True))
    ratios = [b["tokens"] / b["seconds"] / (a["tokens"] / a["seconds"]) for a, b in pairs]
    print(f"ratio of tok/s: median {statistics.median(ratios):.2f}   min {min(ratios):.2f}   max {max(ratios):.2f}   "
          f"(aim: at least {AIM:.0f})")  # fmt: skip


if __name__ == "__main__":
    main()
