"""`equipoise train`: preference training of a model, and the weights to train."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from equipoise.cli.run import pairs

if TYPE_CHECKING:
    from equipoise.training.common.job import Job


@click.group("train")
def command() -> None:
    """Train a model on preference pairs: SFT, then DPO against the SFT model.

    \b
    Examples:
      equipoise train dequantise -o smol
      equipoise train pbt --model ./smol --data data/pbt --arm balanced --dry-run
      equipoise train pbt --model ./smol --data data/pbt --arm balanced -o runs/train/smol-balanced-seed0
    """


@command.command("pbt")
@click.option("--model", required=True, help="Hugging Face folder (the checkpoint itself) or hub name.")
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Made by `equipoise data pbt`."
)
@click.option(
    "--arm",
    required=True,
    type=click.Choice(["resist", "accept", "balanced"]),
    help="Which rows; each has as many.",
)
@click.option("--speaker", type=click.Choice(["a", "b"]), help="Only this agent's replies [default: both agents'].")
@click.option("--config", default="cpu", show_default=True, help="Settings: cpu, gpu-8b, fsdp-70b, or a YAML file.")
@click.option("--set", "changes", multiple=True, callback=pairs, metavar="K=V", help="One setting, as sft.epochs=2.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of adapters, order and dropout.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="[default: runs/train/MODEL-ARM-seedN]")
@click.option("--dry-run", is_flag=True, help="Resolve and check everything, print it, train nothing.")
@click.option("--json", "as_json", is_flag=True, help="One object on stdout.")
def pbt(
    model: str, data: Path, arm: Any, speaker: Any, config: str, changes: dict[str, Any], seed: int,
    output: Path | None, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Persuasion-balanced training of a model on one arm's pairs.

    Writes plan, history, checkpoints, the merged model and a report into the folder. The same command goes on where
    it stopped. Several devices: `accelerate launch --config_file FILE -m equipoise train pbt …`.

    \b
    Examples:
      equipoise train pbt --model ./smol --data data/pbt --arm balanced --seed 1
      equipoise train pbt --model ./smol --data data/pbt --arm resist --set dpo.epochs=1 --set dev.rows=0
      equipoise train pbt --model org/model-8b --data data/pbt --arm accept --config gpu-8b --dry-run
    """
    from equipoise.training.common.settings import read_settings
    from equipoise.training.pbt.recipe import job

    run(job(model, data, arm, read_settings(config, changes), seed, output, speaker), dry_run, as_json)


@command.command("dequantise")
@click.argument("gguf", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Must not exist.")
def dequantise_command(gguf: Path | None, output: Path) -> None:
    """Turn a GGUF file (default: the embedded model) into a Hugging Face folder that can be trained.

    \b
    Examples:
      equipoise train dequantise -o smol
      equipoise train dequantise model.Q4_K_M.gguf -o model
    """
    from equipoise.cli.terminal import plain
    from equipoise.harness.embedded.weights import weights
    from equipoise.training.common.dequantise import dequantise

    source = gguf or weights()
    click.echo(f"dequantising {plain(str(source))} ...", err=True)
    folder = dequantise(source, output)
    size = sum(path.stat().st_size for path in folder.iterdir())
    click.echo(f"model: {plain(str(folder))} ({size / 2**20:.0f} MiB in float32); use it as hf/{plain(str(folder))}")


def run(job: "Job", dry_run: bool, as_json: bool) -> None:
    """Do a training, or say what it would do."""
    import json

    from equipoise.cli.terminal import plain
    from equipoise.training.common.batches import is_first
    from equipoise.training.common.dry import dry
    from equipoise.training.common.job import prepare
    from equipoise.training.common.record import read_record
    from equipoise.training.common.report import commands
    from equipoise.training.common.train import train

    prepared = prepare(job)
    if dry_run:
        found = dry(prepared)
        click.echo(json.dumps(found, indent=1) if as_json else _table(found))
        return
    if is_first():
        click.echo(f"training folder: {plain(str(job.out))}", err=as_json)
        for warning in prepared.warnings:
            click.echo(f"warning: {warning}", err=True)
    model = train(prepared)
    if not is_first():
        return
    if as_json:
        click.echo(json.dumps({"out": str(job.out), "model": str(model), **_result(job.out)}, indent=1))
        return
    for name, value in _result(job.out).items():
        click.echo(f"{name}: {plain(str(value))}")
    click.echo("next:")
    for line in commands(read_record(job.out)):
        click.echo(f"  {line}")


def _result(out: Path) -> dict[str, Any]:
    import json

    plan = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    found = {"chosen_checkpoint": plan["chosen_checkpoint"], "finished": plan["finished"]}
    return found | ({"report": str(out / "report.html")} if (out / "report.html").is_file() else {})


def _table(found: dict[str, Any]) -> str:
    from equipoise.cli.terminal import plain

    width = max(map(len, found))
    return "\n".join(f"{name:{width}}  {plain(str(value))}" for name, value in found.items())
