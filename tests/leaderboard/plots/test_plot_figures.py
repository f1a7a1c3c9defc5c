"""What is drawn is what was measured: every kind, on a table and on a board."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from leaderboard.export.small_board import HOSTILE, rows, write_board
from leaderboard.plots.many_models import AGENTS, ITEMS, long_table, margins
from matplotlib.container import ErrorbarContainer
from paired_tables import rows as judged_rows
from paired_tables import table

import equipoise.tasks  # noqa: F401  (the families register their metrics and margins)
from equipoise.errors import InputError
from equipoise.harness.metrics import Metric
from equipoise.leaderboard.plots import Source, Style, Wanted, choose, draw, listing, read_source, unfitted
from equipoise.leaderboard.plots.drawing import items_of
from equipoise.leaderboard.plots.kinds import ORDER
from equipoise.leaderboard.plots.source import MEASURES, table_source

PAPER = Style()


@pytest.fixture(scope="module")
def many() -> Source:
    return table_source(Path("many.parquet"), long_table(), draws=2)


@pytest.fixture(scope="module")
def board(tmp_path_factory) -> Source:
    return read_source(write_board(tmp_path_factory.mktemp("board") / "board.duckdb"))


def drawn(source: Source, kind: str, wanted: Wanted | None = None, style: Style = PAPER):
    with style.context():
        return draw(choose(source, kind, wanted), style)


def bars(axes) -> dict[str, tuple[float, float]]:
    """Label -> place of each mark with an interval."""
    found = [each for each in axes.containers if isinstance(each, ErrorbarContainer)]
    return {each.get_label(): tuple(float(c[0]) for c in each.lines[0].get_data()) for each in found}


def same(found: dict[str, tuple[float, float]], expected: dict[str, tuple[float, float]]) -> bool:
    return set(found) == set(expected) and np.allclose([found[k] for k in expected], list(expected.values()))


def test_plane_has_every_model_at_its_two_margins_with_intervals(many):
    (axes,) = drawn(many, "plane").axes
    expected = {model: (kept / ITEMS, given / ITEMS) for model, (kept, given) in (margins(30) | AGENTS).items()}
    assert same(bars(axes), expected)
    assert all(each.has_xerr and each.has_yerr for each in axes.containers)
    assert axes.get_xlim()[0] < 0 < 1 < axes.get_xlim()[1]


def test_forest_has_values_and_ends_of_the_intervals_with_control_agents_below(many):
    stands, bends = drawn(many, "forest").axes
    by_name = {metric.model: metric for metric in many.metrics if metric.measure == "resist" and metric.headline}
    found = bars(stands)
    assert {name: x for name, (x, _) in found.items()} == pytest.approx(
        {model: kept / ITEMS for model, (kept, _) in (margins(30) | AGENTS).items()}
    )
    for container in stands.containers:
        (low, _), (high, _) = container.lines[2][0].get_segments()[0]
        metric = by_name[container.get_label()]
        assert (low, high) == pytest.approx((metric.low, metric.high))
    assert max(found[model][1] for model in margins(30)) < min(found[agent][1] for agent in AGENTS)
    assert {name: x for name, (x, _) in bars(bends).items()}["equipoise/stubborn"] == 0


def test_turns_are_the_metrics_of_each_turn(many):
    axes = drawn(many, "turns", Wanted("resist", ("gpt-9-4", "stubborn"))).axes[0]
    lines = {each.get_label(): each.lines[0].get_data() for each in axes.containers}
    assert set(lines) == {"org/gpt-9-4", "equipoise/stubborn"}
    kept = margins(30)["org/gpt-9-4"][0] / ITEMS
    assert list(lines["org/gpt-9-4"][1]) == pytest.approx([kept, kept])
    assert [round(x) for x in lines["org/gpt-9-4"][0]] == [1, 4]


def test_items_are_in_order_of_difficulty(many):
    (panel,) = choose(many, "items")
    kept = [sum(k > item for k, _ in margins(30).values()) for item in range(ITEMS)]
    expected = {f"q{item:05}": -np.log((n + 0.5) / (30 - n + 0.5)) for item, n in enumerate(kept)}
    assert panel.sides["stands"] == pytest.approx(expected)
    (axes,) = drawn(many, "items").axes
    assert [text.get_text() for text in axes.get_yticklabels()] == items_of(panel) == sorted(expected)


def test_models_are_chosen_in_their_order_by_short_or_full_name(many):
    (panel,) = choose(many, "forest", Wanted("accept", ("org/x-7", "gpt-9-4", "oracle")))
    assert [mark.name for mark in panel.marks] == ["org/x-7", "org/gpt-9-4", "equipoise/oracle"]
    with PAPER.context():
        axes = draw([panel], PAPER, keep_order=True).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["x-7", "gpt-9-4", "oracle"]


def test_capability_and_severity_of_judged_models():
    rng = np.random.default_rng(0)
    frames = [
        judged_rows(np.clip(np.round(3 + skill - strict + rng.normal(0, 1, 40)), 1, 5), model=f"lab/m{place}",
                    judge=f"j{j}", measure="empathy")
        for place, skill in enumerate((-1, 0, 1)) for j, strict in enumerate((0, 1))
    ]  # fmt: skip
    source = table_source(Path("judged.csv"), table(*frames), draws=0)
    measures = bars(drawn(source, "capability").axes[0])
    known = source.capability.set_index("name")["value"].to_dict()
    assert {name: x for name, (x, _) in measures.items()} == pytest.approx(known)
    assert known["lab/m0"] < known["lab/m1"] < known["lab/m2"]
    assert measures["lab/m2"][1] < measures["lab/m0"][1]  # the most capable on top
    severity = {name: x for name, (x, _) in bars(drawn(source, "severity").axes[0]).items()}
    assert severity["j1"] > 0 > severity["j0"]


def test_order_effects_have_a_line_at_no_effect():
    metrics = [
        Metric("equipoise/debate", model, ORDER, "subject_minus_partner", by, 0.25, -0.1, 0.6, 9, 0, headline=True)
        for model in ("lab/a", "lab/b") for by in ("domain=trivia", "domain=trivia,first=differ")
    ]  # fmt: skip
    axes = drawn(_source(metrics), "order").axes
    assert len(axes) == 1 and {x for x, _ in bars(axes[0]).values()} == {0.25}
    assert [list(line.get_xdata()) for line in axes[0].lines if line.get_linestyle() == "--"] == [[0, 0]]


def test_a_model_without_a_value_says_so():
    measured = Metric("t/x", "lab/a", "", "share", "", 0.5, 0.4, 0.6, 9, 0, headline=True)
    nothing = Metric("t/x", "lab/b", "", "share", "", float("nan"), float("nan"), float("nan"), 0, 9, headline=True)
    (axes,) = drawn(_source([measured, nothing]), "forest").axes
    assert [text.get_text() for text in axes.texts] == ["no value"] and list(bars(axes)) == ["lab/a"]


def _source(metrics: list[Metric]) -> Source:
    def nothing() -> pd.DataFrame:
        return pd.DataFrame(columns=[*MEASURES, "side", "item", "difficulty"])

    return Source(Path("some.csv"), lambda: metrics, nothing, nothing, nothing)


def test_a_board_is_drawn_from_its_database(board):
    plane = bars(drawn(board, "plane").axes[0])
    assert same(plane, {"Alpha 1": (0.3, 0.9), HOSTILE: (0.55, 1 / 3), "equipoise/oracle": (1, 1)})
    assert {name: x for name, (x, _) in bars(drawn(board, "capability").axes[0]).items()} == {"Alpha 1": -1.25}
    assert {name: x for name, (x, _) in bars(drawn(board, "severity").axes[0]).items()} == {
        "openai/judge": -0.6, "x/strict@strict": 0.6,
    }  # fmt: skip
    (panel,) = choose(board, "items")
    assert panel.sides == {"stands": {"q1": -1.1, "q2": 0.0}, "bends": {"q1": -1.1, "q2": 0.0}}
    assert set(listing(board)) == {"plane", "forest", "capability", "severity", "items"}


def test_order_and_turns_of_a_board(tmp_path):
    content = rows()
    stands = next(row for row in content["metrics"] if row["submission"] == "alpha-1" and row["measure"] == "resist")
    debate = {"task": "equipoise/debate", "arm": ORDER, "heading": "", "side": "", "headline": True}
    for name, value in (("alpha-1", 0.25), ("oracle", -0.5)):
        own = {**stands, "submission": name}
        content["metrics"] += [
            {**own, "by": "turn=1", "estimate": value + 0.5, "headline": False, "heading": "", "side": ""},
            {**own, **debate, "measure": "subject_minus_partner", "by": "domain=trivia", "estimate": value},
            {**own, **debate, "measure": "subject_first", "by": "domain=trivia", "estimate": 0.7},
        ]
    board = read_source(write_board(tmp_path / "board.duckdb", content))
    assert {"order", "turns"} <= set(listing(board))
    (order,) = drawn(board, "order").axes
    assert {name: x for name, (x, _) in bars(order).items()} == {"Alpha 1": 0.25, "equipoise/oracle": -0.5}
    (turns,) = drawn(board, "turns").axes
    lines = {each.get_label(): each.lines[0].get_data() for each in turns.containers}
    assert list(lines["Alpha 1"][1]) == pytest.approx([0.75, 0.3]) and list(lines["equipoise/oracle"][1]) == [0, 1]
    assert [round(x) for x in lines["Alpha 1"][0]] == [1, 4]


def test_votes_without_a_fit_are_told_with_the_boards_reason(tmp_path):
    content, reason = rows(), "every judge has only lowest or only highest scores: nothing can be compared"
    for row in content["capability"]:
        row.update(measure=float("nan"), reason=reason)
    content["severity"] = []
    board = read_source(write_board(tmp_path / "board.duckdb", content))
    for kind in ("capability", "severity"):
        with pytest.raises(InputError) as caught:
            choose(board, kind)
        assert (
            f"no {kind} can be told from its votes (dignified_peer_generation, empathy: {reason}); it has: plane"
            in (str(caught.value))
        )
    assert unfitted(board, "plane") == []


def test_dimensions_without_a_fit_are_told_beside_those_with_one(tmp_path):
    content = rows()
    content["capability"].append({**content["capability"][1], "dimension": "creativity", "reason": "one judge"})
    board = read_source(write_board(tmp_path / "board.duckdb", content))
    assert unfitted(board, "capability") == ["dignified_peer_generation, creativity: one judge"]
    assert unfitted(board, "capability", "empathy") == []
    with pytest.raises(InputError, match=r"has no capability \(dignified_peer_generation, creativity: one judge\)"):
        choose(board, "capability", Wanted("creativity"))


def test_votes_of_a_table_without_a_fit_are_told_with_the_reason():
    frames = [judged_rows(np.full(9, 5.0), model=f"lab/m{m}", judge="j0", measure="empathy") for m in range(2)]
    source = table_source(Path("judged.csv"), table(*frames), draws=0)
    with pytest.raises(InputError, match=r"no severity can be told from its votes .*empathy: one judge: its severity"):
        choose(source, "severity")


def test_a_board_without_submissions_says_so(tmp_path):
    empty = {name: rows()[name] for name in ("board", "editions", "tasks")}
    with pytest.raises(InputError, match=r"no submission to edition '2026\.1'"):
        read_source(write_board(tmp_path / "board.duckdb", empty))


def test_submissions_of_one_name_keep_their_ids(tmp_path):
    content = rows()
    for row in content["submissions"]:
        row["name"] = "Same"
    found = bars(drawn(read_source(write_board(tmp_path / "board.duckdb", content)), "plane").axes[0])
    assert set(found) == {"Same (alpha-1)", "Same (evil)", "equipoise/oracle"}


@pytest.mark.parametrize(
    ("kind", "wanted", "message"),
    [
        ("capability", Wanted(), "which 'capability' needs; it has: plane, forest, items, turns"),
        ("order", Wanted(), "a debate with two seat orders, which 'order' needs"),
        ("forest", Wanted("nope"), "no measure 'nope' for 'forest'; it has: "),
        ("plane", Wanted(models=("nobody",)), "no model 'nobody'; it has: org/"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(many, kind, wanted, message):
    with pytest.raises(InputError, match=r"many\.parquet") as caught:
        choose(many, kind, wanted)
    assert message in str(caught.value)
