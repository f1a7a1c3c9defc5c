"""The model card of a trained model, in the form that the Hugging Face hub reads."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from equipoise.harness.files import write_text
from equipoise.harness.markdown import code
from equipoise.training.common.curves import stage_name
from equipoise.training.common.record import Record, flat, read_object, read_record
from equipoise.training.common.report import commands, dev_table, facts, notes, was_chosen
from equipoise.training.common.settings import CONFIGS, read_settings

CARD = "README.md"

_HUB = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
"""Name of a model on the hub; a folder's path goes into the text alone, since the hub refuses it."""

_TAG = re.compile(r"[a-z0-9_-]+")


def write_model_card(out: Path) -> Path:
    """Write `README.md` into the folder of a training; what is missing there is said in it.

    Args:
        out: Holds `plan.json` and `history.jsonl`.

    Returns:
        The card.

    Raises:
        InputError: The file cannot be written.
    """
    record = read_record(out)
    templates = Environment(
        loader=PackageLoader("equipoise.training.common", "."), undefined=StrictUndefined, trim_blocks=True,
        autoescape=False,
    )  # fmt: skip
    templates.filters["code"] = code
    config, changed = against_shipped(record.part("settings"))
    text = templates.get_template("card.md.j2").render(
        header=yaml.safe_dump(header(record), sort_keys=False, allow_unicode=False).strip(),
        stages=list(map(stage_name, record.stages)),
        facts=facts(record), notes=notes(record), commands=commands(record),
        dev=dev_table(record), was_chosen=was_chosen(record),
        data=flat(record.part("data")), made=made_by(record),
        summary={name: value for name, value in record.summary.items() if isinstance(value, int)},
        settings=flat(record.part("settings")), config=config, changed=changed,
    )  # fmt: skip
    target = out / CARD
    write_text(target, text.encode("utf-8", "replace").decode())
    return target


def header(record: Record) -> dict[str, Any]:
    """The card's YAML front matter."""
    base = str(record.plan.get("model") or "")
    on_hub = {"base_model": base, "base_model_relation": "finetune"} if _is_on_hub(base) else {}
    return {
        **on_hub, "library_name": "transformers", "pipeline_tag": "text-generation",
        "tags": ["equipoise", "trl", *(stage for stage in record.stages if _TAG.fullmatch(stage))],
    }  # fmt: skip


def against_shipped(settings: Mapping[str, Any]) -> tuple[str, dict[str, tuple[str, str]]]:
    """The shipped settings that are nearest, and what differs from them: name -> (shipped, here)."""
    here = flat(settings)
    if not here:
        return "", {}
    found = {}
    for config in CONFIGS:
        shipped = flat(read_settings(config, {}).model_dump(mode="json"))
        names = [name for name in {**shipped, **here} if shipped.get(name) != here.get(name)]
        found[config] = {name: (shipped.get(name, "–"), here.get(name, "–")) for name in names}
    nearest = min(found, key=lambda config: len(found[config]))
    return nearest, found[nearest]


def made_by(record: Record) -> dict[str, str]:
    """Which models made the texts of the data, as the plan beside them tells; empty if it does not."""
    data = record.part("data").get("path")
    about = read_object(Path(str(data)) / "plan.json", []) if data else {}
    wanted = ("agents", "extractor", "filter", "temperature", "max_tokens", "seed", "prompts", "equipoise")
    return flat({name: about[name] for name in wanted if about.get(name) not in (None, "", {})})


def _is_on_hub(name: str) -> bool:
    return bool(_HUB.fullmatch(name)) and not Path(name).exists()
