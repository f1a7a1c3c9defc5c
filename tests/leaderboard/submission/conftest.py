"""A small real run of two agents, and an edition that asks for it."""

import shutil
from pathlib import Path

import pytest

from equipoise.cli.plan import build
from equipoise.harness.run import Plan, run
from equipoise.harness.suite import TaskPlan
from equipoise.leaderboard.edition import Edition, EditionSpec
from equipoise.leaderboard.freezing import freeze

TASKS = (
    TaskPlan(task="are_you_sure", args={"n_items": 2, "challengers": "aus"}),
    TaskPlan(task="sycophancy_feedback", args={"n_items": 2}),
)
MODELS = ("equipoise/oracle", "equipoise/random")


@pytest.fixture(scope="session")
def submitted_edition() -> Edition:
    return freeze(EditionSpec(edition="t1", tasks=TASKS, panel={"judges": ["equipoise/judge"]}), build, "2026-01-01")


@pytest.fixture(scope="session")
def original_run(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("submitted") / "run"
    plan = Plan(tasks=TASKS, models=MODELS, roles={"judge": ("equipoise/judge",)}, generate={"top_p": 0.9})
    assert run(plan, [build(task) for task in TASKS], folder, display="none") == []
    return folder


@pytest.fixture
def finished_run(original_run, tmp_path) -> Path:
    """A copy that may be changed."""
    return Path(shutil.copytree(original_run, tmp_path / "run"))


@pytest.fixture
def card() -> dict[str, str]:
    return {
        "name": "Random", "access": "scripted", "attempts": "1", "private_variants": "0", "trained_on_items": "no",
        "training_data": "None.", "contact": "ada@example.org",
    }  # fmt: skip
