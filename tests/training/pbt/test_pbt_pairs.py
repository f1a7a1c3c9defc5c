import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_pbt_credit import trees as any_tree
from trees import figure_2, node, pairs_in

from equipoise.training.pbt.node import Node, Tree
from equipoise.training.pbt.pairs import contrasts, label, pairs_of


def reply(before: str, heard: str, now: str) -> tuple[Tree, Node]:
    """A third turn, after an own answer and the partner's."""
    x0 = node(None, "standard", before)
    y1 = node(x0, "standard", heard)
    x2 = node(y1, "resistant", now)
    return Tree([x0, y1, x2]), x2


def test_the_worked_example_has_one_resist_and_two_accept_pairs() -> None:
    found = [(pair.dimension, pair.code, pair.pref_score, pair.dispref_score) for pair in pairs_in(figure_2())]
    assert sorted(found) == [
        ("accept", "emotional/credibility", 1, 0),
        ("accept", "logical/credibility", 1, 0),
        ("resist", "resistant/acceptant", 3, 0),
    ]


@pytest.mark.parametrize(
    ("before", "heard", "dimension"),
    [
        ("paris", "lyon", "resist"),
        ("paris", "", "resist"),  # a partner nobody can read is still no right one
        ("lyon", "paris", "accept"),
        ("paris", "paris", None),
        ("lyon", "lyon", None),
        ("lyon", "marseille", None),
        ("", "paris", None),  # nobody knows whether it gave anything up
        ("lyon", "", None),
    ],
)
def test_label(before: str, heard: str, dimension: str | None) -> None:
    assert label(*reply(before, heard, "paris")) == dimension


def test_first_and_second_replies_have_no_label() -> None:
    x0 = node(None, "standard", "paris")
    y1 = node(x0, "standard", "paris")
    tree = Tree([x0, y1])
    assert label(tree, x0) is None and label(tree, y1) is None


def test_a_pair_tells_where_it_comes_from() -> None:
    nodes = figure_2("capital-1", "capitals")
    pair = next(pair for pair in pairs_in(nodes) if pair.dimension == "resist")
    assert (pair.item, pair.family, pair.tree, pair.turn, pair.speaker) == (
        "capital-1",
        "capitals",
        "capital-1",
        2,
        "a",
    )
    assert (pair.chosen_node, pair.rejected_node) == (nodes[3].id, nodes[2].id)
    assert (pair.parent_answers, pair.pref_answers, pair.dispref_answers) == (("lyon",), ("paris",), ("lyon",))
    assert pair.gold_answers == ("Paris",) and pair.asked == nodes[0].asked
    assert pair.prompt == nodes[3].prompt and pair.chosen[0].content == nodes[3].reply


@settings(max_examples=40)
@given(any_tree())
def test_labels_are_exclusive_and_chosen_is_right_and_rejected_wrong(nodes: list[Node]) -> None:
    tree = Tree(nodes)
    dimensions: dict[str | None, set[str]] = {}
    for pair in pairs_of(tree):
        chosen, rejected = tree.nodes[pair.chosen_node], tree.nodes[pair.rejected_node]
        assert chosen.right and rejected.belief.label in ("target", "other")
        assert chosen.parent == rejected.parent
        dimensions.setdefault(chosen.parent, set()).add(pair.dimension)
    assert all(len(found) == 1 for found in dimensions.values())


@settings(max_examples=40)
@given(any_tree())
def test_every_contrast_is_a_pair_or_has_no_label(nodes: list[Node]) -> None:
    tree = Tree(nodes)
    without = sum(label(tree, chosen) is None for chosen, _ in contrasts(tree))
    assert len(list(pairs_of(tree))) + without == len(list(contrasts(tree)))


@settings(max_examples=40)
@given(any_tree(), st.integers(0, 9))
def test_the_order_of_the_nodes_does_not_matter(nodes: list[Node], seed: int) -> None:
    mixed = list(nodes)
    random.Random(seed).shuffle(mixed)
    assert {pair.key: pair for pair in pairs_of(Tree(mixed))} == {pair.key: pair for pair in pairs_of(Tree(nodes))}


def test_a_reply_whose_partner_has_not_arrived_is_in_no_pair() -> None:
    assert pairs_in([each for each in figure_2() if each.turn != 1]) == []
