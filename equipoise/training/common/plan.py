"""`plan.json`: what a training folder holds, and whether it is the one that is asked for."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from equipoise.errors import InputError
from equipoise.harness.files import write_text
from equipoise.training.common.batches import is_first
from equipoise.training.common.job import Prepared

PLAN = "plan.json"
LOCK = ".lock"

NUMERICAL = (
    ("gradient_checkpointing",), ("sft", "device_batch"), ("dpo", "device_batch"), ("dev", "batch"),
)  # fmt: skip
"""Settings that change speed and memory, not what is computed: a folder goes on with others of them."""

PACKAGES = ("equipoise", "torch", "transformers", "trl", "peft", "accelerate", "datasets", "bitsandbytes")

Plan = dict[str, Any]


def begin(prepared: Prepared) -> Plan:
    """The plan of this folder: written now, or that of an earlier start of the same training.

    Raises:
        InputError: The folder holds another training, or other files.
    """
    out, plan = prepared.job.out, _plan(prepared)
    path = out / PLAN
    if not is_first():
        return _read(path) if path.is_file() else {}
    if path.is_file():
        stored = _read(path)
        asked, found = identity(plan), identity(stored)
        if asked != found:
            differs = ", ".join(key for key in asked if asked[key] != found[key])
            raise InputError(f"holds another training ({differs} differ, see {PLAN}); give another -o", path=out)
        return stored
    if any(child.name != LOCK for child in out.iterdir()):
        raise InputError(f"holds files but no {PLAN}; give another -o", path=out)
    write_plan(out, plan)
    return plan


def finish(out: Path, plan: Plan, chosen_checkpoint: str) -> None:
    """Note that it is done."""
    write_plan(out, plan | {"chosen_checkpoint": chosen_checkpoint, "finished": _now()})


def identity(plan: Plan) -> dict[str, Any]:
    """What makes a training this one and no other."""
    settings = json.loads(json.dumps(plan.get("settings") or {}))
    for *parts, last in NUMERICAL:
        place = settings
        for part in parts:
            place = place.get(part, {})
        place.pop(last, None)
    names = ("model", "base_revision", "arm", "seed")
    return {name: plan.get(name) for name in names} | {
        "settings": settings, "data": (plan.get("data") or {}).get("rows_sha256"),
    }  # fmt: skip


def write_plan(out: Path, plan: Plan) -> None:
    """The plan, whole or not at all."""
    write_text(out / PLAN, json.dumps(plan, indent=1, ensure_ascii=False) + "\n")


def _plan(prepared: Prepared) -> Plan:
    import torch

    job = prepared.job
    return {
        "model": job.model, "base_revision": prepared.base.revision, "arm": job.arm, "seed": job.seed,
        "measure": job.measure, "settings": job.settings.model_dump(mode="json"), "data": job.data,
        "too_long": prepared.too_long, "steps": {name: each._asdict() for name, each in prepared.steps.items()},
        "versions": _versions(), "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "dtype": job.settings.dtype, "started": _now(), "finished": None, "chosen_checkpoint": None,
    }  # fmt: skip


def _read(path: Path) -> Plan:
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError("cannot be read as the plan of a training; give another -o", path=path) from None
    return plan if isinstance(plan, dict) else {}


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
