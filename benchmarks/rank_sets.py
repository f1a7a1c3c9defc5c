"""How often the rank sets of a whole board hold at once: 2,000 simulated boards of each kind.

A board's sets hold if no row was called better than one that is not worse. Nominal .95; we require .94. The hard boards
are those with ties, where every claim is a false one. Scores share a component of their item, as rows of a leaderboard
that answered the same questions do.

    python benchmarks/rank_sets.py [boards]
"""

import sys
import time

import numpy as np

from equipoise.harness.stats.ranks import rank_sets

BOARDS, DRAWS = 2000, 1000


def normal(truth, items, generator):
    truth = np.asarray(truth, dtype=float)
    return truth[:, None] + generator.normal(size=items) + 0.7 * generator.normal(size=(truth.size, items))


def binary(truth, items, generator):
    eta = np.asarray(truth, dtype=float)[:, None] + generator.normal(1, 1, items)
    return (generator.random(eta.shape) < 1 / (1 + np.exp(-eta))).astype(float)


def families(truth, items, generator):
    """Each row has its own strength in each family of four items."""
    own = 0.5 * generator.normal(size=(len(truth), items // 4)).repeat(4, axis=1)
    return own + normal(truth, items, generator)


PAIRS, TIED = np.arange(10) // 2 * 0.3, np.zeros(10)
KINDS = {
    "10 tied rows, 40 items": (normal, TIED, 40, None),
    "10 tied rows, 12 items": (normal, TIED, 12, None),
    "5 pairs of ties, 40 items": (normal, PAIRS, 40, None),
    "2 tied rows, 12 items": (normal, TIED[:2], 12, None),
    "10 tied rows, 40 items right or wrong": (binary, TIED, 40, None),
    "30 tied rows, 100 items right or wrong": (binary, np.zeros(30), 100, None),
    "6 tied rows, 20 families of 4 items": (families, TIED[:6], 80, np.arange(80) // 4),
}


def main() -> None:
    boards = int(sys.argv[1]) if len(sys.argv) > 1 else BOARDS
    print(f"{boards:,} boards of each kind, {DRAWS:,} draws; standard error {(0.95 * 0.05 / boards) ** 0.5:.4f}")
    for number, (name, (make, truth, items, cluster)) in enumerate(KINDS.items()):
        generator, held, start = np.random.default_rng(number), 0, time.perf_counter()
        for seed in range(boards):
            found = rank_sets(make(truth, items, generator), cluster, draws=DRAWS, seed=seed)
            held += not (found.better & (truth[:, None] <= truth)).any()
        print(f"{name:40s} coverage {held / boards:.4f}   {time.perf_counter() - start:5.1f} s", flush=True)
    scores = binary(np.random.default_rng(0).normal(0, 0.5, 1000), 500, np.random.default_rng(1))
    start = time.perf_counter()
    rank_sets(scores)
    print(f"one board of 1,000 rows x 500 items, 2,000 draws: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
