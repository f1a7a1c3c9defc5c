"""How far the judges of a panel agree, and what each of them does: pure functions of votes."""

from equipoise.judges.agreement.alpha import LEVELS, Level, krippendorff_alpha
from equipoise.judges.agreement.effective import (
    EffectiveBounds,
    EffectiveJudges,
    effective_bounds,
    effective_judges,
)
from equipoise.judges.agreement.errors import errors_given_truth
from equipoise.judges.agreement.kappa import WEIGHTS, Kappa, Weights, cohen_kappa
from equipoise.judges.agreement.panel import Panel, panel_table
from equipoise.judges.agreement.records import Agreement, agreement, panel_agreement
from equipoise.judges.agreement.resample import Estimate
from equipoise.judges.agreement.summary import JudgeSummary, rest_means

__all__ = [
    "LEVELS",
    "WEIGHTS",
    "Agreement",
    "EffectiveBounds",
    "EffectiveJudges",
    "Estimate",
    "JudgeSummary",
    "Kappa",
    "Level",
    "Panel",
    "Weights",
    "agreement",
    "cohen_kappa",
    "effective_bounds",
    "effective_judges",
    "errors_given_truth",
    "krippendorff_alpha",
    "panel_agreement",
    "panel_table",
    "rest_means",
]
