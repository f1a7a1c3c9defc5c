import random

from hypothesis import given, settings
from hypothesis import strategies as st
from trees import ANSWERS, figure_2, node

from equipoise.training.pbt.credit import credits, share, sizes
from equipoise.training.pbt.node import Node, Tree

answers = st.sampled_from(sorted(ANSWERS))
"""Right, two wrong ones, and none that can be read."""


@st.composite
def trees(draw: st.DrawFn) -> list[Node]:
    """Any tree of up to three replies to a reply and four turns."""
    nodes = level = [node(None, "standard", draw(answers))]
    for _ in range(3):
        level = [node(parent, f"role{i}", draw(answers)) for parent in level for i in range(draw(st.integers(0, 3)))]
        nodes = nodes + level
    return nodes


def test_the_worked_example_of_the_paper() -> None:
    nodes = figure_2()
    scores = credits(Tree(nodes))
    x0, y1, acceptant, resistant, *replies = (scores[each.id] for each in nodes)
    assert (resistant, acceptant, y1, x0) == (3, 0, 3, 4)
    assert replies == [1, 0, 1]


@settings(max_examples=40)
@given(trees())
def test_the_roots_credit_is_the_number_of_right_replies(nodes: list[Node]) -> None:
    tree = Tree(nodes)
    assert credits(tree)[nodes[0].id] == sum(each.right for each in nodes)
    assert sizes(tree)[nodes[0].id] == len(nodes)


@settings(max_examples=40)
@given(trees())
def test_credit_is_ones_own_answer_and_the_credit_of_the_replies(nodes: list[Node]) -> None:
    tree = Tree(nodes)
    scores, size = credits(tree), sizes(tree)
    for each in nodes:
        below = tree.children(each)
        assert scores[each.id] == each.right + sum(scores[child.id] for child in below)
        assert 0 <= share(each, scores, size) <= 1


@settings(max_examples=40)
@given(trees(), st.integers(0, 9))
def test_the_order_of_the_nodes_does_not_matter(nodes: list[Node], seed: int) -> None:
    mixed = list(nodes)
    random.Random(seed).shuffle(mixed)
    assert credits(Tree(mixed)) == credits(Tree(nodes))
