"""The model card: valid front matter, every difference from the shipped settings, hostile names."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from training.common.histories import PLAN, folder

from equipoise.training.common.card import against_shipped, write_model_card
from equipoise.training.common.settings import read_settings

HOSTILE = (
    "a: b", "- x", "---", "x\n---\nlicense: mit", "<script>alert(1)</script>", "`x`|y", "{{ 7 * 7 }}", "\u202eevil",
    "\ud800", "```\n<b>", "owner/na me", "../../etc",
)  # fmt: skip


def parts(out: Path) -> tuple[dict[str, Any], str]:
    text = write_model_card(out).read_text(encoding="utf-8")
    _, header, body = text.split("---\n", 2)
    return yaml.safe_load(header), body


def test_a_finished_training(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    about = {"agents": {"a": "openai/one", "b": "mistral/two"}, "questions": {"q": "hash"}, "extractor": ""}
    (data / "plan.json").write_text(json.dumps(about), encoding="utf-8")
    (data / "summary.json").write_text(json.dumps({"trees": 12}), encoding="utf-8")
    settings = read_settings("cpu", {"dpo.beta": 0.3, "sft.steps": 5}).model_dump(mode="json")
    out = folder(tmp_path / "out", data={**PLAN["data"], "path": str(data)}, settings=settings)
    header, body = parts(out)
    assert header == {
        "base_model": "owner/base", "base_model_relation": "finetune", "library_name": "transformers",
        "pipeline_tag": "text-generation", "tags": ["equipoise", "trl", "sft", "dpo"],
    }  # fmt: skip
    for line in (
        "| `dpo.beta` | `0.1` | `0.3` |", "| `sft.epochs` | `2.0` | `null` |", "| `sft.steps` | `null` | `5` |",
        "| `agents.a` | `openai/one` |", "| `agents.b` | `mistral/two` |", "| `trees` | `12` |",
        "| Chosen checkpoint | `dpo/checkpoint-20` |", "0.40 | 0.26 … 0.55 | 40 |",
    ):  # fmt: skip
        assert line in body
    assert "questions.q" not in body and "Note:" not in body
    assert "equipoise run standard --model hf/owner/base" in body


def test_unchanged_settings_are_said_to_be(tmp_path: Path) -> None:
    for config in ("cpu", "gpu-8b", "fsdp-70b"):
        settings = read_settings(config, {}).model_dump(mode="json")
        assert against_shipped(settings) == (config, {})
    _, body = parts(folder(tmp_path, settings=settings))
    assert "The shipped settings `fsdp-70b`, unchanged." in body


def test_an_empty_folder_has_a_card(tmp_path: Path) -> None:
    header, body = parts(tmp_path)
    assert header["tags"] == ["equipoise", "trl"] and "base_model" not in header
    for text in ("plan.json is not there", "history.jsonl is not there", "There was none.", "cannot be read"):
        assert text in body


def test_a_folder_is_no_model_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    for name in ("models/mine", str(tmp_path / "models" / "mine"), "./models/mine"):
        header, body = parts(folder(tmp_path / "out", model=name))
        assert "base_model" not in header and f"`{name} a1b2c3`" in body


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(tmp_path: Path, name: str) -> None:
    row = {"stage": name, "step": 0, "epoch": 0, "kind": "dev", name: 0.5, f"{name}_n": 4}
    header, body = parts(folder(tmp_path, [row], model=name, arm=name, settings={name: name}, data={"path": name}))
    assert set(header) <= {"base_model", "base_model_relation", "library_name", "pipeline_tag", "tags"}
    assert "license" not in header and "49" not in body
    fences = [line for line in body.split("\n") if line.startswith("```")]
    assert fences == ["```sh", "```"]
    outside = body.split("```sh")[0] + body.split("```\n")[-1]
    assert "<script" not in "".join(outside.split("`")[::2]), "markup stands in code spans alone"
