"""A training from its rows to its model: whole, cut off, killed, and out of memory."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from training.common.tiny import tiny_model, tiny_pairs

from equipoise.errors import InputError
from equipoise.training.common.job import Job, prepare
from equipoise.training.common.settings import read_settings
from equipoise.training.common.train import train, write_pages

torch = pytest.importorskip("torch")

CHANGES = {
    "sft.batch": 8, "sft.device_batch": 8, "sft.epochs": 2, "sft.lr": 0.01, "sft.warmup": 0,
    "dpo.batch": 8, "dpo.device_batch": 4, "dpo.epochs": 3, "dpo.lr": 0.01, "dpo.warmup": 0,
}  # fmt: skip
SCORES = [0.1, 0.2, 0.3, 0.9, 0.4, 0.9]
"""Of the dev checks: base, two SFT epochs, three DPO epochs; the first DPO check is that of the last SFT epoch."""


def job(model: Path, out: Path, check: Any = None, **changes: Any) -> Job:
    return Job(
        model=str(model), arm="balanced", seed=3, settings=read_settings("cpu", CHANGES | changes),
        rows=tiny_pairs(12), data={"path": "data", "rows_sha256": "abc"}, out=out,
        check=check, score="balanced" if check else "",
    )  # fmt: skip


def scores() -> Callable[[Any], Callable[[Any], dict[str, float | None]]]:
    left = iter(SCORES)
    return lambda tokenizer: lambda model: {"balanced": next(left), "unparsed": 0}


def history(out: Path, kind: str) -> list[tuple[str, int]]:
    lines = [json.loads(line) for line in (out / "history.jsonl").read_text().splitlines()]
    return [(line["stage"], line["step"]) for line in lines if line["kind"] == kind]


def tensors(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(next(folder.glob("*.safetensors")))


STEPS = [("sft", step) for step in range(1, 5)] + [("dpo", step) for step in range(1, 7)]


@pytest.fixture(scope="module", autouse=True)
def _no_pages() -> Iterator[None]:
    """Report and card have tests of their own, and pictures take longer than these trainings."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("equipoise.training.common.train.write_pages", lambda out: None)
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture(scope="module")
def whole(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "out"
    assert train(prepare(job(model, out))) == out / "model"
    return out


def test_a_training_leaves_plan_history_adapters_and_model(whole: Path, model: Path) -> None:
    plan = json.loads((whole / "plan.json").read_text())
    assert (plan["arm"], plan["seed"], plan["model"]) == ("balanced", 3, str(model))
    assert plan["settings"]["dpo"]["lr"] == 0.01
    assert plan["base_revision"].startswith("sha256:")
    assert plan["chosen_checkpoint"] == "dpo/checkpoint-6"
    assert plan["finished"] >= plan["started"]
    assert history(whole, "train") == STEPS
    assert history(whole, "dev") == []
    last = json.loads((whole / "history.jsonl").read_text().splitlines()[-1])
    assert {"loss", "margin", "reward_chosen", "reward_rejected", "accuracy", "lr", "grad_norm", "seconds"} <= set(last)


def test_the_dpo_adapter_alone_gives_the_model(whole: Path, model: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    merged = AutoModelForCausalLM.from_pretrained(whole / "model")
    adapted = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(model), str(whole / "dpo" / "final"))
    tokenizer = AutoTokenizer.from_pretrained(whole / "model")
    said = [message.model_dump() for message in tiny_pairs(1)[0].prompt]
    ids = tokenizer.apply_chat_template(said, add_generation_prompt=True, return_tensors="pt", return_dict=False)
    with torch.no_grad():
        of_merged, of_adapted = merged(ids).logits, adapted(ids).logits
        of_base = AutoModelForCausalLM.from_pretrained(model)(ids).logits
    assert torch.allclose(of_merged, of_adapted, atol=1e-4)
    assert not torch.allclose(of_merged, of_base, atol=1e-2)
    assert merged.generate(ids, max_new_tokens=3, do_sample=False).shape[1] > ids.shape[1]


def test_the_same_call_again_repeats_nothing(whole: Path, model: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*") if path.is_file() and path.name != ".lock"}
    train(prepare(job(model, whole)))
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_a_model_that_was_deleted_is_merged_again(whole: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    shutil.rmtree(out / "model")
    train(prepare(job(model, out)))
    before, again = tensors(whole / "model"), tensors(out / "model")
    assert all(torch.equal(before[name], again[name]) for name in before)
    assert history(out, "train") == STEPS


def test_a_stage_that_was_cut_off_after_its_last_step_does_no_other(model: Path, tmp_path: Path) -> None:
    """Steps that end within an epoch: the Trainer, resumed there, would go on to the end of the epoch."""
    out, steps = tmp_path / "out", {"sft.epochs": None, "sft.steps": 3, "dpo.steps": 1}
    train(prepare(job(model, out, **steps)))
    kept = tensors(out / "sft" / "final")
    for gone in (out / "sft" / "final", out / "dpo", out / "model"):
        shutil.rmtree(gone)
    train(prepare(job(model, out, **steps)))
    again = tensors(out / "sft" / "final")
    assert history(out, "train") == [("sft", 1), ("sft", 2), ("sft", 3), ("dpo", 1)]
    assert all(torch.equal(kept[name], again[name]) for name in kept)


@pytest.mark.parametrize("change", [{"seed": 4}, {"arm": "resist"}, {"data": {"rows_sha256": "other"}}])
def test_another_training_is_refused_in_the_folder(whole: Path, model: Path, change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=rf"another training \({next(iter(change))} differ"):
        train(prepare(replace(job(model, whole), **change)))


def test_a_folder_with_other_files_is_refused(model: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds files but no plan\.json"):
        train(prepare(job(model, tmp_path)))


def test_memory_may_be_tuned_in_the_folder_and_learning_may_not(whole: Path, model: Path) -> None:
    train(prepare(job(model, whole, **{"dpo.device_batch": 2, "gradient_checkpointing": True})))
    with pytest.raises(InputError, match="another training"):
        train(prepare(job(model, whole, **{"dpo.lr": 0.02})))


def test_every_seed_has_an_sft_of_its_own(whole: Path, model: Path, tmp_path: Path) -> None:
    """Defect 13."""
    out = tmp_path / "seed4"
    changes = {"sft.steps": 1, "dpo.steps": 1}
    train(prepare(replace(job(model, out, **changes), seed=4)))
    other = tmp_path / "seed5"
    train(prepare(replace(job(model, other, **changes), seed=5)))
    of_4, of_5 = tensors(out / "sft" / "final"), tensors(other / "sft" / "final")
    assert any(not torch.equal(of_4[name], of_5[name]) for name in of_4)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import training.common.test_train_run as run
from equipoise.training.common import job, train, watch

def die(self, args, state, control, **more):
    if (self.of.stage, state.global_step) == ("dpo", int(sys.argv[4])):
        os.kill(os.getpid(), signal.SIGKILL)
    return kept(self, args, state, control, **more)

kept, name = getattr(watch.Watch, sys.argv[5]), sys.argv[5]
setattr(watch.Watch, name, die)
train.write_pages = lambda out: None
train.train(job.prepare(run.job(Path(sys.argv[2]), Path(sys.argv[3]))))
"""


def test_killed_between_checkpoints_it_goes_on_and_ends_the_same(whole: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tests = Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tests), str(model), str(out), "4", "on_save"],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert history(out, "train") == STEPS[:8]
    assert (out / "dpo" / "checkpoint-4").is_dir()  # written, and not known to be whole
    assert not (out / "model").exists()
    sft = (out / "sft" / "final" / "adapter_model.safetensors").stat().st_mtime_ns
    with (out / "history.jsonl").open("a") as file:
        file.write('{"stage": "dpo", "st')  # half a line
    train(prepare(job(model, out)))
    assert (out / "sft" / "final" / "adapter_model.safetensors").stat().st_mtime_ns == sft
    assert history(out, "train") == STEPS
    resumed, uncut = tensors(out / "model"), tensors(whole / "model")
    assert all(torch.allclose(resumed[name], uncut[name], atol=1e-5) for name in uncut)
    reference, sft_adapter = tensors(out / "dpo" / "checkpoint-6" / "ref"), tensors(out / "sft" / "final")
    assert all(torch.equal(reference[name], sft_adapter[name]) for name in sft_adapter)


def test_the_best_dpo_checkpoint_by_the_dev_check_becomes_the_model(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    train(prepare(job(model, out, scores())))
    assert history(out, "dev") == [("sft", 0), ("sft", 2), ("sft", 4), ("dpo", 0), ("dpo", 2), ("dpo", 4), ("dpo", 6)]
    lines = [json.loads(line) for line in (out / "history.jsonl").read_text().splitlines()]
    found = [line["balanced"] for line in lines if line["kind"] == "dev"]
    assert found == [0.1, 0.2, 0.3, 0.3, 0.9, 0.4, 0.9]
    plan = json.loads((out / "plan.json").read_text())
    assert plan["chosen_checkpoint"] == "dpo/checkpoint-2"  # the earliest of equals, long rotated away
    assert not (out / "dpo" / "checkpoint-2").exists()
    last, chosen = tensors(out / "dpo" / "checkpoint-6"), tensors(out / "dpo" / "final")
    assert any(not torch.equal(last[name], chosen[name]) for name in last)
    assert not list(out.glob("*/best-*"))


def test_a_dev_check_that_fails_leaves_the_checkpoint_undone(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, calls, told = tmp_path / "out", iter([0.1, 0.2]), []
    monkeypatch.setattr("equipoise.training.common.train.write_pages", told.append)

    def fails(tokenizer: Any) -> Callable[[Any], dict[str, float | None]]:
        def check(model: Any) -> dict[str, float | None]:
            if (score := next(calls, None)) is None:
                raise KeyboardInterrupt
            return {"balanced": score}

        return check

    with pytest.raises(KeyboardInterrupt):
        train(prepare(job(model, out, fails)))
    assert history(out, "train") == STEPS[:4]
    assert history(out, "dev") == [("sft", 0), ("sft", 2)]
    assert told == [out]
    train(prepare(job(model, out, lambda tokenizer: lambda model: {"balanced": None})))
    assert history(out, "dev")[:3] == [("sft", 0), ("sft", 2), ("sft", 4)]
    assert json.loads((out / "plan.json").read_text())["chosen_checkpoint"] == "dpo/checkpoint-6"
    assert "could read a reply: the last checkpoint was taken" in capsys.readouterr().err


def test_a_loss_that_is_no_number_stops_with_its_step_and_leaves_a_report(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, told = tmp_path / "out", []
    monkeypatch.setattr("equipoise.training.common.train.write_pages", told.append)
    with pytest.raises(InputError, match=r"sft: (loss|grad_norm) is (nan|inf) at step \d, .*lower sft.lr"):
        train(prepare(job(model, out, **{"sft.lr": 1e30, "sft.epochs": 8})))
    assert not (out / "model").exists()
    assert told == [out]


def test_pages_of_a_training_without_a_model_are_its_report_alone(tmp_path: Path) -> None:
    write_pages(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_out_of_memory_names_what_can_be_lowered_and_the_folder_goes_on(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trl import DPOTrainer

    out = tmp_path / "out"

    def full(*args: Any, **more: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    with monkeypatch.context() as patched:
        patched.setattr(DPOTrainer, "compute_loss", full)
        with pytest.raises(InputError, match=r"out of memory in dpo: lower dpo\.device_batch=4 or dev\.batch") as told:
            train(prepare(job(model, out)))
    assert "gradient_checkpointing=true" in str(told.value) and "dpo.max_length=512" in str(told.value)
    train(prepare(job(model, out, **{"dpo.device_batch": 2})))
    assert history(out, "train") == STEPS


def test_a_full_disk_leaves_no_half_model(
    model: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import PreTrainedModel

    out = tmp_path / "out"
    shutil.copytree(whole, out)
    shutil.rmtree(out / "model")
    plan = json.loads((out / "plan.json").read_text())
    (out / "plan.json").write_text(json.dumps(plan | {"finished": None}))

    def full(self: Any, folder: str, *args: Any, **more: Any) -> None:
        (Path(folder) / "config.json").write_text("{}")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(PreTrainedModel, "save_pretrained", full)
        with pytest.raises(InputError, match="No space left on device"):
            train(prepare(job(model, out)))
    assert [path.name for path in out.iterdir() if "model" in path.name] == []
    train(prepare(job(model, out)))
    assert (out / "model" / "model.safetensors").is_file()
