"""The gate's check of a judge for drift, by simulation: bias, coverage, and how many transcripts let it pass.

A judge votes twice on transcripts whose locations are normal (mean 0, sd 1); votes follow the adjacent-categories Rasch
model with thresholds around 0, two votes on a transcript are independent given its location. `severity_shift` compares
them; the check passes if the whole 95 % interval lies within +-0.20 logit.

In the last block `wide` is the sd of the locations: the further transcripts are from the thresholds, the fewer votes
differ. What counts is `squares`, the mean squared step between the votes of a pair: the standard error is about
2 / sqrt(pairs * squares), and without a shift a check passes with probability P once

    pairs * squares = 4 ((z_.975 + z_(1+P)/2) / 0.20)^2 = 1,051 for P = .8, 1,300 for P = .9.

    python benchmarks/judge_drift.py          # all cells, one minute of CPU time
    python benchmarks/judge_drift.py --replicates 200
"""

import argparse
from collections.abc import Sequence

import numpy as np
from scipy.special import softmax

from equipoise.judges.severity_shift import SeverityShift, severity_shift

THRESHOLDS = {2: np.zeros(1), 5: np.linspace(-1.5, 1.5, 4), 10: np.linspace(-3, 3, 9)}
SHIFTS, TRANSCRIPTS = (0.0, 0.2, 0.5), (30, 100, 300)
PLANNED = {2: (1500, 2000, 2500, 3000), 5: (600, 800, 1000, 1200), 10: (300, 400, 500, 700)}
MARGIN, LEAST_SQUARES = 0.20, 1051.0


def votes(
    categories: int, transcripts: int, shift: float, random: np.random.Generator, spread: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Votes then and now, shape (transcripts,) each."""
    location = random.normal(0, spread, transcripts)
    steps = np.concatenate(([0.0], np.cumsum(THRESHOLDS[categories])))

    def vote(severity: float) -> np.ndarray:
        chance = softmax(np.arange(categories) * (location - severity)[:, None] - steps, axis=1)
        return (random.random((transcripts, 1)) > chance.cumsum(axis=1)[:, :-1]).sum(axis=1)

    return vote(0.0), vote(shift)


def study(
    categories: int, transcripts: int, shift: float, replicates: int, spread: float = 1.0, seed: int = 1
) -> list[SeverityShift]:
    """The estimate of each replicate."""
    random = np.random.default_rng([seed, categories, transcripts, round(1000 * shift), round(1000 * spread)])
    return [
        severity_shift(*votes(categories, transcripts, shift, random, spread), range(transcripts))
        for _ in range(replicates)
    ]


def told(found: Sequence[SeverityShift], shift: float) -> str:
    value = np.array([each.value for each in found])
    low, high = np.array([(each.low, each.high) for each in found]).T
    finite = np.isfinite(value)
    bias = value[finite].mean() - shift
    width = np.median(high - low)
    return (
        f"bias {bias:+.3f} (infinite {1 - finite.mean():.3f})  coverage {np.mean((low <= shift) & (shift <= high)):.3f}"
        f"  width {width:6.3f}  passes {np.mean((low > -MARGIN) & (high < MARGIN)):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=2000)
    given = parser.parse_args()
    print("bias and coverage")
    for categories in (2, 5):
        for shift in SHIFTS:
            for transcripts in TRANSCRIPTS:
                found = study(categories, transcripts, shift, given.replicates)
                print(
                    f"categories {categories:2}  shift {shift:.1f}  transcripts {transcripts:4}  {told(found, shift)}"
                )
    print("how many transcripts pass")
    for categories, planned in PLANNED.items():
        for transcripts in planned:
            for shift in (0.0, 0.5):
                found = study(categories, transcripts, shift, given.replicates // 4)
                print(
                    f"categories {categories:2}  shift {shift:.1f}  transcripts {transcripts:4}  {told(found, shift)}"
                )
    print("transcripts for 80 % by the formula, for judges that contradict themselves less and less")
    random = np.random.default_rng(2)
    for categories in THRESHOLDS:
        for spread in (1.0, 2.0, 4.0, 8.0):
            then, now = votes(categories, 200_000, 0.0, random, spread)
            squares, same = np.mean((then - now) ** 2.0), np.mean(then == now)
            head = f"categories {categories:2}  wide {spread:.0f}  the same {same:.2f}"
            print(f"{head}  squares {squares:.2f}  transcripts {LEAST_SQUARES / squares:6.0f}")


if __name__ == "__main__":
    main()
