"""Which rows a training takes from a data folder, and when two trainings are the same."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from training.common.tiny import tiny_model, tiny_pairs
from training.pbt.growing import asked, plan_of

from equipoise.errors import InputError
from equipoise.training.common.job import Job, prepare
from equipoise.training.common.preference import write_pairs
from equipoise.training.common.settings import read_settings
from equipoise.training.common.train import train
from equipoise.training.pbt.recipe import job

STEP = {"sft.steps": 1, "dpo.steps": 1, "sft.batch": 4, "sft.device_batch": 4, "dpo.batch": 4, "dpo.device_batch": 4}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Pairs of both agents, of which agent b speaks every third."""
    pairs = [
        pair.model_copy(update={"speaker": "b"}) if place % 3 == 0 else pair
        for place, pair in enumerate(tiny_pairs(160))
    ]
    write_pairs(tmp_path / "data" / "pairs.jsonl", pairs)
    return tmp_path / "data"


def made(data: Path, **more: Any) -> Job:
    return job("tiny", data, "balanced", read_settings("cpu", STEP), 0, None, **more)


def test_one_agents_replies_alone(data: Path) -> None:
    assert {pair.speaker for pair in made(data).rows} == {"a", "b"}
    assert {pair.speaker for pair in made(data, speaker="b").rows} == {"b"}


def test_as_many_pairs_of_a_question_as_the_data_were_made_with(data: Path) -> None:
    def most() -> int:
        return max(Counter((row.item, row.dimension) for row in made(data).rows).values())

    before = most()
    plan_of([asked()], pairs_per_question=1).keep(data)
    assert before > most() == 1


def test_other_rows_of_the_same_data_are_another_training(data: Path, tmp_path: Path) -> None:
    model = str(tiny_model(tmp_path / "tiny"))
    settings, out = read_settings("cpu", STEP | {"dev.rows": 0}), tmp_path / "out"
    train(prepare(job(model, data, "balanced", settings, 0, out)))
    with pytest.raises(InputError, match=r"another training \(data differ"):
        train(prepare(job(model, data, "balanced", settings, 0, out, "a")))
