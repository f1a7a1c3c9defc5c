"""Suites: the shipped ones fit their tasks; what does not fit is named with file, line and field."""

import pytest

import equipoise.tasks
from equipoise.cli.plan import build, parameters, plans
from equipoise.errors import InputError
from equipoise.harness.suite import Suite, TaskPlan, load_suite, shipped_suites

SMALL = """\
name: mine
tasks:
  - task: persuasion
    args: {n_items: 2, start: seeded}
    epochs: 2
    limits: {time_limit: 60, message_limit: 50}
generate: {max_tokens: 16}
"""


def test_shipped_suites_name_every_family():
    assert list(shipped_suites()) == ["quick", "standard", "full"]
    families = set(equipoise.tasks.__all__) - {"syco_bench"}  # needs the user's own copy of the files
    for name in shipped_suites():
        suite = load_suite(name)
        assert suite.name == name and suite.description
        needs_a_panel = set() if name == "full" else {"aloe", "dignified_peer_generation"}
        assert {task.task for task in suite.tasks} == families - needs_a_panel
        for task in suite.tasks:
            assert set(task.args) <= set(parameters(task.task)), task


@pytest.mark.parametrize("name", ["quick", "standard"])
def test_shipped_suites_can_be_built(name):
    for task in load_suite(name).tasks:
        built = build(task)
        assert len(built.dataset) > 0
        assert built.time_limit == task.limits.time_limit


def test_epochs_and_limits_reach_the_task(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(SMALL)
    (task,) = load_suite(str(path)).tasks
    built = build(task)
    assert (built.epochs, built.time_limit, built.message_limit, built.token_limit) == (2, 60, 50, None)


BROKEN = {
    "unknown key": (SMALL + "colour: red\n", "colour"),
    "unknown task key": (SMALL.replace("epochs", "epoch"), "tasks.0.epoch"),
    "unknown limit": (SMALL.replace("time_limit", "time"), "tasks.0.limits.time"),
    "epochs is no number": (SMALL.replace("epochs: 2", "epochs: many"), "tasks.0.epochs"),
    "no tasks": ("name: mine\ntasks: []\n", "tasks"),
    "no name": (SMALL.replace("name: mine\n", ""), "name"),
    "temperature below zero": (SMALL.replace("max_tokens: 16", "temperature: -1"), "generate.temperature"),
    "a list": ("- persuasion\n", "mapping"),
    "broken": ("name: [mine\ntasks: 3", "mine.yaml:2"),
    "empty": ("", "mapping"),
}


@pytest.mark.parametrize("case", list(BROKEN))
def test_what_does_not_fit_is_named(case, tmp_path):
    text, named = BROKEN[case]
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_suite(str(path))
    message = str(caught.value)
    assert str(path) in message and named in message and "\n" not in message


def test_a_suite_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"gone\.yaml.*cannot be read"):
        load_suite(str(tmp_path / "gone.yaml"))


def test_arguments_go_to_the_tasks_that_know_them():
    planned, suites = plans(("quick", "are_you_sure"), {"techniques": "logical", "n_items": 2})
    assert [suite.name for suite in suites] == ["quick"]
    assert all(task.args["n_items"] == 2 for task in planned)
    assert {task.task for task in planned if "techniques" in task.args} == {
        "persuasion", "misinformation", "are_you_sure",
    }  # fmt: skip
    with pytest.raises(InputError, match=r"are_you_sure.*techniques"):
        build(planned[-1])


def test_an_argument_that_no_task_of_a_suite_knows():
    with pytest.raises(InputError, match="colour"):
        plans(("quick",), {"colour": "red"})


def test_a_group_is_its_members():
    planned, suites = plans(("sycophancy",), {})
    assert [task.task for task in planned] == list(equipoise.tasks.GROUPS["sycophancy"])
    assert not suites


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(InputError, match=r"'nonsense'.*quick.*sycophancy.*persuasion"):
        plans(("nonsense",), {"n_items": 1})


def test_tasks_of_other_packages_are_left_to_inspect():
    assert build(TaskPlan(task="inspect_evals/gpqa")) == "inspect_evals/gpqa"


def test_a_bad_argument_names_its_task():
    with pytest.raises(InputError, match=r"task 'debate'.*rounds"):
        build(TaskPlan(task="debate", args={"rounds": 0}))


def test_suites_survive_a_round_trip():
    suite = load_suite("full")
    assert Suite.model_validate(suite.model_dump(mode="json")) == suite
