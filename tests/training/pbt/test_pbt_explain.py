import re
import xml.etree.ElementTree as ET
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console
from trees import TURNS, figure_2, node

from equipoise.errors import InputError
from equipoise.training.pbt.explain import cards, draw, outline
from equipoise.training.pbt.node import Node, Tree
from equipoise.training.pbt.picture import HEIGHT, ROW, _inches, _rows, wrapped


def text_of(nodes: list[Node]) -> str:
    out = StringIO()
    Console(file=out, width=160, color_system=None).print(outline(Tree(nodes)))
    return out.getvalue()


def test_cards_of_the_worked_example() -> None:
    nodes = figure_2()
    found = cards(Tree(nodes))
    shown = [
        (found[each.id].look.word, found[each.id].credit, found[each.id].part, found[each.id].end) for each in nodes
    ]
    assert shown == [
        ("right", 4, "", ""),
        ("wrong", 3, "", ""),
        ("wrong", 0, "resist: rejected", "ends in agreement"),
        ("right", 3, "resist: chosen", ""),
        ("right", 1, "accept: chosen", "ends in agreement"),
        ("wrong", 0, "accept: rejected", ""),
        ("right", 1, "accept: chosen", "ends in agreement"),
    ]
    assert len({found[each.id].look.sign for each in nodes}) == 2  # told apart without colours


def test_a_pair_that_the_filters_drop_says_so() -> None:
    nodes = figure_2()
    nodes[2] = node(nodes[1], "acceptant", "marseille")
    found = cards(Tree(nodes))
    assert found[nodes[2].id].part == "resist: rejected, filtered out"
    assert found[nodes[2].id].end == "ends"  # no agreement, and nobody replied
    nodes = figure_2()
    nodes[3] = nodes[3].model_copy(update={"cut": True})
    assert cards(Tree(nodes))[nodes[3].id].part == "resist: chosen, filtered out"


def test_a_tree_whose_root_has_not_arrived_is_shown(tmp_path: Path) -> None:
    nodes = [each for each in figure_2() if each.turn]
    assert len(re.findall(r"s = \d", text_of(nodes))) == len(nodes)
    draw(Tree(nodes), tmp_path / "tree.svg")
    assert (tmp_path / "tree.svg").exists()


def test_an_answer_that_cannot_be_read() -> None:
    x0 = node(None, "standard", "", text="")
    card = cards(Tree([x0]))[x0.id]
    assert (card.look.sign, card.look.word, card.reply) == ("?", "not read", "(no reply)")


def test_the_outline_has_every_reply_with_its_credit() -> None:
    text = text_of(figure_2())
    assert re.findall(r"s = (\d)", text) == ["4", "3", "0", "3", "1", "0", "1"]
    assert text.count("[accept: chosen]") == 2 and text.count("[resist: rejected]") == 1


def test_what_a_model_wrote_is_neither_markup_nor_control() -> None:
    text = text_of(
        [node(None, "standard", "paris", text="[bold]P[/bold] \x1b[31mred\x07\u202e $x^2$ \ud800", model="a/\x1b[2J")]
    )
    assert "[bold]P[/bold]" in text and "$x^2$" in text
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e\ud800]", text)


HOSTILE = "$\\frac{$ \x1b[31m\x00 <script>&amp; \ud800 \u202e 中文字 " + "W" * 300


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_hostile_texts_are_drawn_as_they_are(tmp_path: Path, suffix: str, recwarn: pytest.WarningsRecorder) -> None:
    path = tmp_path / f"tree{suffix}"
    x0 = node(None, "standard", "paris", text=HOSTILE, model=HOSTILE)
    draw(Tree([x0, node(x0, "standard", "lyon", text=HOSTILE)]), path)
    assert path.stat().st_size > 1000
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]
    if suffix == ".svg":
        ET.parse(path)


def test_the_same_tree_is_the_same_picture(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        draw(Tree(figure_2()), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_no_two_cards_of_a_full_tree_overlap() -> None:
    level = nodes = [node(None, "standard", "paris")]
    for roles in TURNS[1:]:
        level = [node(parent, role, "lyon") for parent in level for role in roles]
        nodes = nodes + level
    assert len(nodes) == 10
    tree = Tree(nodes)
    rows = _rows(tree)
    for turn in range(4):
        places = sorted(rows[each.id] * ROW for each in nodes if each.turn == turn)
        assert all(lower - upper >= HEIGHT for upper, lower in pairwise(places))


@pytest.mark.parametrize("text", ["one two three four five six seven eight nine ten " * 4, "W" * 200, "ii " * 200, ""])
def test_lines_are_no_wider_than_the_card(text: str) -> None:
    lines = wrapped(text, 2.0, 8, most=3)
    assert 1 <= len(lines) <= 3
    assert all(_inches(line, 8) <= 2.0 for line in lines)
    assert not text or lines[-1].endswith("…")


def test_a_picture_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        draw(Tree(figure_2()), tmp_path / "file" / "tree.svg")
