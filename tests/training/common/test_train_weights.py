import json
import shutil
from pathlib import Path

import pytest
from training.common.tiny import tiny_model

from equipoise.errors import InputError
from equipoise.training.common.weights import (
    empty_model,
    load_model,
    read_base,
    require_quantisation,
    require_targets,
)

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "tiny"))


def test_a_model_comes_with_its_own_tokenizer_and_a_revision_of_its_weights(folder: Path) -> None:
    first = read_base(str(folder))
    assert first.tokenizer.chat_template and first.revision.startswith("sha256:")
    assert first.revision == read_base(str(folder)).revision
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert read_base(str(folder)).revision != first.revision


def test_no_folder_and_no_weights_are_told(folder: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_base(str(folder / "not-there"))
    (folder / "model.safetensors").unlink()
    with pytest.raises(InputError, match="holds no weights"):
        read_base(str(folder))


def test_a_folder_of_checkpoints_is_never_taken_for_one_of_them(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "run" / "checkpoint-8")
    with pytest.raises(InputError, match=r"no config\.json.*did you mean .*checkpoint-8"):
        read_base(str(tmp_path / "run"))


def test_a_tokenizer_without_chat_template_is_refused(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(InputError, match="no chat template"):
        read_base(str(folder))


def test_a_broken_tokenizer_is_one_line(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(InputError, match="no tokenizer that transformers can read") as caught:
        read_base(str(folder))
    assert "\n" not in str(caught.value)


def test_a_tokenizer_of_another_model_is_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"vocab_size": 10}))
    with pytest.raises(InputError, match="the tokenizer has 50 tokens, the model only 10 embeddings"):
        read_base(str(folder))


def test_weights_that_lack_tensors_are_refused_instead_of_drawn(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    with pytest.raises(InputError, match="tensors are missing"):
        load_model(str(folder), "float32")


def test_cut_off_weights_are_one_line(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(InputError, match="weights cannot be loaded"):
        load_model(str(folder), "float32")


def test_unknown_lora_targets_name_what_the_model_has(folder: Path) -> None:
    model = empty_model(read_base(str(folder)))
    assert len(require_targets(model, ("q_proj", "k_proj", "v_proj"), "tiny")) == 6
    known = "down_proj, gate_proj, k_proj, o_proj, q_proj, up_proj, v_proj"
    for unknown in ("query_key_value", "proj", "lm_head"):
        with pytest.raises(InputError, match=rf"lora\.targets.*no layer '{unknown}'; found {known}"):
            require_targets(model, ("q_proj", unknown), "tiny")


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what is missing without CUDA")
def test_quantisation_without_cuda_is_told() -> None:
    require_quantisation("none")
    with pytest.raises(InputError, match="8bit needs a CUDA device"):
        require_quantisation("8bit")
