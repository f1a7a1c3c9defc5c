"""`equipoise table`: logs to the long table."""

from pathlib import Path

import click


@click.command("table")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Parquet file [default: SOURCE/table.parquet, or LOG.parquet].",
)
def command(source: Path, output: Path | None) -> None:
    """Build the long table from SOURCE: a run folder, a folder of Inspect logs, or one log.

    \b
    Examples:
      equipoise table runs/persuasion-1a2b3c4d
      equipoise table logs/ -o table.parquet
    """
    from equipoise.cli import results
    from equipoise.errors import InputError
    from equipoise.harness.table import TABLE_FILE, build_table, write_table

    if not source.exists():
        raise InputError("no such file or folder", path=source)
    target = output or (source / TABLE_FILE if source.is_dir() else source.with_suffix(".parquet"))
    if target.suffix != ".parquet":
        raise InputError("the table is written as Parquet; expected a name that ends in .parquet", path=target)
    table = build_table(source)
    write_table(table, target)
    results.say_partial(source)
    missing = int(table["value"].isna().sum())
    click.echo(f"{target}: {len(table)} rows, {missing} of them missing, {table['model'].nunique()} models")
