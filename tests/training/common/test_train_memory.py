import pytest

from equipoise.errors import InputError
from equipoise.training.common.memory import estimate, memory_told
from equipoise.training.common.settings import read_settings

torch = pytest.importorskip("torch")


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: not enough memory: you tried to allocate"
        ),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
    ],
)
def test_every_kind_of_full_memory_is_one_line_with_advice(error: Exception) -> None:
    with (
        pytest.raises(InputError, match=r"out of memory in sft: lower sft\.device_batch=8 or dev\.batch=50") as told,
        memory_told(read_settings("gpu-8b", {}), "sft"),
    ):
        raise error
    assert "\n" not in str(told.value)
    assert "gradient_checkpointing=true" not in str(told.value)  # it is on already


def test_other_failures_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="mat1 and mat2"), memory_told(read_settings("cpu", {}), "sft"):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")


def test_the_estimate_follows_what_is_kept() -> None:
    plain = read_settings("gpu-8b", {"quantise": "none"})
    size = {"parameters": 8_000_000_000, "trained": 10_000_000, "layers": 32, "hidden": 4096}
    assert estimate(plain, **size).weights == 16e9
    assert estimate(read_settings("gpu-8b", {}), **size).weights == 8e9
    kept = read_settings("gpu-8b", {"gradient_checkpointing": False})
    assert estimate(kept, **size).activations > 10 * estimate(plain, **size).activations
    whole = read_settings("gpu-8b", {"quantise": "none", "lora": None})
    assert estimate(whole, **{**size, "trained": 8_000_000_000}).total > 8e9 * 16
