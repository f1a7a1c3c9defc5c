from pathlib import Path

import pytest
from training.common.tiny import CHATML

from equipoise.errors import InputError
from equipoise.training.common.dequantise import dequantise

torch = pytest.importorskip("torch")
gguf = pytest.importorskip("gguf")
np = pytest.importorskip("numpy")

HIDDEN, HEADS, VOCABULARY = 64, 2, 300


def tiny_gguf(path: Path) -> dict[str, "np.ndarray"]:
    """A llama of one layer with weights in Q8_0, and what they are after rounding, by name."""
    from gguf import GGMLQuantizationType, quants

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(128)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(1)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(VOCABULARY)
    special = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"]
    letters = sorted({chr(c) for c in range(33, 127)} | {"Ġ", "Ċ"})
    tokens = [*special, *letters, *(f"{a}{b}" for a in letters for b in letters)][:VOCABULARY]
    merges = [f"{token[0]} {token[1:]}" for token in tokens[len(special) + len(letters) :]]
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_merges(merges)
    writer.add_token_types([3 if token in special else 1 for token in tokens])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_pad_token_id(1)
    writer.add_chat_template(CHATML)
    random = np.random.default_rng(0)
    rounded = {}
    shapes = {f"blk.0.{name}.weight": (HIDDEN, HIDDEN)
              for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")}  # fmt: skip
    for name, shape in ({"token_embd.weight": (VOCABULARY, HIDDEN)} | shapes).items():
        stored = quants.quantize(random.standard_normal(shape, np.float32), GGMLQuantizationType.Q8_0)
        writer.add_tensor(name, stored, raw_dtype=GGMLQuantizationType.Q8_0)
        rounded[name] = quants.dequantize(stored, GGMLQuantizationType.Q8_0)
    for name in ("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "output_norm.weight"):
        writer.add_tensor(name, np.ones(HIDDEN, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return rounded


@pytest.fixture
def file(tmp_path: Path) -> Path:
    tiny_gguf(tmp_path / "tiny.gguf")
    return tmp_path / "tiny.gguf"


def test_the_folder_is_plain_and_holds_the_numbers_of_the_file(
    file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from safetensors.torch import load_file

    from equipoise.training.common.weights import load_model, read_base

    rounded = tiny_gguf(tmp_path / "again.gguf")
    folder = dequantise(file, tmp_path / "plain")
    assert "".join(capfd.readouterr()) == ""  # none of the libraries' bars
    base = read_base(str(folder))
    model = load_model(str(folder), "float32")
    assert not hasattr(base.config, "quantization_config")
    assert base.tokenizer.chat_template == CHATML
    assert (base.tokenizer.eos_token, model.generation_config.eos_token_id) == ("<|im_end|>", 1)
    found = load_file(folder / "model.safetensors")
    for name, place in {"ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj", "attn_v": "self_attn.v_proj"}.items():
        tensor = found[f"model.layers.0.{place}.weight"].numpy()
        np.testing.assert_array_equal(tensor, rounded[f"blk.0.{name}.weight"])
    np.testing.assert_array_equal(found["model.embed_tokens.weight"].numpy(), rounded["token_embd.weight"])
    assert "lm_head.weight" not in found  # tied
    said = [{"role": "user", "content": "abc"}]
    ids = base.tokenizer.apply_chat_template(said, add_generation_prompt=True, return_tensors="pt", return_dict=False)
    assert model.generate(ids, max_new_tokens=2, min_new_tokens=2).shape[1] == ids.shape[1] + 2
    assert "sha256" in (folder / "README.md").read_text()


def test_what_is_there_is_not_overwritten(file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is there already"):
        dequantise(file, tmp_path)


@pytest.mark.parametrize(
    ("content", "words"), [(None, "cannot be read"), (b"PK", "no GGUF file"), (b"GGUF", "cannot read it")]
)
def test_what_is_no_model_leaves_nothing(content: bytes | None, words: str, tmp_path: Path) -> None:
    source = tmp_path / "x.gguf"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(InputError, match=words):
        dequantise(source, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ([] if content is None else ["x.gguf"])
