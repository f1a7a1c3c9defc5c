"""Fuzz the readers of submissions: `python benchmarks/fuzz_intake.py [COUNT] [SEED]`, 100,000 inputs by default.

Every input is a real one that was changed: bytes of files, values in their JSON. Readers may refuse it with an
`InputError` or with problems; anything else is printed as a leak, with the seed that makes it again.
"""

import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from leaderboard.intake.fuzzing import Readers, inputs
from leaderboard.submitted import ask, judged


def main(count: int, seed: int) -> int:
    """Read that many inputs and tell what became of them; returns the number of leaks."""
    told: Counter[tuple[str, str]] = Counter()
    spent: Counter[str] = Counter()
    slowest: dict[str, tuple[float, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        readers = Readers(ask(Path(folder) / "ask"), judged(Path(folder) / "judged"), Path(folder))
        for name, number, read in inputs(readers, count, seed):
            started = time.perf_counter()
            try:
                told[name, "taken" if read() else "refused"] += 1
            except Exception:
                told[name, "leaks"] += 1
                if told[name, "leaks"] <= 5:
                    print(f"leak: {name} {seed} {number}\n{traceback.format_exc()[-1500:]}", flush=True)
            took = time.perf_counter() - started
            spent[name] += took
            slowest[name] = max(slowest.get(name, (0.0, 0)), (took, number))
    for name in spent:
        counts = ", ".join(f"{what} {told[name, what]:,}" for what in ("taken", "refused", "leaks"))
        print(f"{name}: {counts}; {spent[name]:.1f} s, slowest {slowest[name][0]:.2f} s (number {slowest[name][1]})")
    leaks = sum(number for (_, what), number in told.items() if what == "leaks")
    print(f"{sum(told.values()):,} inputs in {sum(spent.values()):.0f} s, {leaks} leaks")
    return leaks


if __name__ == "__main__":
    sys.exit(min(1, main(int(sys.argv[1]) if sys.argv[1:] else 100_000, int(sys.argv[2]) if sys.argv[2:] else 1)))
