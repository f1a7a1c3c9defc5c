"""Krippendorff's alpha with 2,000 bootstrap draws, and everything about a panel of 100,000 votes.

Peer: Inspect's `krippendorff_alpha`, called once per draw on the resampled units, which is what an interval costs with
a metric that has none. Both see the same draws, and their intervals must be equal. The peer's scores are made outside
the clock.
"""

import math
import resource
import time

import numpy as np
import pandas as pd

UNITS, JUDGES, DRAWS = 400, 3, 2000
VOTES = 100_000


def make_votes(units: int, judges: int) -> np.ndarray:
    """A scale of five values, judges of different severity, three votes in a hundred missing."""
    generator = np.random.default_rng(0)
    noise = generator.normal(0, 0.8, (units, judges)) + np.linspace(-0.5, 0.5, judges)
    votes = np.clip(np.round(generator.normal(3, 1, (units, 1)) + noise), 1, 5)
    votes[generator.random(votes.shape) < 0.03] = np.nan
    return votes


def make_table(units: int, judges: int) -> pd.DataFrame:
    """The votes as a long table of 10 models, ten units of different models to an item."""
    from equipoise.harness.table import conform

    votes = make_votes(units, judges)
    unit, judge = (part.ravel() for part in np.indices(votes.shape))
    frame = pd.DataFrame({"model": unit % 10, "item": unit // 10, "judge": judge}).astype(str)
    missing = np.where(np.isnan(votes.ravel()), "unparsed", "")
    return conform(frame.assign(task="made", arm="", measure="al", value=votes.ravel(), missing=missing))


def peer(votes: np.ndarray, level: str) -> tuple[float, list[float]]:
    """Seconds, and Inspect's alpha of each draw."""
    from inspect_ai.scorer import SampleScore, Score, krippendorff_alpha

    from equipoise.harness.stats import cluster_weights

    metric = krippendorff_alpha(level)
    scores = [SampleScore(score=Score(value=[v for v in unit if not math.isnan(v)])) for unit in votes.tolist()]
    scores_of_draw = [
        [scores[unit] for unit in np.repeat(np.arange(len(votes)), weights.astype(int))]
        for weights in cluster_weights(len(votes), DRAWS)
    ]
    start = time.perf_counter()
    alphas = [metric(drawn) for drawn in scores_of_draw]
    return time.perf_counter() - start, alphas


def main() -> None:
    import logging

    from equipoise.judges.agreement import LEVELS, agreement, krippendorff_alpha

    logging.getLogger("inspect_ai").setLevel(logging.ERROR)  # it warns of units with fewer than two votes
    votes = make_votes(UNITS, JUDGES)
    print(f"alpha with {DRAWS:,} draws, {UNITS} units x {JUDGES} judges")
    for level in LEVELS:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            found = krippendorff_alpha(votes, level, draws=DRAWS)
            times.append(time.perf_counter() - start)
        theirs, alphas = peer(votes, level)
        expected = (alphas[0], *np.quantile(alphas[1:], [0.025, 0.975]))
        assert np.allclose((found.value, found.low, found.high), expected), (found, expected)
        ours = min(times)
        print(
            f"  {level:9s} {ours * 1e3:6.1f} ms   Inspect {theirs * 1e3:8.0f} ms   ratio {ours / theirs:.4f}   {found}"
        )
    for judges in (3, 9):
        table = make_table(VOTES // judges, judges)
        start = time.perf_counter()
        (record,) = agreement(table)
        seconds = time.perf_counter() - start
        said = 3 + 3 * len(record.kappas) + 3 + 6 * judges
        print(f"{len(table):,} votes of {judges} judges: {said} estimates with intervals in {seconds:.1f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
