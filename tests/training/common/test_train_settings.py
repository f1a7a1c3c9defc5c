import pytest

from equipoise.errors import InputError
from equipoise.training.common.batches import batches
from equipoise.training.common.settings import CONFIGS, Stage, read_settings


@pytest.mark.parametrize("name", CONFIGS)
def test_shipped_settings_are_whole_and_their_batches_divide(name: str) -> None:
    settings = read_settings(name, {})
    processes = 8 if name == "fsdp-70b" else 1
    for stage in ("sft", "dpo"):
        found = batches(getattr(settings, stage), stage, 1000, processes)
        assert found.accumulation * getattr(settings, stage).device_batch * processes == getattr(settings, stage).batch


def test_the_8b_settings_are_the_released_values() -> None:
    settings = read_settings("gpu-8b", {})
    assert (settings.sft.steps, settings.sft.batch, settings.sft.max_length) == (240, 80, 1024)
    assert (settings.dpo.epochs, settings.dpo.batch, settings.dpo.max_length, settings.dpo.beta) == (5, 35, 1000, 0.1)
    for stage in (settings.sft, settings.dpo):
        assert (stage.lr, stage.scheduler, stage.warmup) == (5e-4, "cosine", 100)
    assert settings.lora
    assert (settings.lora.r, settings.lora.alpha, settings.lora.dropout) == (16, 32, 0.05)
    assert settings.lora.targets == ("q_proj", "k_proj", "v_proj")
    assert (settings.optimiser, settings.dtype, settings.quantise) == ("paged_adamw_32bit", "bfloat16", "8bit")


def test_single_values_are_changed_by_dotted_name() -> None:
    settings = read_settings("cpu", {"sft.steps": 7, "dpo.lr": 1e-3, "dev.rows": 0, "lora": None})
    assert (settings.sft.steps, settings.sft.epochs) == (7, None)
    assert settings.dpo.lr == 1e-3
    assert settings.dev.rows == 0
    assert settings.lora is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sft.epoch": 2}, "sft.epoch': unknown key"),
        ({"dtype": "int3"}, "dtype"),
        ({"sft.lr": 0}, "sft.lr"),
        ({"dtype.size": 2}, "single value"),
        ({"lora": None, "quantise": "8bit"}, "quantised weights cannot be trained"),
        ({"sft.epochs": None}, "either epochs or steps"),
    ],
)
def test_what_does_not_fit_is_told_by_its_name(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_settings("cpu", changes)


def test_unknown_settings_name_those_there_are() -> None:
    with pytest.raises(InputError, match="expected one of cpu, gpu-8b, fsdp-70b, or a YAML file"):
        read_settings("tpu", {})


def test_a_batch_that_devices_cannot_make_is_refused() -> None:
    stage = Stage(lr=1e-3, epochs=1, batch=78, device_batch=2, max_length=10)
    assert batches(stage, "sft", 100, 3).accumulation == 13
    with pytest.raises(InputError, match=r"sft\.batch.*78 is no multiple of device_batch 2 x 8 processes"):
        batches(stage, "sft", 100, 8)


def test_steps_are_counted_with_the_last_batch_of_an_epoch() -> None:
    stage = Stage(lr=1e-3, epochs=2, batch=16, device_batch=4, max_length=10)
    assert batches(stage, "sft", 33)[2:] == (4, 3, 6)
