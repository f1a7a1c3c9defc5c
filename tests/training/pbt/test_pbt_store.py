"""What is kept while trees grow: whole lines, one plan a folder."""

import pytest
from growing import agent, always, asked, grown, plan_of

from equipoise.errors import InputError
from equipoise.training.pbt.node import Node
from equipoise.training.pbt.plan import PLAN_FILE, read_plan
from equipoise.training.pbt.shape import Shape
from equipoise.training.pbt.store import NODES_FILE, Lines, read_nodes


@pytest.fixture
def folder(tmp_path):
    grown(tmp_path, agent(always("Paris.")), agent(always("Lyon."), "n"))
    return tmp_path


def test_a_torn_last_line_is_dropped_and_asked_for_again(folder):
    path = folder / NODES_FILE
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    nodes, grower = grown(folder, agent(always("Paris.")), agent(always("Lyon."), "n"))
    assert len(nodes) == 10 and grower.progress.calls["replies"] == 1
    assert path.read_bytes() == whole


def test_whoever_just_looks_leaves_a_line_that_is_being_written(folder):
    path = folder / NODES_FILE
    path.write_bytes(path.read_bytes()[:-40])
    torn = path.read_bytes()
    assert len(read_nodes(folder)) == 9 and path.read_bytes() == torn
    assert len(Lines(path, Node).found) == 9 and path.read_bytes() == torn[: torn.rfind(b"\n") + 1]


def test_a_file_of_an_earlier_version_is_read(folder):
    path = folder / NODES_FILE
    path.write_text(path.read_text().replace(',"cut":false', ""))
    assert '"cut"' not in path.read_text() and not any(node.cut for node in read_nodes(folder))


@pytest.mark.parametrize("tree", ["../../x", "a/b", "/x", "", ".b", "q1.c", "q1.b\n", "q\x1b"])
def test_the_name_of_a_tree_is_no_path(folder, tree):
    node = read_nodes(folder)[0].model_copy(update={"tree": tree})
    (folder / NODES_FILE).write_text(f"{node.model_dump_json()}\n")
    with pytest.raises(InputError, match="field 'tree'"):
        read_nodes(folder)


def test_a_line_without_its_end_is_torn_even_where_it_parses(folder):
    path = folder / NODES_FILE
    path.write_bytes(path.read_bytes()[:-1])
    assert len(Lines(path, Node).found) == 9


@pytest.mark.parametrize(
    ("line", "told"), [(b"{", "broken JSON"), (b"{}", "field 'id'"), (b"\xff", "broken JSON"), (b"", "broken JSON")]
)
def test_a_broken_line_further_up_is_told_with_its_number(folder, line, told):
    path = folder / NODES_FILE
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([*lines[:2], line, *lines[3:], b""]))
    with pytest.raises(InputError) as error:
        read_nodes(folder)
    assert f"{path}:3" in str(error.value) and told in str(error.value)


def test_a_folder_without_trees_is_told(tmp_path):
    with pytest.raises(InputError, match="expected a folder of dialogue trees"):
        read_nodes(tmp_path)
    with pytest.raises(InputError, match="expected a folder of dialogue trees"):
        read_plan(tmp_path)


def test_the_same_plan_may_come_back_with_another_number_of_pairs(tmp_path):
    plan = plan_of([asked()])
    plan.keep(tmp_path)
    plan.keep(tmp_path)
    plan.model_copy(update={"pairs_per_question": 2, "equipoise": "9.9"}).keep(tmp_path)
    assert read_plan(tmp_path).pairs_per_question == 2
    assert read_plan(tmp_path).questions == {"q1": asked().item_hash}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"agents": {"a": "x", "b": "mockllm/n"}}, 'a: "mockllm/m" there, "x" asked for'),
        ({"seed": 1}, "0 there, 1 asked for"),
        ({"temperature": 0.0}, "0.7 there"),
        ({"shape": Shape(independent=False)}, "independent: true there, false asked for"),
        ({"questions": {"q1": "0" * 16}}, '"0000000000000000" asked for'),
        ({"questions": {}}, "null asked for"),
        ({"extractor": "x"}, '"" there'),
        ({"first": "both"}, "alternate"),
        ({"model_args": {"slots": 4}}, "slots: null there, 4 asked for"),
    ],
)
def test_another_plan_is_refused_and_the_stored_one_stays(tmp_path, changes, told):
    plan = plan_of([asked()])
    plan.keep(tmp_path)
    before = (tmp_path / PLAN_FILE).read_bytes()
    with pytest.raises(InputError) as error:
        plan.model_copy(update=changes).keep(tmp_path)
    assert told in str(error.value) and f"field '{next(iter(changes))}'" in str(error.value)
    assert (tmp_path / PLAN_FILE).read_bytes() == before


@pytest.mark.parametrize("text", ["{", "[]", '{"agents": {"c": "x"}, "questions": {}}'])
def test_a_broken_plan_is_told_with_its_file(tmp_path, text):
    (tmp_path / PLAN_FILE).write_text(text)
    with pytest.raises(InputError, match=PLAN_FILE):
        plan_of([asked()]).keep(tmp_path)
