import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from training.common.tiny import tiny_model, tiny_pairs

from equipoise.cli import SUMMARIES, cli
from equipoise.errors import InputError
from equipoise.training.common.preference import write_pairs

pytest.importorskip("torch")

HERE = ["quantise=none", "dtype=float32", "optimiser=adamw_torch"]
SHORT = [
    "sft.steps=1", "dpo.steps=1", "sft.batch=2", "dpo.batch=2", "sft.device_batch=1", "dpo.device_batch=1",
    "dev.rows=0",
]  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_pairs(folder / "pairs.jsonl", tiny_pairs(80))
    return folder


@pytest.fixture(autouse=True)
def _no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equipoise.training.common.train.write_pages", lambda out: None)


def pbt(model: Path, data: Path, *more: str, sets: list[str] | None = None) -> Result:
    changes = [part for text in sets or [] for part in ("--set", text)]
    arguments = ["train", "pbt", "--model", str(model), "--data", str(data), "--arm", "balanced", *more, *changes]
    return CliRunner().invoke(cli, arguments)


@pytest.mark.parametrize("config", ["cpu", "gpu-8b", "fsdp-70b"])
def test_every_shipped_config_is_resolved_and_takes_a_real_step_here(
    model: Path, data: Path, tmp_path: Path, config: str
) -> None:
    out = tmp_path / "out"
    dry = pbt(model, data, "--config", config, "--dry-run", "--json", "-o", str(out))
    assert dry.exit_code == 0, dry.output
    found = json.loads(dry.stdout)
    assert found["rows"] == {"train": 28, "dev": 6 if config != "fsdp-70b" else 0}
    assert found["LoRA"] == "q_proj, k_proj, v_proj: 6 layers, rank 16"
    assert ("cannot run" in found["here"]) == (config == "gpu-8b")
    assert not out.exists()
    done = pbt(model, data, "--config", config, "-o", str(out), sets=[*HERE, *SHORT])
    assert done.exit_code == 0, done.output
    name = f"{model.name}-balanced-seed0"
    assert f"  equipoise run persuasion --model hf/{out / 'model'} -o runs/{name}\n" in done.stdout
    assert f"  equipoise compare runs/{model.name} runs/{name} --html compare-{name}.html\n" in done.stdout
    assert [json.loads(line)["stage"] for line in (out / "history.jsonl").read_text().splitlines()] == ["sft", "dpo"]
    assert (out / "model" / "model.safetensors").is_file() and (out / "model" / "chat_template.jinja").is_file()


def test_a_dry_run_reads_as_lines(model: Path, data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    shown = pbt(model, data, "--dry-run", "--seed", "7").stdout
    assert "28 rows, batch 16 = 8 x 2 accumulated x 1 processes, 2 steps an epoch, 4 steps in all" in shown
    assert f"runs/train/{model.name}-balanced-seed7" in shown
    assert "sft never reaches its learning rate: sft.warmup=10 is not below its 4 steps; dpo never" in shown
    assert list(tmp_path.iterdir()) == []


def test_what_a_gpu_needs_is_told_before_anything_is_written(model: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for sets, words in ((["quantise=8bit"], "needs a CUDA device"), (["optimiser=paged_adamw_32bit"], "optimiser")):
        failed = pbt(model, data, "-o", str(out), sets=sets)
        assert isinstance(failed.exception, InputError) and words in str(failed.exception)
    assert not out.exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--config", "nothing"], "no such settings"),
        (["--data", "nowhere"], "holds no pairs.jsonl"),
        (["--model", "./nowhere"], "no such folder"),
        (["--set", "lora={targets: [qkv]}"], "no layer 'qkv'; found"),
        (["--set", "sft.batch=15"], "no multiple"),
        (["--set", "dpo.max_length=20"], "all 28 rows have more than 20 tokens"),
    ],
)
def test_bad_input_is_one_line(model: Path, data: Path, more: list[str], words: str, tmp_path: Path) -> None:
    failed = pbt(model, data, "-o", str(tmp_path / "out"), "--dry-run", *more)
    assert isinstance(failed.exception, InputError), failed.output
    assert words in str(failed.exception) and "\n" not in str(failed.exception)


def test_data_of_one_dimension_is_refused(model: Path, tmp_path: Path) -> None:
    write_pairs(tmp_path / "pairs.jsonl", [pair for pair in tiny_pairs(40) if pair.dimension == "resist"])
    failed = pbt(model, tmp_path, "--dry-run")
    assert "too few 'accept' pairs in split 'train'" in str(failed.exception)


def test_the_group_is_listed_and_explains_itself() -> None:
    assert "train" in SUMMARIES
    shown: Any = CliRunner().invoke(cli, ["train", "--help"]).stdout
    assert "pbt" in shown and "dequantise" in shown and "Examples:" in shown
