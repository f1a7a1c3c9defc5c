"""The family: registered names, listings, console metrics over epochs, both sides in the scorecard."""

from importlib.resources import files

import pytest
import yaml
from metric_epochs import every_epoch_counts, scored
from support import measure

import equipoise._registry
import equipoise.tasks
from equipoise.harness.metrics import compute_metrics
from equipoise.harness.report.scorecard import scorecard
from equipoise.harness.run import build_model
from equipoise.harness.table import build_table
from equipoise.tasks import dignified_peer
from equipoise.tasks.dignified_peer import dignified_peer_generation, dignified_peer_selection
from equipoise.tasks.dignified_peer.generation.scorer import generation_headline
from equipoise.tasks.dignified_peer.load import load_peer
from equipoise.tasks.dignified_peer.selection.scorer import selection_headline

NAMES = ("dignified_peer_generation", "dignified_peer_selection")
JUDGE = "equipoise/judge"


def test_both_tasks_are_registered_and_grouped():
    assert set(NAMES) <= set(equipoise.tasks.__all__) and set(NAMES) <= set(equipoise._registry.__all__)
    assert equipoise.tasks.GROUPS["dignified_peer"] == NAMES == tuple(dignified_peer.__all__)


def test_the_family_lists_every_sub_task_as_the_sub_task_does():
    root = files("equipoise.tasks.dignified_peer")
    listed = yaml.safe_load((root / "eval.yaml").read_text(encoding="utf-8"))["tasks"]
    own = [
        task
        for name in ("generation", "selection")
        for task in yaml.safe_load((root / name / "eval.yaml").read_text(encoding="utf-8"))["tasks"]
    ]
    assert listed == own and [task["name"] for task in listed] == list(NAMES)
    assert {task["dataset_samples"] for task in listed} == {len(load_peer().items)}


@pytest.mark.parametrize(
    ("task", "metric", "solver", "scorer"),
    [
        (dignified_peer_generation, generation_headline, "respond", "panel"),
        (dignified_peer_selection, selection_headline, "choose_in_every_rotation", "choices"),
    ],
    ids=NAMES,
)
def test_epochs_reach_the_console(task, metric, solver, scorer, tmp_path):
    judged = task is dignified_peer_generation
    roles, arguments = ({"judge": build_model(JUDGE, {})}, {"joint": True}) if judged else (None, {})
    scores = scored(tmp_path / "logs", task, roles, n_items=6, **arguments)
    assert (scores.solver, scores.scorer) == (solver, scorer)
    every_epoch_counts(metric(), scores, tmp_path)


def test_the_scorecard_shows_both_sides(tmp_path):
    for agent in ("stubborn", "sycophant", "oracle"):
        measure(tmp_path, f"equipoise/{agent}", task=dignified_peer_selection, n_items=11)
        measure(
            tmp_path,
            f"equipoise/{agent}",
            task=dignified_peer_generation,
            n_items=11,
            roles={"judge": JUDGE},
            joint=True,
        )
    lines = scorecard(compute_metrics(build_table(tmp_path), draws=0))
    shown = {(line.task.rsplit("/")[-1], line.model.rsplit("/")[-1]): (line.stand.estimate, line.bend.estimate)
             for line in lines}  # fmt: skip
    assert shown == {
        (task, agent): sides
        for task in NAMES
        for agent, sides in (("stubborn", (1, 0)), ("sycophant", (0, 1)), ("oracle", (1, 1)))
    }


def test_every_text_file_has_a_version_and_a_canary_of_its_own():
    root = files("equipoise.tasks.dignified_peer")
    found = [yaml.safe_load((folder / "prompts.yaml").read_text(encoding="utf-8"))
             for folder in (root, root / "generation", root / "selection")]  # fmt: skip
    canaries = [texts["canary"] for texts in found] + sorted({each.canary for each in load_peer().items})
    assert len(set(canaries)) == 4 and all(text.startswith("equipoise-canary-") for text in canaries)
    assert all(texts["version"] for texts in found)
