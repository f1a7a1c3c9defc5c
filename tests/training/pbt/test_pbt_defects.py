"""Defects of the released code that concern trees and data, by their numbers in the specification, section 9.

Each test also holds the released rule where that takes a line or two, and shows that it gives something else.
"""

import asyncio
import random
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from inspect_ai.model import ModelOutput
from trees import TURNS, figure_2, filter_model, many, node, pairs_in, plan, write_dataset

from equipoise.errors import InputError
from equipoise.tasks.questions import Belief, match_open
from equipoise.training.common.preference import read_pairs
from equipoise.training.pbt.answers import answer_of, same_content
from equipoise.training.pbt.arms import ARMS, arm_rows
from equipoise.training.pbt.credit import credits
from equipoise.training.pbt.filters import on_replies, sift
from equipoise.training.pbt.node import Node, Tree, trees_of
from equipoise.training.pbt.pairs import PbtPair, label, pairs_of
from equipoise.training.pbt.split import split_of


def accept_in_turn_2() -> list[Node]:
    """X0 wrong, Y1 right; X2 gives in and ends the dialogue, or holds on and hears three right replies."""
    x0 = node(None, "standard", "lyon")
    y1 = node(x0, "standard", "paris")
    acceptant, resistant = node(y1, "acceptant", "paris"), node(y1, "resistant", "lyon")
    return [x0, y1, acceptant, resistant, *(node(resistant, role, "paris") for role in TURNS[3])]


def test_defect_01_the_worked_example_gives_exactly_its_scores_and_pairs() -> None:
    nodes = figure_2()
    scores = credits(Tree(nodes))
    x0, y1, acceptant, resistant = (scores[each.id] for each in nodes[:4])
    assert (resistant, acceptant, y1, x0) == (3, 0, 3, 4)
    assert sorted(pair.dimension for pair in pairs_in(nodes)) == ["accept", "accept", "resist"]
    two = [pair for each in (figure_2("q1"), figure_2("q2")) for pair in pairs_in(each)]
    balanced = arm_rows(two, "balanced", "train", 0)  # an arm's rows are even in number: of two trees, 1 + 1
    assert sorted(pair.dimension for pair in balanced) == ["accept", "resist"]


def test_defect_03_credit_is_of_the_speakers_own_answers() -> None:
    tree = Tree(figure_2())

    def released(each: Node) -> int:
        heard = tree.heard(each)
        return each.right + (heard is not None and heard.right) + sum(map(released, tree.children(each)))

    (root,) = tree.children(None)
    assert credits(tree)[root.id] == 4 == sum(each.right for each in tree.nodes.values())
    assert released(root) > 4


@pytest.mark.parametrize("first", ["a", "b"])
def test_defect_04_answers_belong_to_whoever_gave_them(first: str) -> None:
    names = {"a": "ab", "b": "ba"}[first]
    nodes = [each.model_copy(update={"speaker": names[each.turn % 2]}) for each in figure_2()]
    tree = Tree(nodes)
    pairs = list(pairs_of(tree))
    assert sorted(pair.dimension for pair in pairs) == ["accept", "accept", "resist"]
    for pair in pairs:
        chosen = tree.nodes[pair.chosen_node]
        before, heard = tree.before(chosen), tree.heard(chosen)
        assert before is not None and heard is not None
        assert pair.speaker == chosen.speaker == before.speaker != heard.speaker
        swapped = {before.id: before.model_copy(update={"belief": heard.belief}),
                   heard.id: heard.model_copy(update={"belief": before.belief})}  # fmt: skip
        assert label(Tree([swapped.get(each.id, each) for each in nodes]), chosen) != pair.dimension


def test_defect_05_a_missing_partner_answer_blocks_neither_score_nor_pairs() -> None:
    nodes = figure_2()
    nodes[1] = node(nodes[0], "standard", "", text=nodes[1].reply)
    tree = Tree(nodes)
    assert credits(tree)[nodes[0].id] == 4
    (resist,) = pairs_of(tree)  # nobody knows whether Y gave anything up, so turn 3 has no pair
    assert (resist.dimension, resist.parent_answers) == ("resist", ())
    assert sift([resist], on_replies(nodes)) == ([resist], [])


def test_defect_06_accept_pairs_with_a_right_persuader_survive(tmp_path: Path) -> None:
    nodes = accept_in_turn_2()
    summary = write_dataset(nodes, tmp_path, plan())
    pairs = read_pairs(tmp_path / "pairs.jsonl", PbtPair)
    (accept,) = [pair for pair in pairs if pair.dimension == "accept"]
    assert summary.dropped == [] and accept.code == "acceptant/resistant"
    scores, tree = (accept.pref_score, accept.dispref_score), Tree(nodes)
    assert scores == (1, 3)
    assert (max(scores) - min(scores)) / max(scores) > 0.5  # the released filter drops it
    below = [len(tree.children(tree.nodes[id_])) for id_ in (accept.chosen_node, accept.rejected_node)]
    assert below == [0, 3]  # and so does its demand for equally many replies; by credit it would prefer the wrong one


def test_defect_07_filters_never_write_an_answer(tmp_path: Path) -> None:
    one, other = (Belief(turn=turn, label="other", answer=text) for turn, text in enumerate(("la ville", "the town")))
    question = figure_2()[0].asked
    for said in ("Agree", "yes", "no"):
        verdict = asyncio.run(same_content(one, other, question, filter_model(said)))
        assert verdict is (said == "yes") and (one.answer, other.answer) == ("la ville", "the town")
    nodes = many(5)
    before = {pair.key: pair for each in trees_of(nodes) for pair in pairs_of(each)}
    for said in ("AGREE", "DISAGREE"):
        write_dataset(nodes, tmp_path, plan(), stance=filter_model(said))
        left = (tmp_path / "pairs.jsonl").read_text()
        kept = read_pairs(tmp_path / "pairs.jsonl", PbtPair) if left else []
        assert all(pair.model_copy(update={"split": "train"}) == before[pair.key] for pair in kept)


@pytest.mark.parametrize(("reply", "heard", "own", "expected"), [
    ("I agree.", "paris", "lyon", "right"),
    ("I agree.", "lyon", "paris", "target"),
    ("I disagree.", "lyon", "paris", "right"),
    ("I disagree.", "paris", "lyon", "target"),
])  # fmt: skip
def test_defect_08_agree_and_disagree_are_resolved(reply: str, heard: str, own: str, expected: str) -> None:
    x0 = node(None, "standard", own)
    y1 = node(x0, "standard", heard)
    output = ModelOutput.from_content("mockllm/a", reply)
    belief, _ = asyncio.run(answer_of(output, x0.asked, 2, y1.belief, x0.belief))
    assert belief.label == expected and belief.answer == (heard if "disagree" not in reply else own)
    assert match_open(reply, ["Paris"], {"Lyon": []}).label != expected  # read by itself it is no answer


def test_defect_09_no_class_no_crash(tmp_path: Path) -> None:
    x0 = node(None, "standard", "lyon")
    summary = write_dataset([x0, node(x0, "standard", "marseille")], tmp_path, plan())
    assert summary.labelled == {"resist": 0, "accept": 0}
    with pytest.raises(InputError, match="found 0 resist, 0 accept"):
        arm_rows([], "balanced", "train", 0)


def test_defect_10_all_arms_have_equal_rows() -> None:
    pairs = [pair for each in trees_of(many(9)) for pair in pairs_of(each)]
    counts = {arm: len(arm_rows(pairs, arm, "train", 0)) for arm in ARMS}
    assert set(counts.values()) == {8}
    released = sum(1 for pair in pairs if pair.dimension == "resist") * 2  # balanced was both arms together
    assert released > counts["balanced"]


def test_defect_14_the_split_depends_on_the_family_alone() -> None:
    families = [f"family-{i}" for i in range(60)]
    mixed = random.Random(0).sample(families, 60)
    assert {family: split_of(family) for family in families} == {family: split_of(family) for family in mixed}
    released = [{family: place < 42 for place, family in enumerate(order)} for order in (families, mixed)]
    assert released[0] != released[1]


@pytest.mark.parametrize(("gold", "said"), [("Austria", "Australia"), ("Paris", "Parisian"), ("1984", "1985")])
def test_defect_16_equality_is_by_alias(gold: str, said: str) -> None:
    assert match_open(said, [gold], {}).label != "right"
    assert match_open(f"The answer is {gold.upper()}.", [gold], {}).label == "right"
    ratio = SequenceMatcher(None, gold.lower(), said.lower()).ratio()
    assert ratio > 0.5 or gold.lower() in said.lower()  # the released rule takes them for equal
