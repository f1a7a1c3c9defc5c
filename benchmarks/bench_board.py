"""A board of 1,000 models and 8 tasks: checked, added, built, and one more submission added.

The submissions are real Inspect logs (`board_tasks.py`): 8 tasks x 4 items, two dialogues of two turns each, replayed
call by call at intake. Each step runs in a process of its own, through the command line's functions, and its peak
memory is that of the largest process. There is no peer that recomputes, so the times stand alone; the limits are 180 s
for everything, 2 s for one more, 2 GB.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

BOARD, EDITION = "bench", "bench-1"


def _steps(folder: Path, models: int) -> None:
    import board_tasks

    from equipoise.leaderboard.board import Profile, create_board
    from equipoise.leaderboard.changes import open_edition
    from equipoise.leaderboard.edition import EditionSpec
    from equipoise.leaderboard.freezing import freeze

    spec = EditionSpec(edition=EDITION, tasks=[{"task": name} for name in board_tasks.TASKS])
    create_board(folder / "board", Profile(name=BOARD, title="Bench"))
    open_edition(folder / "board", freeze(spec, board_tasks.build, f"{datetime.now(UTC):%Y-%m-%d}"))
    logs = board_tasks.base_logs(folder / "base")
    board_tasks.submissions(logs, folder / "incoming", models + 1, BOARD, EDITION)


def _add(folder: Path, workers: int) -> None:
    import board_tasks

    from equipoise.leaderboard.intake.add import add

    sources = sorted((folder / "incoming").iterdir())
    chosen = sources[:-1] if workers > 1 else sources[-1:]
    start = time.perf_counter()
    outcomes = add(folder / "board", chosen, board_tasks.build, workers=workers)
    took = time.perf_counter() - start
    refused = [each for each in outcomes if each.problems]
    assert not refused, refused[0]
    print(f"  {len(outcomes)} added in {took:.1f} s")


def _build(folder: Path) -> None:
    import board_tasks

    from equipoise.harness.suite import TaskPlan
    from equipoise.leaderboard.database import write_database
    from equipoise.leaderboard.site import build_site

    for name in board_tasks.TASKS:
        board_tasks.build(TaskPlan(task=name))
    start = time.perf_counter()
    database = write_database(folder / "board")
    middle = time.perf_counter()
    build_site(database, folder / "site")
    print(f"  database {middle - start:.1f} s, site {time.perf_counter() - middle:.1f} s")


def _timed(title: str, *arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, __file__, *arguments], check=True)
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(f"{title}: {took:.1f} s, largest process so far {peak:.2f} GB", flush=True)
    return took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--step", choices=("make", "add", "more", "build"))
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.step == "make":
        _steps(given.folder, given.models)
    elif given.step == "build":
        _build(given.folder)
    elif given.step:
        _add(given.folder, 2 if given.step == "add" else 1)
    else:
        with tempfile.TemporaryDirectory() as name:
            at = ("--folder", name, "--models", str(given.models))
            _timed(f"making {given.models + 1} submissions (not counted)", "--step", "make", *at)
            total = _timed("checking and adding, 2 processes", "--step", "add", *at)
            total += _timed("building database and site", "--step", "build", *at)
            _timed("one more, start of Python included", "--step", "more", *at)
            print(f"validate, add and build: {total:.1f} s")


if __name__ == "__main__":
    main()
