"""`equipoise metrics`: a table's metrics with intervals."""

from pathlib import Path

import click

from equipoise.cli import options


@click.command("metrics")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="A list of objects on stdout.")
@click.option("--all", "everything", is_flag=True, help="Every turn and domain, not only the headlines.")
@options.draws
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the bootstrap.")
def command(source: Path, as_json: bool, everything: bool, draws: int, seed: int) -> None:
    """Metrics of SOURCE: a run folder, or a file in the long-table schema (Parquet, CSV, JSONL).

    The JSON objects have the keys task, model, arm, measure, by, estimate, low, high, n, missing and a few more;
    null means that the rows do not allow the number.

    \b
    Examples:
      equipoise metrics runs/persuasion-1a2b3c4d
      equipoise metrics results.csv --json
    """
    from equipoise.cli import results
    from equipoise.harness.metrics import compute_metrics
    from equipoise.harness.table import read_table

    metrics = compute_metrics(read_table(source), draws, seed)
    results.say_partial(source)
    if as_json:
        results.print_json(metrics)
    elif everything:
        results.print_all(metrics)
    else:
        results.print_summary(metrics)
