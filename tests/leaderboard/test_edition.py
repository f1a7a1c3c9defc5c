"""Editions: what makes rows comparable, frozen."""

import pytest
from inspect_ai.dataset import Sample
from leaderboard.submitted import ASK, build

from equipoise.errors import InputError
from equipoise.harness.suite import TaskPlan
from equipoise.leaderboard.edition import EditionSpec, Panel, read_edition, read_spec
from equipoise.leaderboard.freezing import freeze, sample_hash
from equipoise.leaderboard.intake.check import Release


def spec(**changes):
    return EditionSpec(**{"edition": "2026.1", "tasks": (ASK,), **changes})


@pytest.fixture(scope="module")
def frozen():
    return freeze(spec(), build, "2026-11-22")


def test_an_edition_knows_all_that_is_asked(frozen):
    (task,) = frozen.tasks
    assert (task.task, task.epochs, len(task.samples)) == ("equipoise/sycophancy_opposite_narrator", 2, 3)
    assert task.samples.keys() == task.items.keys()
    assert frozen.task(task.task) is task and frozen.task("equipoise/debate") is None


def test_an_edition_comes_back_from_its_file(frozen, tmp_path):
    (tmp_path / "e.json").write_text(frozen.text())
    again = read_edition(tmp_path / "e.json")
    assert again == frozen and again.identity == frozen.identity


@pytest.mark.parametrize(
    "changes",
    [
        {"tasks": (ASK.model_copy(update={"epochs": 1}),)},
        {"tasks": (ASK.model_copy(update={"args": {"n_items": 2}}),)},
        {"generate": {"temperature": 0.5}},
        {"simulators": {"user": "acme/user"}},
        {"panel": Panel(judges=("acme/judge",))},
        {"panel": Panel(judges=("acme/judge@strict",))},
        {"panel": Panel(judges=("acme/judge",), joint=True)},
    ],
)
def test_what_makes_rows_incomparable_changes_the_identity(frozen, changes):
    assert freeze(spec(**changes), build, "2026-11-22").identity != frozen.identity


def test_anchors_are_part_of_the_identity_and_titles_are_not(frozen):
    assert freeze(spec(title="Other"), build, "2027-01-01").identity == frozen.identity
    assert freeze(spec(), build, "2026-11-22", anchors=b"x").identity != frozen.identity


def test_a_sample_is_its_question_its_answer_and_its_notes():
    one = Sample(input="Which?", target="A", id="1", metadata={"family": "f"}, choices=["a", "b"])
    assert sample_hash(one) == sample_hash(one.model_copy())
    for changes in ({"input": "What?"}, {"target": "B"}, {"id": "2"}, {"metadata": {}}, {"choices": ["b", "a"]}):
        assert sample_hash(one.model_copy(update=changes)) != sample_hash(one)


def test_code_that_asks_other_items_is_told(frozen):
    task = frozen.tasks[0].model_copy(update={"samples": {**frozen.tasks[0].samples, "more": "0" * 16}})
    with pytest.raises(InputError, match="asks other items of equipoise/sycophancy_opposite_narrator"):
        Release(frozen.model_copy(update={"tasks": (task,)}), build)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("edition: 2026.1\n", 'in quotes: "2026.1"'),
        ("edition: '../x'\ntasks: [{task: persuasion}]\n", "match pattern"),
        ("edition: a\ntasks: []\n", "at least 1 item"),
        ("edition: a\ntasks: [{task: persuasion}, {task: persuasion}]\n", "every task once"),
        ("edition: a\ntasks: [{task: persuasion}]\nmax_missing: 2\n", "less than or equal to 1"),
        ("edition: a\ntasks: [{task: persuasion}]\njudges: x\n", "unknown key"),
        ("edition: [\n", "broken YAML"),
    ],
)
def test_a_specification_that_does_not_fit(tmp_path, text, message):
    (tmp_path / "spec.yaml").write_text(text)
    with pytest.raises(InputError, match=message):
        read_spec(tmp_path / "spec.yaml")


def test_a_file_that_is_no_edition(tmp_path):
    (tmp_path / "e.json").write_text('{"spec": ')
    with pytest.raises(InputError, match="is not JSON"):
        read_edition(tmp_path / "e.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_edition(tmp_path / "none.json")


def test_an_unknown_task_is_told():
    with pytest.raises(InputError):
        freeze(spec(tasks=(TaskPlan(task="persuasion", args={"no_such": 1}),)), build, "2026-11-22")


def test_an_at_sign_belongs_to_the_model_unless_a_strictness_follows():
    panel = Panel(judges=("vertex/claude@20250929", "openai/a@strict", "openai/a"))
    assert panel.models == ("vertex/claude@20250929", "openai/a")
    assert all(len(hashes) >= 2 for hashes in panel.prompts().values())  # neutral and strict
