"""`equipoise plot`: files, the list of what can be plotted, and what is said of bad input."""

import pytest
from click.testing import CliRunner
from leaderboard.export.small_board import rows, write_board
from leaderboard.plots.many_models import long_table

from equipoise.cli.plot import command
from equipoise.errors import InputError


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("plot") / "table.parquet"
    long_table(3).to_parquet(path)
    return path


def call(*arguments: object):
    return CliRunner().invoke(command, list(map(str, arguments)))


@pytest.mark.parametrize("ending", ["pdf", "svg", "png"])
def test_a_file_of_every_format(table, tmp_path, ending):
    target = tmp_path / "new" / f"plane.{ending}"
    done = call(table, "plane", "-o", target, "--width", "two", "--task", "persuasion", "--draws", 0)
    assert (done.exit_code, done.stdout) == (0, f"{target}\n"), done.output
    start = {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG"}[ending]
    assert target.read_bytes().startswith(start)
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_width_is_what_was_asked_for(table, tmp_path):
    for width, points in (("one", "237.6pt"), ("5", "360pt")):
        target = tmp_path / "forest.svg"
        assert call(table, "forest", "-o", target, "--width", width, "--measure", "resist", "--draws", 0).exit_code == 0
        assert f'width="{points}"' in target.read_text()


def test_the_list_names_kinds_tasks_and_measures(table):
    done = call(table, "--list")
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[:2] == ["plane", "  persuasion: resist, accept"] and "items" in lines and "capability" not in lines


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plane", "-o", "x.gif"), "ends on .pdf, .svg or .png, found '.gif'"),
        (("severity", "-o", "x.pdf"), "it has: plane, forest, items, turns"),
        (("plane", "-o", "x.pdf", "--task", "debate"), "no task 'debate'; it has: persuasion"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(table, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = call(table, *arguments, "--draws", 0)
    assert isinstance(done.exception, InputError) and message in str(done.exception)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments", [(), ("plane",), ("plane", "-o", "x.pdf", "--width", "0.1"), ("pie", "-o", "x.pdf")]
)
def test_wrong_usage_exits_with_2(table, arguments):
    assert call(table, *arguments).exit_code == 2


def test_a_board_is_drawn_and_what_is_not_is_told(tmp_path):
    content = rows()
    content["capability"].append({**content["capability"][1], "dimension": "tone", "reason": "one\x1b[2J judge"})
    write_board(tmp_path / "board.duckdb", content)
    target = tmp_path / "capability.png"
    done = call(tmp_path, "capability", "-o", target)
    assert (done.exit_code, done.stdout) == (0, f"{target}\n") and target.is_file()
    assert done.stderr == "not drawn: dignified_peer_generation, tone: one�[2J judge\n"
    assert call(tmp_path, "capability", "-o", target, "--measure", "empathy").stderr == ""
