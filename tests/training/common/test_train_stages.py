"""The hand-over from SFT to DPO: the policy starts as the SFT model, which is also the reference."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from training.common.tiny import tiny_model, tiny_pairs

from equipoise.training.common.settings import Settings, read_settings
from equipoise.training.common.weights import Base, load_model, read_base

torch = pytest.importorskip("torch")

PAIRS = tiny_pairs(14)
CHANGES = {
    "sft.batch": 4, "sft.device_batch": 4, "sft.steps": 6, "sft.lr": 0.02, "sft.warmup": 0,
    "dpo.batch": 4, "dpo.device_batch": 4, "dpo.steps": 2, "dpo.lr": 0.003, "dpo.warmup": 0, "dev.rows": 0,
}  # fmt: skip


class Trained(NamedTuple):
    base: Base
    settings: Settings
    sft: Path


@pytest.fixture(scope="module", params=["LoRA", "all weights"])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A model after an SFT that has moved it."""
    from equipoise.training.common.checkpoints import copy_weights
    from equipoise.training.common.quiet import libraries_quiet
    from equipoise.training.common.stages import sft_trainer

    folder = tmp_path_factory.mktemp("stages")
    base = read_base(str(tiny_model(folder / "base")))
    changes = dict(CHANGES) if request.param == "LoRA" else {**CHANGES, "lora": None}
    settings = read_settings("cpu", changes)
    with libraries_quiet():
        trainer = sft_trainer(base, settings, PAIRS, folder / "sft", 0)
        trainer.train()
    checkpoint = next((folder / "sft").glob("checkpoint-6"))
    copy_weights(checkpoint, folder / "sft-final")
    return Trained(base, settings, folder / "sft-final")


@pytest.fixture
def make_dpo(trained: Trained, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    from equipoise.training.common.quiet import libraries_quiet
    from equipoise.training.common.stages import dpo_trainer

    with libraries_quiet():
        yield lambda: dpo_trainer(trained.base, trained.sft, trained.settings, PAIRS, tmp_path, 0)


def first_batch(trainer: Any) -> dict[str, Any]:
    return next(iter(trainer.get_train_dataloader()))


def loss_at_start(trainer: Any) -> float:
    trainer.model.train()
    return float(trainer.compute_loss(trainer.model, first_batch(trainer)).detach())


def log_probs(model: Any, batch: dict[str, Any]) -> Any:
    """Of the replies of a batch, summed over tokens, computed apart from TRL."""
    model.eval()
    with torch.no_grad():
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    each = torch.log_softmax(logits[:, :-1].double(), -1).gather(2, batch["input_ids"][:, 1:, None])[..., 0]
    return (each * batch["completion_mask"][:, 1:]).sum(1)


def sft_model(trained: Trained) -> Any:
    from peft import PeftModel

    if not trained.settings.lora:
        return load_model(str(trained.sft), "float32")
    return PeftModel.from_pretrained(load_model(trained.base.name, "float32"), str(trained.sft))


def test_dpo_starts_at_log_2_from_a_trained_sft_model(trained: Trained, make_dpo: Callable[[], Any]) -> None:
    trainer = make_dpo()
    batch = first_batch(trainer)
    of_base = log_probs(load_model(trained.base.name, "float32"), batch)
    of_sft = log_probs(sft_model(trained), batch)
    assert (of_sft - of_base).abs().max() > 1  # the SFT has moved the model
    assert torch.allclose(log_probs(trainer.model, batch), of_sft, atol=1e-4)
    assert loss_at_start(trainer) == pytest.approx(math.log(2), abs=1e-5)


def test_the_reference_stays_the_sft_model_while_the_policy_moves(
    trained: Trained, make_dpo: Callable[[], Any]
) -> None:
    trainer = make_dpo()
    batch = first_batch(trainer)
    before = log_probs(sft_model(trained), batch)
    trainer.train()
    chosen, rejected = trainer.compute_ref_log_probs(trainer.ref_model or trainer.model, batch)
    assert torch.allclose(torch.cat([chosen, rejected]).double(), before, atol=1e-4)
    assert (log_probs(trainer.model, batch) - before).abs().max() > 0.01


@pytest.mark.parametrize("trained", ["LoRA"], indirect=True)
@pytest.mark.parametrize("wrong", ["a new adapter on the base", "the base as reference"])
def test_the_released_hand_over_would_be_seen(trained: Trained, tmp_path: Path, wrong: str) -> None:
    """Defect 11: what the checks above are there to catch, they catch."""
    from datasets import Dataset
    from peft import PeftModel
    from trl import DPOConfig, DPOTrainer

    from equipoise.training.common.quiet import libraries_quiet
    from equipoise.training.common.rows import dpo_rows
    from equipoise.training.common.stages import lora_config

    assert trained.settings.lora
    more: dict[str, Any] = {"model": sft_model(trained), "ref_model": load_model(trained.base.name, "float32")}
    if wrong == "a new adapter on the base":
        more = {"model": load_model(trained.base.name, "float32"), "peft_config": lora_config(trained.settings.lora)}
    assert isinstance(more["model"], PeftModel) == (wrong == "the base as reference")
    rows = Dataset.from_list(dpo_rows(PAIRS, trained.base.tokenizer, 256).rows)
    arguments = DPOConfig(output_dir=str(tmp_path), use_cpu=True, bf16=False, report_to="none", disable_tqdm=True)
    with libraries_quiet():
        trainer = DPOTrainer(args=arguments, train_dataset=rows, processing_class=trained.base.tokenizer, **more)
    batch = first_batch(trainer)
    policy_is_sft = torch.allclose(log_probs(trainer.model, batch), log_probs(sft_model(trained), batch), atol=1e-4)
    starts_at_log_2 = loss_at_start(trainer) == pytest.approx(math.log(2), abs=1e-5)
    assert (policy_is_sft, starts_at_log_2) == ((False, True) if "new" in wrong else (True, False))


def test_the_given_learning_rate_is_the_optimisers(trained: Trained, make_dpo: Callable[[], Any]) -> None:
    """Defect 12: read where it counts, after a step."""
    trainer = make_dpo()
    rates = []
    trainer.create_optimizer_and_scheduler(2)
    rates = [group["initial_lr"] for group in trainer.optimizer.param_groups]
    assert set(rates) == {0.003}
    decayed = sum(p.numel() for group in trainer.optimizer.param_groups for p in group["params"])
    assert decayed == sum(
        p.numel() for n, p in trainer.model.named_parameters() if p.requires_grad and ".ref." not in n
    )


def test_sft_learns_the_reply_with_its_end_and_nothing_of_the_prompt(trained: Trained, tmp_path: Path) -> None:
    from equipoise.training.common.quiet import libraries_quiet
    from equipoise.training.common.stages import sft_trainer

    tokenizer = trained.base.tokenizer
    with libraries_quiet():
        trainer: Any = sft_trainer(trained.base, trained.settings, PAIRS, tmp_path, 0)
    batch = first_batch(trainer)
    for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True):
        learned = ids[labels != -100].tolist()
        assert learned == labels[labels != -100].tolist()
        assert tokenizer.decode(learned).split()[:2] == ["It", "is"]
        assert learned[-1] == tokenizer.eos_token_id


def test_a_pad_token_that_is_the_end_leaves_the_end_in_the_loss(trained: Trained, tmp_path: Path) -> None:
    from equipoise.training.common.quiet import libraries_quiet
    from equipoise.training.common.stages import sft_trainer

    base = read_base(trained.base.name)
    base.tokenizer.pad_token = base.tokenizer.eos_token
    with libraries_quiet():
        trainer: Any = sft_trainer(base, trained.settings, PAIRS[:3], tmp_path, 0)
    labels = first_batch(trainer)["labels"]
    assert ((labels == base.tokenizer.eos_token_id).sum(1) == 1).all()
