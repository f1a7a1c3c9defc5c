"""What two runs have in common: tasks, items of equal content, families."""

import pytest
from paired_tables import rows, side, table

from equipoise.errors import InputError
from equipoise.harness.compare import one_model, share_tasks


def shared(one, other):
    (found,) = share_tasks(side(one), side(other))
    return found


def test_the_only_model_that_is_no_control_agent_is_taken():
    both = table(rows([1, 0]), rows([1, 1], model="equipoise/oracle"))
    assert one_model(both, "run").model == "lab/model"
    assert len(one_model(both, "run", "equipoise/oracle").table) == 2
    assert one_model(table(rows([1], model="equipoise/random")), "run").model == "equipoise/random"


@pytest.mark.parametrize(("model", "said"), [("", "several models"), ("lab/none", "no model 'lab/none'")])
def test_a_model_that_is_not_told_or_not_there_is_refused(model, said):
    both = table(rows([1, 0]), rows([1, 1], model="lab/other"))
    with pytest.raises(InputError, match=said):
        one_model(both, "run", model)


def test_items_pair_by_name_and_content():
    found = shared(
        rows([1, 1, 1, 1]), rows([0, 0, 0], names=["q00000", "q00001", "new"], hashes=["hash0", "other", "x"])
    )
    assert (found.items, found.changed, found.absent, found.extra) == (1, 1, 2, 1)
    assert set(found.candidate["item"]) == {"q00000"} and set(found.baseline["item"]) == {"q00000", "q00002", "q00003"}


def test_an_item_with_two_contents_in_one_run_is_changed():
    double = rows([1, 1], names=["q00000", "q00000"], hashes=["hash0", "hash9"]).assign(epoch=[1, 2])
    assert shared(double, rows([1])).changed == 1


def test_items_without_hashes_pair_by_name_and_say_so():
    found = shared(rows([1, 1], hashes=["", ""]), rows([1, 1]))
    assert found.items == 2 and "no content hash" in found.notes[0]


def test_families_are_those_of_the_baseline():
    found = shared(rows([1, 1], family=[7, 7]), rows([1, 1]))
    assert set(found.candidate["family"]) == {"f7"}


@pytest.mark.parametrize(("version", "comparable"), [("1-B", True), ("2-A", False), ("", True)])
def test_only_the_comparability_version_has_to_agree(version, comparable):
    assert (shared(rows([1]), rows([1], version=version)).reason == "") == comparable


def test_tasks_of_one_side_alone_have_a_reason():
    found = share_tasks(side(rows([1]), rows([1], task="toy/old")), side(rows([1]), rows([1], task="toy/new")))
    assert {each.task: each.reason for each in found} == {
        "toy/quiz": "", "toy/old": "the candidate was not run on it", "toy/new": "the baseline was not run on it",
    }  # fmt: skip


def test_other_judges_or_prompts_are_told():
    found = shared(rows([1], judge="a"), rows([1], judge="b"))
    assert not found.same_judges and "a, b" in found.notes[0]
    other = rows([1], judge="a").assign(judge_prompt_hash="new")
    assert not shared(rows([1], judge="a"), other).same_judges
    assert shared(rows([1], judge="a"), rows([0], judge="a")).same_judges
