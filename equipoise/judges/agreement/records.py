"""Everything that is said about the agreement of a panel, as one record."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from equipoise.harness.stats import DRAWS
from equipoise.judges.agreement.alpha import Alphas, Level
from equipoise.judges.agreement.effective import Effective, EffectiveBounds, EffectiveJudges
from equipoise.judges.agreement.errors import errors_given_truth
from equipoise.judges.agreement.kappa import Kappa, KappaPair
from equipoise.judges.agreement.panel import Panel, panel_table
from equipoise.judges.agreement.resample import Estimate, Record, Statistic, bootstrap
from equipoise.judges.agreement.summary import JudgeSummary, Summaries


@dataclass(frozen=True)
class Agreement(Record):
    """How far the judges of one measure agree.

    Attributes:
        task, measure: What was voted on.
        judges: Names.
        units, families: Units with at least one row, and the item families they come from.
        votes, missing: Rows with and without a value, of all judges together.
        values: Different votes that occur, and `scale`: the lowest and the highest.
        alpha: Krippendorff's alpha by level. Which level fits is a property of the rubric, not of the votes.
        kappas: Cohen's kappas of each two judges.
        bounds: The effective number of judges as far as votes alone tell; judges without two different votes are left
            out, so `bounds.judges` may be less than all of them.
        effective: The same measured against the reference labels; None without a reference.
        per_judge: One summary per judge.
    """

    task: str
    measure: str
    judges: tuple[str, ...]
    units: int
    families: int
    votes: int
    missing: int
    values: int
    scale: tuple[float, float]
    alpha: dict[Level, Estimate]
    kappas: tuple[Kappa, ...]
    bounds: EffectiveBounds
    effective: EffectiveJudges | None
    per_judge: tuple[JudgeSummary, ...]


def agreement(table: pd.DataFrame, reference: str | None = None, draws: int = DRAWS, seed: int = 0) -> list[Agreement]:
    """The agreement of every panel in a long table, one record per task and measure.

    All models, arms and turns of a measure stand in one panel, so their differences are part of the spread that alpha
    compares disagreement with. To see the judges within one arm or model, pass that part of the table.

    Args:
        table: In the long-table schema; rows without a judge are left out.
        reference: Judge whose votes are the truth, see `panel_table`.
        draws: Bootstrap samples of item families; 0 = no intervals at all.
        seed: Seed of the bootstrap.

    Raises:
        InputError: See `panel_table`.
    """
    return [panel_agreement(panel, reference is not None, draws, seed) for panel in panel_table(table, reference)]


def panel_agreement(panel: Panel, has_truth: bool = False, draws: int = DRAWS, seed: int = 0) -> Agreement:
    """The agreement of one panel; every number with an interval comes from the same draws.

    Args:
        panel: The votes.
        has_truth: Whether the panel's `truth` is to be used.
        draws: Bootstrap samples of item families; 0 = no intervals at all.
        seed: Seed of the bootstrap.
    """
    votes, clusters = panel.votes, panel.clusters
    # A judge that never votes, or always the same, correlates with nobody: it must not hide what the others are worth.
    vary = np.array([len(np.unique(own[np.isfinite(own)])) > 1 for own in votes.T], dtype=bool)
    worth = votes[:, vary]
    alphas, bounds, summaries = Alphas(votes, clusters), Effective(worth, clusters), Summaries(panel)
    errors = Effective(errors_given_truth(worth, panel.truth), clusters) if has_truth else None
    names = list(combinations(range(len(panel.judges)), 2))
    pairs = [KappaPair(votes[:, j], votes[:, k], clusters) for j, k in names]
    statistics: list[Statistic] = [alphas.statistic, bounds.bound_statistic, summaries.statistic]
    statistics += [pair.statistic for pair in pairs]
    statistics += [errors.error_statistic] if errors else []
    values = bootstrap(statistics, clusters, draws, seed)

    given = votes[np.isfinite(votes)]
    return Agreement(
        task=panel.task,
        measure=panel.measure,
        judges=panel.judges,
        units=len(votes),
        families=int(clusters.max(initial=-1)) + 1,
        votes=given.size,
        missing=int((panel.reasons > 0).sum()),
        values=len(np.unique(given)),
        scale=(float(given.min()), float(given.max())) if given.size else (float("nan"), float("nan")),
        alpha=alphas.read(values[0]),
        kappas=tuple(
            pair.read(found, (panel.judges[j], panel.judges[k]))
            for (j, k), pair, found in zip(names, pairs, values[3 : 3 + len(pairs)], strict=True)
        ),
        bounds=bounds.read_bounds(values[1]),
        effective=errors.read_errors(values[-1]) if errors else None,
        per_judge=summaries.read(values[2]),
    )
