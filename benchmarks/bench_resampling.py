"""Resampling at full size, 100,000 items x 20 measures x 10,000 draws, and against scipy on less.

Every item is a cluster of its own, the most there can be. scipy knows neither clusters nor measures that share
draws, so the comparison is on independent items: `scipy.stats.bootstrap` (percentiles of the mean) and
`scipy.stats.permutation_test` (samples) in the same run. Aim: each under 20 s and 1 GB on two cores.

    python benchmarks/bench_resampling.py
"""

import json
import resource
import subprocess
import sys
import time

import numpy as np

MEASURES, ITEMS, DRAWS = 20, 100_000, 10_000
SMALL_ITEMS, SMALL_DRAWS = 2_000, 2_000


def seconds(work) -> float:
    """The better of two runs."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def differences(items: int) -> np.ndarray:
    return np.random.default_rng(0).normal(0.01, 1, (MEASURES, items))


def full(what: str) -> None:
    """In a process of its own, so that its peak memory is known."""
    from equipoise.harness.stats.bootstrap import bootstrap_means
    from equipoise.harness.stats.permutation import SignFlips

    values = differences(ITEMS)
    start = time.perf_counter()
    if what == "bootstrap":
        np.quantile(bootstrap_means(values, draws=DRAWS)[:, 1:], [0.025, 0.975], axis=1)
    else:
        flips = SignFlips(values, draws=DRAWS - 1)
        flips.test(), flips.interval()
    took = time.perf_counter() - start
    print(json.dumps({"seconds": took, "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}))


def small() -> None:
    from scipy import stats

    from equipoise.harness.stats.bootstrap import bootstrap_means
    from equipoise.harness.stats.permutation import SignFlips

    values = differences(SMALL_ITEMS)
    options = {"n_resamples": SMALL_DRAWS - 1, "axis": -1, "batch": 50, "vectorized": True}
    pairs = {
        "bootstrap": (
            lambda: np.quantile(bootstrap_means(values, draws=SMALL_DRAWS - 1)[:, 1:], [0.025, 0.975], axis=1),
            lambda: stats.bootstrap((values,), np.mean, method="percentile", rng=0, **options),
        ),
        "sign flips": (
            lambda: SignFlips(values, draws=SMALL_DRAWS - 1).test(),
            lambda: stats.permutation_test((values,), np.mean, permutation_type="samples", rng=0, **options),
        ),
    }
    print(f"{SMALL_ITEMS:,} items x {MEASURES} measures x {SMALL_DRAWS - 1:,} draws")
    for name, (ours, theirs) in pairs.items():
        mine, peer = seconds(ours), seconds(theirs)
        print(f"{name:12s} {mine:7.3f} s   scipy {peer:7.3f} s   scipy / ours {peer / mine:6.1f}")


def main() -> None:
    small()
    print(f"{ITEMS:,} items x {MEASURES} measures x {DRAWS:,} draws")
    for what in ("bootstrap", "sign flips"):
        done = subprocess.run([sys.executable, __file__, what], capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        print(f"{what:12s} {found['seconds']:7.1f} s   peak {found['peak_gb']:.2f} GB")


if __name__ == "__main__":
    full(sys.argv[1]) if len(sys.argv) > 1 else main()
