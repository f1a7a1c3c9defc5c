"""What all plots have in common: names that can be read, marks told apart in grey, the same bytes every time."""

from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from leaderboard.export.small_board import write_board
from leaderboard.plots.many_models import long_table
from matplotlib.backends.backend_agg import FigureCanvasAgg

import equipoise.tasks  # noqa: F401  (the families register their metrics and margins)
from equipoise.errors import InputError
from equipoise.harness.metrics import Metric
from equipoise.leaderboard.plots import Source, Style, choose, draw, read_source, save
from equipoise.leaderboard.plots.marks import labels, look, plain, wrap
from equipoise.leaderboard.plots.panels import Mark, Rows
from equipoise.leaderboard.plots.source import MEASURES, table_source

PAPER, TWO = Style(), Style(width=6.9)


@pytest.fixture(scope="module")
def many() -> Source:
    return table_source(Path("many.parquet"), long_table(), draws=2)


def shown(axes, tick) -> bool:
    """Whether a tick lies within the axis; matplotlib keeps some beyond it that it does not draw."""
    low, high = sorted(axes.get_ylim())
    return tick.get_visible() and low <= tick.get_position()[1] <= high


def names_overlap(figure) -> list[tuple[str, str]]:
    """Names of rows and of the legend that touch."""
    renderer = figure.canvas.get_renderer()
    groups = [[t for t in axes.get_yticklabels() if shown(axes, t)] for axes in figure.axes]
    groups += [legend.get_texts() for legend in figure.legends]
    found = []
    for group in groups:
        boxes = [(text.get_text(), text.get_window_extent(renderer).shrunk(0.99, 0.9)) for text in group]
        found += [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)]
    return found


@pytest.mark.parametrize(
    ("kind", "style"),
    [("plane", PAPER), ("forest", TWO), ("turns", PAPER), ("items", PAPER), ("forest", Style("slides"))],
)
def test_no_names_overlap_or_leave_the_page_at_thirty_models(many, kind, style):
    with style.context():
        figure = draw(choose(many, kind), style)
        FigureCanvasAgg(figure).draw()
    assert names_overlap(figure) == []
    width, height = figure.get_size_inches() * figure.dpi
    names = [t for axes in figure.axes for t in axes.get_yticklabels() if shown(axes, t)]
    names += [t for legend in figure.legends for t in legend.get_texts()]
    assert len(names) >= 30
    for text in names:
        box = text.get_window_extent(figure.canvas.get_renderer())
        assert box.x0 > -1 and box.x1 < width + 1 and box.y0 > -1 and box.y1 < height + 1, text.get_text()
    assert figure.get_size_inches()[0] == style.inches


def test_thirty_models_differ_without_colour():
    marks = look([f"m{place}" for place in range(30)])
    assert len({(each["marker"], each["fillstyle"]) for each in marks.values()}) == 30
    assert look(["equipoise/oracle"])["equipoise/oracle"]["fillstyle"] == "none"


@pytest.mark.parametrize("ending", ["pdf", "svg", "png"])
def test_the_same_bytes_every_time_and_letters_that_stay_letters(tmp_path, ending):
    source = read_source(write_board(tmp_path / "board.duckdb"))
    files = [tmp_path / f"{name}.{ending}" for name in "ab"]
    for file in files:
        with PAPER.context():
            save(draw(choose(source, "plane"), PAPER), file, PAPER)
    first, second = (file.read_bytes() for file in files)
    assert first == second
    if ending == "pdf":
        assert b"/FontFile2" in first and b"/Type3" not in first and b"CreationDate" not in first


def test_too_many_models_are_refused():
    marks = [Mark(f"m{k}", 0.5, 0.4, 0.6) for k in range(61)]
    metrics = [Metric("t/x", mark.name, "", "share", "", 0.5, 0.4, 0.6, 9, 0, headline=True) for mark in marks]
    source = Source(Path("some.csv"), lambda: metrics, *[lambda: pd.DataFrame(columns=MEASURES)] * 3)
    with pytest.raises(InputError, match="61 models; expected a choice of at most 60"):
        choose(source, "forest")


def test_a_page_that_nobody_can_read_is_refused():
    panels = [Rows("t/x", f"p{k}", ("share",), marks=[Mark(f"m{j}", 0, 0, 0) for j in range(60)]) for k in range(99)]
    with PAPER.context(), pytest.raises(InputError, match="expected at most 200"):
        draw(panels, PAPER)


def test_names_are_plain_short_and_never_the_same():
    found = labels(["a/model", "b/model", "lab/other", "x" * 50 + "1", "x" * 50 + "2", "a\nb"])
    assert list(found.values())[:3] == ["a/model", "b/model", "other"]
    assert len(set(found.values())) == 6 and all(len(name) <= 27 for name in found.values())
    assert found["a\nb"] == "a�b" and plain("abcdefgh", 5) == "ab…gh"
    lines = wrap("sycophancy_false_presupposition, pressed", 20).split("\n")
    assert [line.strip() for line in lines] == ["sycophancy_false_", "presupposition,", "pressed"]
