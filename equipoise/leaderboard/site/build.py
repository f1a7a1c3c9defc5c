"""Builds the static site of a board from its DuckDB file."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from equipoise.leaderboard.manifest import manifest_schema
from equipoise.leaderboard.site.cite import bibtex, plain_citation
from equipoise.leaderboard.site.downloads import edition_file, write_downloads, write_editions
from equipoise.leaderboard.site.editions import assets, write_edition
from equipoise.leaderboard.site.fields import forms
from equipoise.leaderboard.site.inert import script
from equipoise.leaderboard.site.pages import Writer
from equipoise.leaderboard.site.source import Source, open_source
from equipoise.leaderboard.site.swap import staged
from equipoise.leaderboard.site.texts import site_texts
from equipoise.leaderboard.site.view import View, read_view

PROFILE = ("title", "description", "url", "maintainers", "citation", "license", "head", "edition", "equipoise")


@dataclass(frozen=True)
class SiteSummary:
    """What was built.

    Attributes:
        pages: HTML pages.
        submissions: Rows of the current edition.
        editions: How many.
        bytes: Size of all files.
    """

    pages: int
    submissions: int
    editions: int
    bytes: int

    def __str__(self) -> str:
        return f"{self.pages} pages, {self.submissions} submissions, {self.bytes / 1e6:.1f} MB"


def build_site(
    database: Path, target: Path, transcripts: int = 12, on_page: Callable[[str], None] | None = None
) -> SiteSummary:
    """Build the site: all of it, or the former one stays.

    Args:
        database: `board.duckdb`.
        target: Folder of the site: new, empty, or built here before.
        transcripts: Dialogues that are shown of a task and model, at least 0.
        on_page: Told the place of every page when it is written.

    Raises:
        InputError: The database cannot be read, or the target is something else or cannot be written.
    """
    with staged(target) as stage:
        with open_source(database, stage / ".scratch") as source:
            writer, views = _write(source, stage, transcripts, on_page)
        shutil.rmtree(stage / ".scratch", ignore_errors=True)
        size = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file())
    current = next((view for view in views if not view.folder), None)
    return SiteSummary(writer.count, len(current.submissions) if current else 0, len(views), size)


def _write(
    source: Source, stage: Path, transcripts: int, on_page: Callable[[str], None] | None
) -> tuple[Writer, list[View]]:
    board = dict.fromkeys(PROFILE, "") | {str(row.key): row.value or "" for row in source.rows("SELECT * FROM board")}
    editions = source.rows("SELECT * EXCLUDE (frozen) FROM editions ORDER BY position")
    newest = next((row for row in editions if row.current), editions[-1] if editions else None)
    views = [read_view(source, row, "" if row is newest else f"editions/{row.edition}/") for row in editions]
    current = next((view for view in views if not view.folder), None)
    shared = {"board": board, "current": current, "views": views}
    writer = Writer(stage, shared, on_page)
    with as_file(files("equipoise.leaderboard.site") / "assets") as folder:
        assets(folder, stage / "assets")
    texts = script("texts", site_texts()["js"] | {"tiers": _tiers()})
    (stage / "assets" / "texts.js").write_text(texts, encoding="ascii")
    for view in views:
        write_edition(source, view, writer, transcripts)
    if current is None:
        writer.write(None, "index.html", "index", panel=None, rows=[])
    events = source.rows("SELECT * FROM events ORDER BY seq DESC")
    sizes, frozen = write_downloads(source, stage / "downloads"), write_editions(source, stage / "downloads")
    writer.write(None, "downloads.html", "downloads", sizes=sizes, frozen=frozen)
    file = edition_file(current.edition.edition if current else "EDITION")
    writer.write(None, "submit.html", "submit", forms=forms(manifest_schema()), file=file, offered=file in frozen)
    year = str(events[0].time)[:4] if events else ""
    writer.write(None, "cite.html", "cite", plain=plain_citation(board, year), bibtex=bibtex(board, year))
    writer.write(None, "changelog.html", "changelog", events=events)
    writer.write(None, "about.html", "about")
    return writer, views


def _tiers() -> dict[str, str]:
    return {key: entry["name"] for key, entry in site_texts()["tiers"].items() if key != "title"}
