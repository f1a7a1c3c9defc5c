"""Rubrics, panels of judges and severity-free capability."""

from equipoise.harness.compare import register_adjustment
from equipoise.harness.report.sections import register_page
from equipoise.harness.table import register_votes
from equipoise.judges.adjusted_difference import adjusted_differences
from equipoise.judges.asking import MOST_TOKENS, Judge, ask
from equipoise.judges.calls import Call, Tally, make_calls
from equipoise.judges.capability import Capability, capability
from equipoise.judges.capability_page import capability_page
from equipoise.judges.figures import judges_page
from equipoise.judges.pairs import both_orders, pair_exhibits, preference
from equipoise.judges.panel import ROLE, PanelOptions, judge_sample, remembering, score_metadata
from equipoise.judges.placed import placed_rows, votes_table
from equipoise.judges.prompt import FENCE, Question, fence, questions, strictnesses
from equipoise.judges.reading import read_choice
from equipoise.judges.rejudge import exhibits_of, rejudge
from equipoise.judges.rubric import Criterion, Point, Rubric, read_rubric, rubric_named, shipped_rubrics
from equipoise.judges.store import STORE_FILE, Store, store_path
from equipoise.judges.vote import EXHIBITS, VOTES, Exhibit, Vote

register_votes(placed_rows)
register_page(judges_page)
register_page(capability_page)
register_adjustment(adjusted_differences)

__all__ = [
    "EXHIBITS",
    "FENCE",
    "MOST_TOKENS",
    "ROLE",
    "STORE_FILE",
    "VOTES",
    "Call",
    "Capability",
    "Criterion",
    "Exhibit",
    "Judge",
    "PanelOptions",
    "Point",
    "Question",
    "Rubric",
    "Store",
    "Tally",
    "Vote",
    "ask",
    "both_orders",
    "capability",
    "exhibits_of",
    "fence",
    "judge_sample",
    "make_calls",
    "pair_exhibits",
    "preference",
    "questions",
    "read_choice",
    "read_rubric",
    "rejudge",
    "remembering",
    "rubric_named",
    "score_metadata",
    "shipped_rubrics",
    "store_path",
    "strictnesses",
    "votes_table",
]
