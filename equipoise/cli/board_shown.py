"""`equipoise board`: what of a board is shown to others."""

import json
from pathlib import Path

import click

from equipoise.cli.board_intake import BOARD, JSON
from equipoise.cli.terminal import safe


@click.command("list")
@BOARD
@JSON
def list_(board: Path, as_json: bool) -> None:
    """List what stands on BOARD, with its editions and its tier in each.

    \b
    Example:
      equipoise board list boards/ours
    """
    from rich.console import Console
    from rich.table import Table

    from equipoise.leaderboard.board import ROW, open_board

    opened = open_board(board)
    rows = []
    for each in opened.standings.values():
        row = json.loads((opened.derived(each.submission, each.editions[-1]) / ROW).read_text(encoding="utf-8"))
        about = {name: row[name] for name in ("name", "model", "configuration")}
        rows.append({"submission": each.submission, **about, "tiers": each.tiers, "added": each.added})
    if as_json:
        click.echo(json.dumps({"editions": list(opened.editions), "submissions": rows, "head": opened.head}, indent=1))
        return
    current = next(reversed(opened.editions), "none yet")
    title = f"{opened.profile.title}: {len(rows)} submissions, current edition {current}"
    table = Table(title=safe(title), title_justify="left")
    for heading in ("submission", "name", "configuration", "edition: tier", "added"):
        table.add_column(heading, overflow="fold")
    for told in rows:
        tiers = ", ".join(f"{edition}: {tier}" for edition, tier in told["tiers"].items())
        shown = (told["submission"], told["name"], told["configuration"], tiers, told["added"][:10])
        table.add_row(*map(safe, shown))
    Console().print(table)


@click.command("build")
@BOARD
@click.option("-o", "--output", "site", required=True, type=click.Path(path_type=Path), metavar="SITE")
@click.option(
    "--transcripts", type=click.IntRange(0), default=12, show_default=True,
    help="Items per task whose transcripts are shown, the same for all models.",
)  # fmt: skip
def build(board: Path, site: Path, transcripts: int) -> None:
    """Rebuild board.duckdb from BOARD and write the static site into the folder SITE.

    The site needs no server and no network: open index.html, or put the folder anywhere. A board that somebody
    changed behind its back is not published (board verify).

    \b
    Example:
      equipoise board build boards/ours -o site
    """
    from rich.console import Console

    import equipoise.tasks  # noqa: F401  (the families register their metrics)
    from equipoise.errors import InputError
    from equipoise.leaderboard.database import write_database
    from equipoise.leaderboard.site import build_site
    from equipoise.leaderboard.verify import faults, verify_board

    if changed := faults(verify_board(board)):
        raise InputError(f"was changed behind its back, {len(changed)} places: {changed[0]}", path=board)
    with Console(stderr=True).status("reading the board") as status:
        database = write_database(board, on_step=lambda step: status.update(safe(step)))
        summary = build_site(database, site, transcripts, lambda page: status.update(safe(f"writing {page}")))
    click.echo(f"{site / 'index.html'}: {summary}")


@click.command("serve")
@click.argument("site", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
def serve(site: Path, port: int) -> None:
    """Serve a built SITE on 127.0.0.1, for a look at it.

    \b
    Example:
      equipoise board serve site --port 8080
    """
    from equipoise.errors import InputError
    from equipoise.leaderboard.site.serving import serving

    if not (site / "index.html").is_file():
        raise InputError("holds no index.html; expected a site (equipoise board build)", path=site)
    with serving(site, port) as server:
        click.echo(f"http://127.0.0.1:{server.server_port}/ (stop with Ctrl-C)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("stopped", err=True)


@click.command("export")
@BOARD
@click.argument("kind", metavar="FORMAT")
@click.option("-o", "--output", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR")
def export(board: Path, kind: str, folder: Path) -> None:
    """Write what is on BOARD in a format that others read: every-eval-ever, hugging-face, csv.

    \b
    Examples:
      equipoise board export boards/ours every-eval-ever -o eee
      equipoise board export boards/ours hugging-face -o hf
    """
    import equipoise.tasks  # noqa: F401  (the families register their metrics)
    from equipoise.errors import InputError
    from equipoise.leaderboard.database import write_database
    from equipoise.leaderboard.export import FORMATS

    if kind not in FORMATS:
        raise InputError(f"expected one of {', '.join(FORMATS)}, found {kind!r}", field="FORMAT")
    written = FORMATS[kind](write_database(board), folder)
    click.echo(f"{folder}: {len(written)} files")


@click.command("schema")
def schema() -> None:
    """Print the JSON schema of submission.json.

    \b
    Example:
      equipoise board schema > submission.schema.json
    """
    from equipoise.leaderboard.manifest import manifest_schema

    click.echo(json.dumps(manifest_schema(), indent=1))


@click.command("suite")
@BOARD
def suite(board: Path) -> None:
    """Print the current edition of BOARD as a suite: what has to be run for a submission.

    \b
    Example:
      equipoise board suite boards/ours > suite.yaml
      equipoise run suite.yaml --model openai/gpt-5-mini
    """
    import yaml

    from equipoise.cli.board_intake import edition_at

    edition = edition_at(board)
    roles = dict(edition.spec.simulators)
    if edition.spec.panel.judges:
        roles["judge"] = ",".join(edition.spec.panel.models)
    printed = {
        "name": edition.name,
        "description": edition.spec.title,
        "generate": edition.spec.generate.model_dump(exclude_none=True),
        "roles": roles,
        "tasks": [task.model_dump(exclude_defaults=True) for task in edition.spec.tasks],
    }
    click.echo(yaml.safe_dump(printed, sort_keys=False, allow_unicode=True), nl=False)
