"""A training as one HTML page: what was trained on what, how it went, and what to do next."""

import math
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from equipoise.harness.report.html import environment, write_html
from equipoise.harness.report.sections import Table
from equipoise.harness.report.theme import Picture
from equipoise.training.common.curves import Reference, number, over_epochs, over_steps, plane, share, stage_name
from equipoise.training.common.record import Line, Record, flat, read_record

REPORT = "report.html"

MOST = 60
"""Rows of a stage's table; of more steps, evenly spaced ones are shown."""

WORDS = {
    "lr": "learning rate", "grad_norm": "gradient norm", "seconds": "seconds", "margin": "margin",
    "reward_chosen": "reward of chosen", "reward_rejected": "reward of rejected", "accuracy": "reward accuracy",
}  # fmt: skip

RUN = {"arm": "", "seed": "seed"}
"""What tells a training from others of its base, and the word before it in a run's name."""

LOG2 = Reference(math.log(2), "log 2")


class Stage(NamedTuple):
    """One stage's part of the page."""

    title: str
    lead: str
    pictures: list[Picture]
    table: Table


def write_training_report(out: Path) -> Path:
    """Write `report.html` into the folder of a training, finished or not.

    Args:
        out: Holds `plan.json` and `history.jsonl`; what is missing of them is said on the page.

    Returns:
        The page.

    Raises:
        InputError: The file cannot be written.
    """
    record = read_record(out)
    plan = record.plan
    html = environment("equipoise.training.common").get_template("report.html.j2").render(
        title=", ".join(str(plan[key]) for key in ("model", "arm") if plan.get(key)) or out.name,
        facts=facts(record), notes=notes(record),
        dev=dev_table(record), was_chosen=was_chosen(record),
        overview=[picture for picture in _overview(record) if picture],
        stages=list(_stages(record)),
        data=_named("Data", flat(record.part("data"))), summary=_named("Summary of the data", flat(record.summary)),
        settings=_named("Settings", flat(record.part("settings"))), commands=commands(record),
        finished=bool(plan.get("finished")), has_model=(out / "model").is_dir(),
    )  # fmt: skip
    target = out / REPORT
    write_html(target, html)
    return target


def facts(record: Record) -> list[tuple[str, str]]:
    """What was trained on what, by name."""
    plan, rows = record.plan, flat(record.part("data")).items()
    counts = [f"{value} {key.removeprefix('rows.')}" for key, value in rows if key.startswith("rows.")]
    by_dimension = [
        f"{value} {key.removeprefix('by_dimension.').replace('.', ' ')}"
        for key, value in rows
        if key.startswith("by_dimension.")
    ]
    found = {
        "Base model": " ".join(str(plan[key]) for key in ("model", "base_revision") if plan.get(key)),
        "Arm": plan.get("arm"), "Seed": plan.get("seed"), "Rows": ", ".join(counts),
        "By dimension": ", ".join(by_dimension),
        "Left out as too long": ", ".join(f"{n} in {stage_name(s)}" for s, n in flat(record.part("too_long")).items()),
        "Chosen checkpoint": plan.get("chosen_checkpoint"),
        "Run on": ", ".join(str(plan[key]) for key in ("device", "dtype") if plan.get(key)),
        "Started": plan.get("started"), "Finished": plan.get("finished"),
        "Versions": ", ".join(f"{name} {version}" for name, version in flat(record.part("versions")).items()),
    }  # fmt: skip
    return [(name, str(value)) for name, value in found.items() if value not in (None, "")]


def notes(record: Record) -> list[str]:
    """What a reader must know before the numbers."""
    found = [] if record.plan.get("finished") else ["the training is not finished, or was cut off"]
    if record.part("settings").get("quantise", "none") != "none":
        found.append(
            "the dev checks are of the adapter on the quantised base; the model is the adapter merged into the "
            "unquantised one"
        )
    if record.lines and not record.of("dev"):
        found.append("there is no dev check yet")
    if record.plan.get("finished") and record.of("dev") and not was_chosen(record):
        found.append("no dev check could read a reply: the last checkpoint was taken")
    if record.chosen and was_chosen(record):
        best = record.chosen.get("balanced")
        equal = [line for line in record.of("dev", record.chosen.stage) if line.step and line.get("balanced") == best]
        if len(equal) > 1:
            found.append(f"{len(equal)} dev checks share the best score: the earliest checkpoint was taken")
    return found + list(record.faults)


def dev_table(record: Record) -> Table | None:
    """Every dev check with intervals and counts; None where there is none."""
    lines, names = record.of("dev"), record.measures
    if not lines:
        return None
    counted = [name for name in names if any(f"{name}_n" in line.values for line in lines)]
    heading = [cell for name in names for cell in (name, *(["95 % interval", "prompts"] if name in counted else []))]
    extra = [name for name in ("balanced", "unparsed") if any(name in line.values for line in lines)]
    rows = [
        [
            stage_name(line.stage), number(line.epoch), str(line.step),
            *(cell for name in names for cell in _cells(line, name, name in counted)),
            *(_decimals(line.get(name)) if name == "balanced" else number(line.get(name)) for name in extra),
            _mark(record, line),
        ]
        for line in lines
    ]  # fmt: skip
    return Table("Dev check by epoch", ["stage", "epoch", "step", *heading, *extra, "checkpoint"], rows)


def commands(record: Record) -> list[str]:
    """What measures the base and the trained model, and compares them; every arm and seed has a run of its own."""
    plan = record.plan
    model, task = str(plan.get("model") or "BASE"), str(plan.get("measure") or "standard")
    base = _name(Path(model).name)
    trained = "-".join((base, *(_name(f"{word}{plan[key]}") for key, word in RUN.items() if key in plan)))
    return [
        _command("equipoise", "run", task, "--model", f"hf/{model}", "-o", f"runs/{base}"),
        _command("equipoise", "run", task, "--model", f"hf/{record.out / 'model'}", "-o", f"runs/{trained}"),
        _command("equipoise", "compare", f"runs/{base}", f"runs/{trained}", "--html", f"compare-{trained}.html"),
    ]


def was_chosen(record: Record) -> bool:
    """Whether the dev check chose the checkpoint, which it does where a reply could be read."""
    return record.chosen is not None and math.isfinite(record.chosen.get("balanced"))


def _command(*words: str) -> str:
    return shlex.join("".join(c if c.isprintable() else "�" for c in word) for word in words)


def _name(text: str) -> str:
    """A part of a file name."""
    return re.sub(r"[^\w.-]+", "-", text, flags=re.ASCII)


def _cells(line: Line, name: str, counted: bool) -> list[str]:
    found = share(line, name)
    interval = f"{found.low:.2f} … {found.high:.2f}" if found.n else "–"
    return [_decimals(found.rate), *([interval, number(line.get(f"{name}_n"))] if counted else [])]


def _decimals(rate: float) -> str:
    """As many as a share of a few dozen prompts has."""
    return f"{rate:.2f}" if math.isfinite(rate) else "–"


def _mark(record: Record, line: Line) -> str:
    return "chosen" if line is record.chosen else "start" if line is record.start else ""


def _overview(record: Record) -> Iterator[Picture | None]:
    yield plane(
        record,
        "A point per dev check, joined in the order of training; the last of each stage has its epoch. "
        "Up and to the right is better; away from the dotted line one side is bought with the other.",
    )
    yield over_epochs(
        record,
        "Share right among the prompts whose answer could be read, with Wilson's 95 % interval. The table has the "
        "number of prompts.",
    )


def _stages(record: Record) -> Iterator[Stage]:
    for stage in record.stages:
        if lines := record.of("train", stage):
            name = stage_name(stage)
            pictures = [picture for picture in _pictures(name, lines) if picture]
            yield Stage(f"{name}: how it went", _lead(lines), pictures, _steps_table(name, lines))


def _pictures(stage: str, lines: Sequence[Line]) -> Iterator[Picture | None]:
    preference = any("margin" in line.values for line in lines)
    about = (
        "A policy that is its own reference has log 2: that is where the first step should be."
        if preference
        else "Mean negative log-likelihood of a token of the chosen replies."
    )
    loss = f"{stage}: loss"
    yield over_steps(loss, lines, {"loss": "loss"}, "nats", about, LOG2 if preference else None)
    rewards = {"margin": "margin", "reward_chosen": "chosen", "reward_rejected": "rejected"}
    about = (
        "Reward: beta times how much likelier a reply became than under the reference. If both fall, the margin grows "
        "by making the rejected replies unlikely."
    )
    yield over_steps(f"{stage}: rewards and their margin", lines, rewards, "reward", about, Reference(0, "as before"))
    about = "Share of pairs whose chosen reply has the higher reward."
    yield over_steps(
        f"{stage}: reward accuracy", lines, {"accuracy": "accuracy"}, "share of pairs", about, Reference(0.5, "chance")
    )
    yield over_steps(f"{stage}: learning rate", lines, {"lr": "lr"}, "learning rate", "As the optimiser used it.")
    yield over_steps(
        f"{stage}: gradient norm", lines, {"grad_norm": "norm"}, "norm", "Before clipping; a jump tells of trouble."
    )
    yield over_steps(f"{stage}: step time", lines, {"seconds": "seconds"}, "seconds", "Time of an optimiser step.")


def _lead(lines: Sequence[Line]) -> str:
    last = lines[-1]
    times = [line.get("seconds") for line in lines if math.isfinite(line.get("seconds"))]
    median = f"; half of the steps took less than {number(sorted(times)[len(times) // 2])} s" if times else ""
    return f"{last.step:,} optimiser steps, {number(last.epoch)} epochs{median}."


def _steps_table(stage: str, lines: Sequence[Line]) -> Table:
    """The numbers behind the stage's pictures."""
    names = list(dict.fromkeys(name for line in lines for name in line.values))
    every = -(-len(lines) // MOST)
    shown = [line for at, line in enumerate(lines) if at % every == 0 or at == len(lines) - 1]
    caption = f"{stage}: numbers by step" + (f" ({len(shown)} of {len(lines):,} rows)" if every > 1 else "")
    rows = [[str(line.step), number(line.epoch), *(number(line.get(name)) for name in names)] for line in shown]
    return Table(caption, ["step", "epoch", *(WORDS.get(name, name.replace("_", " ")) for name in names)], rows)


def _named(caption: str, values: dict[str, Any]) -> Table | None:
    rows: Iterable[tuple[str, str]] = ((name, str(value)) for name, value in values.items())
    return Table(caption, ["name", "value"], list(rows)) if values else None
