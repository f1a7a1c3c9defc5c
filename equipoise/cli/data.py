"""`equipoise data`: item files, and training data made from them."""

from pathlib import Path

import click

from equipoise.cli.data_pbt import command as pbt


@click.group("data")
def command() -> None:
    """Item files and training data: validate items, stamp their hashes, make preference pairs."""


command.add_command(pbt)


@command.command("validate")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="A list of problems on stdout.")
def validate(files: tuple[Path, ...], as_json: bool) -> None:
    """Check FILES: schema, duplicates, collisions and leaks of answers, lengths and balance, hashes.

    Questions, items of the sycophancy sub-tasks, Dignified Peer items and ALOE's personas are told apart by themselves.
    Prints `file:line: field 'name': what was expected` for every problem. Exit code: 0 clean, 1 problems found,
    2 a file that is no JSONL at all.

    \b
    Example:
      equipoise data validate my_items.jsonl
    """
    import json

    from equipoise.tasks.item_files import check

    checked = [(path, *check(path)) for path in files]
    problems = [problem for _, _, found in checked for problem in found]
    if as_json:
        click.echo(json.dumps([{**p._asdict(), "path": str(p.path)} for p in problems], indent=1))
    else:
        for problem in problems:
            click.echo(str(problem))
        for path, items, found in checked:
            click.echo(f"{path}: {items} items, {len(found)} problems")
    if problems:
        raise SystemExit(1)


@command.command("stamp")
@click.argument("path", type=click.Path(path_type=Path))
def stamp(path: Path) -> None:
    """Write the content hash of every item of PATH into the file, after an edit.

    \b
    Example:
      equipoise data stamp my_items.jsonl
    """
    import json

    from equipoise.harness.files import write_text
    from equipoise.tasks.item_files import schema_of
    from equipoise.tasks.questions import content_hash
    from equipoise.tasks.questions.parse import parse_item, read_jsonl

    lines = []
    for number, record in read_jsonl(path):
        record["hash"] = content_hash(parse_item(record, path, number, schema_of(record)))
        lines.append(json.dumps(record, ensure_ascii=False))
    write_text(path, "\n".join(lines) + "\n")
    click.echo(f"{path}: {len(lines)} items stamped")
