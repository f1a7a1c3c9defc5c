"""Training folders written by hand: what the stages would have left, finished or not."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PLAN: Mapping[str, Any] = {
    "model": "owner/base", "base_revision": "a1b2c3", "arm": "balanced", "seed": 42,
    "data": {"rows": {"train": 360, "dev": 78}, "by_dimension": {"train": {"give": 180, "take": 180}}, "sha256": "ab"},
    "versions": {"equipoise": "0.1", "torch": "2.13"}, "device": "cpu", "dtype": "float32",
    "started": "2026-11-22T14:00:00Z", "finished": "2026-11-22T15:00:00Z", "chosen_checkpoint": "dpo/checkpoint-20",
}  # fmt: skip

Row = dict[str, Any]


def dev(stage: str, step: int, give: float | None, take: float | None) -> Row:
    both = None if give is None or take is None else (give + take) / 2
    return {
        "stage": stage, "step": step, "epoch": step / 10, "kind": "dev", "give": give, "take": take,
        "give_n": 40 if give is not None else 0, "take_n": 35 if take is not None else 0, "unparsed": 3,
        "balanced": both,
    }  # fmt: skip


def history(dpo_epochs: int = 3) -> list[Row]:
    """Two epochs of SFT and some of DPO, ten steps each."""
    rows = [dev("sft", 0, 0.4, 0.6)]
    for step in range(1, 21):
        loss = 0.9 + 2 / step
        rows.append({"stage": "sft", "step": step, "epoch": step / 10, "kind": "train", "loss": loss, "lr": 1e-4 / step,
                     "grad_norm": 1.0, "seconds": 3.0})  # fmt: skip
    rows += [dev("sft", 10, 0.5, 0.6), dev("sft", 20, 0.5, 0.65), dev("dpo", 0, 0.5, 0.65)]
    for step in range(1, 10 * dpo_epochs + 1):
        margin = 0.02 * (step - 1)
        rows.append({"stage": "dpo", "step": step, "epoch": step / 10, "kind": "train", "lr": 1e-5, "grad_norm": 2.0,
                     "loss": math.log(1 + math.exp(-margin)), "margin": margin, "reward_chosen": margin / 4,
                     "reward_rejected": -3 * margin / 4, "accuracy": 0.5 + step / 100, "seconds": 5.0})  # fmt: skip
    return rows + [dev("dpo", 10 * epoch, 0.5 + epoch / 20, 0.65) for epoch in range(1, dpo_epochs + 1)]


def folder(out: Path, rows: Sequence[Row] | None = None, tail: str = "", **plan: Any) -> Path:
    """A training folder; keys of the plan replace those of `PLAN`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "plan.json").write_text(json.dumps({**PLAN, **plan}), encoding="utf-8")
    lines = "".join(f"{json.dumps(row)}\n" for row in (history() if rows is None else rows))
    (out / "history.jsonl").write_text(lines + tail, encoding="utf-8")
    return out


def slim(rows: Sequence[Row]) -> list[Row]:
    """The loss alone of the train lines: a page with few pictures, which take their time."""
    return [
        {key: row[key] for key in ("stage", "step", "epoch", "kind", "loss")} for row in rows if row["kind"] == "train"
    ]
