import json
import random
from pathlib import Path

import pytest
from trees import figure_2, filter_model, many, node, plan, write_dataset

from equipoise.errors import InputError
from equipoise.training.common.preference import read_pairs
from equipoise.training.pbt.dataset import card
from equipoise.training.pbt.node import Node
from equipoise.training.pbt.pairs import PbtPair
from equipoise.training.pbt.summary import Summary

FILES = ("pairs.jsonl", "summary.json", "README.md")


def third_answer(item: str) -> list[Node]:
    """The worked example with an acceptant reply that agrees with nobody."""
    nodes = figure_2(item)
    nodes[2] = node(nodes[1], "acceptant", "marseille")
    return nodes


def balance(summary: Summary) -> tuple[int, int]:
    """Pairs that were labelled, and pairs that were kept or dropped."""
    kept = sum(rows.resist + rows.accept for rows in summary.rows)
    return sum(summary.labelled.values()), kept + sum(drop.resist + drop.accept for drop in summary.dropped)


def test_the_worked_example(tmp_path: Path) -> None:
    summary = write_dataset(many(40), tmp_path, plan())
    assert (summary.trees, summary.nodes, summary.families) == (40, 280, 40)
    assert summary.labelled == {"resist": 40, "accept": 80} and summary.unlabelled == 0
    pairs = read_pairs(tmp_path / "pairs.jsonl", PbtPair)
    assert len(pairs) == 120
    for rows in summary.rows:
        assert rows.resist == sum(pair.split == rows.split and pair.dimension == "resist" for pair in pairs)
        assert rows.accept == 2 * rows.resist == 2 * rows.families
        assert rows.arm == 2 * (rows.resist // 2)
    assert json.loads((tmp_path / "summary.json").read_text()) == summary.model_dump(mode="json")
    assert Summary.model_validate(summary.model_dump(mode="json")) == summary


def test_no_family_is_in_two_splits(tmp_path: Path) -> None:
    write_dataset([*many(30), *figure_2("q-twin", "family-003")], tmp_path, plan())
    splits: dict[str, set[str]] = {}
    for pair in read_pairs(tmp_path / "pairs.jsonl", PbtPair):
        splits.setdefault(pair.family, set()).add(pair.split)
    assert len(splits) == 30 and all(len(found) == 1 for found in splits.values())


def test_the_order_of_the_nodes_changes_no_byte(tmp_path: Path) -> None:
    nodes = many(12)
    write_dataset(nodes, tmp_path / "a", plan())
    random.Random(1).shuffle(nodes)
    write_dataset(nodes, tmp_path / "b", plan())
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_every_labelled_pair_is_kept_or_counted(tmp_path: Path) -> None:
    x0 = figure_2("q900")
    x0[3] = node(x0[1], "resistant", "paris", text="Paris. You are right.")  # against its own answer
    summary = write_dataset([*many(10), *third_answer("q800"), *x0[:4]], tmp_path, plan())
    assert {drop.reason: (drop.resist, drop.accept) for drop in summary.dropped} == {
        "rejected gives a third answer": (1, 0),
        "chosen says that it agrees": (1, 0),
    }
    labelled, accounted = balance(summary)
    assert labelled == accounted


def test_a_chosen_reply_that_was_cut_is_no_target_but_a_rejected_one_may_be(tmp_path: Path) -> None:
    gives_in, stays, came_round = 2, 3, 4
    nodes = many(3)
    for place in (stays, 7 + came_round, 14 + gives_in):  # chosen, chosen, rejected
        nodes[place] = nodes[place].model_copy(update={"cut": True})
    summary = write_dataset(nodes, tmp_path, plan())
    (drop,) = summary.dropped
    assert (drop.filter, drop.reason) == ("cut off", "chosen was cut at max_tokens")
    assert (drop.resist, drop.accept) == (1, 1)
    assert balance(summary)[0] == balance(summary)[1]
    chosen = {pair.chosen_node for pair in read_pairs(tmp_path / "pairs.jsonl", PbtPair)}
    assert not chosen & {node.id for node in nodes if node.cut}
    text = (tmp_path / "README.md").read_text()
    assert "cut at 80 tokens is dropped (`cut off`)" in text and "| dropped, cut off: chosen was cut" in text


def test_branches_that_end_in_agreement_are_counted_whatever_ended_them(tmp_path: Path) -> None:
    summary = write_dataset(figure_2(), tmp_path, plan())
    assert summary.agreed == 3  # X gives in; in the last turn, where everything ends, Y comes round twice
    assert "7 replies, 3 branches end in agreement" in summary.lines()[0]
    assert "3 branches end in agreement" in (tmp_path / "README.md").read_text()


def test_siblings_without_a_label_are_counted(tmp_path: Path) -> None:
    x0 = node(None, "standard", "lyon")
    y1 = node(x0, "standard", "marseille")
    summary = write_dataset([x0, y1, node(y1, "acceptant", "paris"), node(y1, "resistant", "lyon")], tmp_path, plan())
    assert (summary.contrasts, summary.unlabelled) == (1, 1)
    assert (tmp_path / "pairs.jsonl").read_text() == ""


def test_the_filter_model_decides_after_the_free_filters(tmp_path: Path) -> None:
    nodes = [*many(3), *third_answer("q800")]
    summary = write_dataset(nodes, tmp_path, plan(filter="mockllm/filter"), stance=filter_model("AGREE"))
    reasons = {drop.reason: (drop.resist, drop.accept) for drop in summary.dropped if drop.filter == "filter model"}
    assert reasons == {"chosen was read as AGREE": (3, 0), "rejected was read as AGREE": (0, 8)}
    assert summary.calls["filter"] == 3 * 5 + 3  # each reply once; none for the pair that is gone already
    assert balance(summary)[0] == balance(summary)[1]
    assert len((tmp_path / "stances.jsonl").read_text().splitlines()) == summary.calls["filter"]


def test_unread_verdicts_have_a_reason_of_their_own(tmp_path: Path) -> None:
    summary = write_dataset(many(2), tmp_path, plan(), stance=filter_model("Well, it depends."))
    assert [(drop.reason, drop.resist, drop.accept) for drop in summary.dropped] == [
        ("a verdict could not be read", 2, 4)
    ]


def test_credit_may_be_made_a_filter(tmp_path: Path) -> None:
    x0 = node(None, "standard", "paris")
    y1 = node(x0, "standard", "lyon")
    stays, gives_in = node(y1, "resistant", "paris"), node(y1, "acceptant", "lyon")
    below = [node(stays, "logical", "lyon"), *(node(gives_in, role, "paris") for role in ("emotional", "logical"))]
    nodes = [x0, y1, stays, gives_in, *below]
    assert write_dataset(nodes, tmp_path, plan()).dropped == []  # the right sibling is chosen whatever follows
    (drop,) = write_dataset(nodes, tmp_path, plan(), credit=True).dropped
    assert (drop.reason, drop.resist) == ("credit prefers the rejected reply", 1)


def test_an_agent_that_is_hard_to_read_is_flagged(tmp_path: Path) -> None:
    nodes = many(4)
    nodes[0] = node(None, "standard", "", item="q000", family="family-000")
    summary = write_dataset(nodes, tmp_path, plan())
    assert [(cover.agent, cover.read, cover.replies, cover.low) for cover in summary.coverage] == [
        ("a", 11, 12, True), ("b", 16, 16, False),
    ]  # fmt: skip
    assert any("agent a (mockllm/a): only 91.7% of its answers could be read" in line for line in summary.lines())


def test_no_right_answer_at_all_is_said(tmp_path: Path) -> None:
    x0 = node(None, "standard", "lyon")
    summary = write_dataset([x0, node(x0, "standard", "lyon")], tmp_path, plan())
    said = "\n".join(summary.lines())
    assert (
        "no reply at all gave a right answer" in said
        and "too few 'accept' pairs in split 'train' for any arm (0)" in said
    )
    assert "no reply at all gave a right answer" in (tmp_path / "README.md").read_text()


def test_the_terminal_shows_splits_and_drops(tmp_path: Path) -> None:
    lines = write_dataset([*many(10), *third_answer("q800")], tmp_path, plan()).lines()
    assert any(line.split() == ["labelled", "11", "22"] for line in lines)
    assert any(line.startswith("- answers: rejected gives a third answer") and line.split()[-2:] == ["1", "0"]
               for line in lines)  # fmt: skip
    assert [line.split()[0] for line in lines if line.startswith(("train", "dev", "test"))] == ["train", "dev", "test"]


def test_the_card_tells_provenance_and_escapes_names(tmp_path: Path) -> None:
    asked = plan(agents={"a": "openai/<b>evil|name", "b": "mockllm/b"}, extractor="mockllm/e")
    summary = write_dataset(many(3), tmp_path, asked)
    text = (tmp_path / "README.md").read_text()
    assert card(summary, asked) == text
    assert "&lt;b&gt;evil\\|name" in text and "mockllm/e" in text and "prompts version" in text
    assert "licence" in text.lower() and "Known limits" in text


def test_the_card_knows_the_licence_of_shipped_questions(tmp_path: Path) -> None:
    from equipoise.tasks.questions import content_hash, load_items

    items = load_items("trivia")[:3]
    asked = plan(questions={item.id: item.hash or content_hash(item) for item in items} | {"mine": "0" * 16})
    text = card(write_dataset(many(1), tmp_path, asked), asked)
    assert f"- 3 questions: {items[0].licence}" in text and "- 1 questions: as in their own file" in text


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_dataset(many(1), tmp_path / "file" / "folder", plan())
