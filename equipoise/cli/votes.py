"""`equipoise votes`: every vote with its raw text, tokens, time and cost, as one table."""

from pathlib import Path

import click

from equipoise.errors import InputError


@click.command("votes")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=".parquet, .csv or .jsonl")
def command(source: Path, output: Path) -> None:
    """Write the votes on the transcripts in SOURCE: a run folder, a folder of Inspect logs, or one log.

    One row per vote and place: log, sample, arm, turn, judge, rubric, measure, prompt hash, raw reply, value,
    probability-weighted value, reason if missing, calls, seconds, tokens, cost. Votes by earlier versions of a rubric
    are in it; the long table holds the latest ones only.

    \b
    Examples:
      equipoise votes runs/aloe-1a2b3c4d -o votes.parquet
      equipoise votes logs/ -o votes.csv
    """
    from equipoise.harness.files import write_whole
    from equipoise.judges import votes_table

    if not source.exists():
        raise InputError("no such file or folder", path=source)
    if output.suffix not in (".parquet", ".csv", ".jsonl"):
        raise InputError("expected a name that ends in .parquet, .csv or .jsonl", path=output)
    votes = votes_table(source)
    if output.suffix == ".parquet":
        write_whole(output, lambda partial: votes.to_parquet(partial, index=False, compression="zstd"))
    elif output.suffix == ".csv":
        write_whole(output, lambda partial: votes.to_csv(partial, index=False))
    else:
        write_whole(output, lambda partial: votes.to_json(partial, orient="records", lines=True))
    missing = int(votes["value"].isna().sum())
    click.echo(f"{output}: {len(votes)} votes of {votes['judge'].nunique()} judges, {missing} of them missing")
