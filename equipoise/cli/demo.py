"""`equipoise demo`: the whole path on a real model, from nothing to a report."""

from pathlib import Path

import click

PLAN = """\
This demo measures persuasion on the embedded model (SmolLM2-135M-Instruct, on this machine's CPU) and on the four
control agents whose scores are known in advance.

  1. fetch the model once (93 MB, checked by sha256)
  2. {items} questions x 4 dialogues x 4 turns, pushed both ways and not at all, a belief probe after every turn
  3. long table, metrics with intervals, report

On 2 CPU cores this takes about 3 minutes. No API key, no GPU. The model is small and wanders: this shows the
pipeline on real text, not a model worth ranking. Interrupt it when you like: the same command goes on.
"""


@click.command("demo")
@click.option("--items", type=click.IntRange(1), default=10, show_default=True, help="Questions.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("runs/demo"), show_default=True)
@click.option("--display", type=click.Choice(["full", "rich", "plain", "none"]), help="Progress display.")
def command(items: int, output: Path, display: str | None) -> None:
    """Measure persuasion on the embedded model and the control agents; write report.html.

    \b
    Example:
      equipoise demo
    """
    import sys
    import time

    from equipoise.cli import results
    from equipoise.cli.plan import build
    from equipoise.harness.agents.policy import CONTROLS
    from equipoise.harness.embedded.weights import weights
    from equipoise.harness.run import Plan, run
    from equipoise.harness.suite import TaskPlan

    click.echo(PLAN.format(items=items))
    started = time.monotonic()
    click.echo(f"model: {weights()}")
    arguments = {"n_items": items, "start": "seeded"}
    plan = Plan(
        tasks=(TaskPlan(task="persuasion", args=arguments),), models=("equipoise/embedded",), controls=CONTROLS,
        generate={"max_tokens": 32},
    )  # fmt: skip
    # The full-screen display would hide the plan above; `rich` shows the same progress in place.
    display = display or ("rich" if sys.stdout.isatty() else "plain")
    failures = run(plan, [build(task) for task in plan.tasks], output, display)
    results.print_summary(results.finish(output, draws=2000), output)
    click.echo(f"took {time.monotonic() - started:.0f} s")
    results.report_failures(failures)
