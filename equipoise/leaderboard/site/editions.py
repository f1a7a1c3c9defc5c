"""The pages of one edition."""

from itertools import groupby
from pathlib import Path

from equipoise.leaderboard.site.chunks import write_chunks
from equipoise.leaderboard.site.details import write_metrics, write_transcripts
from equipoise.leaderboard.site.judging import OPEN_MEASURES, agreement_groups, severity_groups, without_points
from equipoise.leaderboard.site.numbers import ends_of, known
from equipoise.leaderboard.site.ordering import order_tables
from equipoise.leaderboard.site.pages import Writer
from equipoise.leaderboard.site.plane import FEW, make_plane
from equipoise.leaderboard.site.source import Row, Source
from equipoise.leaderboard.site.view import PAGE_ROWS, View


def write_edition(source: Source, view: View, writer: Writer, transcripts: int) -> None:
    """Write all pages and data of an edition.

    Args:
        source: The board.
        view: The edition.
        writer: Where to.
        transcripts: Dialogues of a task and model.
    """
    data = writer.stage / view.folder / "data"
    judged = _judged(source, view)
    first = view.measured[0] if view.measured else None
    writer.write(view, "index.html", "index", panel=first, rows=view.submissions[:PAGE_ROWS])
    write_chunks(view, data)
    _planes(view, writer)
    _tasks(source, view, writer)
    writer.write(view, "capability.html", "capability_index", groups=judged)
    for group in judged:
        writer.write(view, f"capability/{group.slug}.html", "capability", group=group, groups=judged)
    agreement = agreement_groups(source, view)
    folded = sum(len(group.rows) for group in agreement) > OPEN_MEASURES
    writer.write(
        view, "judges.html", "judges", groups=severity_groups(source, view), agreement=agreement, folded=folded
    )
    writer.write(view, "orders.html", "orders", tables=order_tables(source, view))
    write_metrics(source, view, data)
    if transcripts:
        write_transcripts(source, view, data, transcripts)
    _models(source, view, writer, judged, transcripts)


def _planes(view: View, writer: Writer) -> None:
    planes = [(panel, plane) for panel in view.measured if (plane := make_plane(panel, view.submissions))]
    links = [panel for panel, _ in planes]
    writer.write(view, "planes.html", "planes", planes=planes, few=FEW)
    for panel, plane in planes:
        writer.write(view, f"planes/{panel.slug}.html", "plane", panel=panel, plane=plane, links=links, few=FEW)


def _tasks(source: Source, view: View, writer: Writer) -> None:
    writer.write(view, "tasks.html", "tasks")
    query = """SELECT task, side, "by", item, family, text, n, mean, difficulty, discrimination FROM items
        WHERE edition = ? ORDER BY task, side DESC, "by", item"""
    items = {task: list(rows) for task, rows in groupby(source.rows(query, view.edition.edition), lambda row: row.task)}
    by_name = view.by_name
    for task in view.tasks:
        own: list[Row] = items.get(task.task, [])
        dots = [row for row in own if known(row.difficulty) and known(row.discrimination)]
        panels = view.panels_of(task.task)
        first = {panel.slug: [by_name[name] for name in panel.order[:PAGE_ROWS]] for panel in panels}
        ends = [ends_of([row.difficulty for row in dots]), ends_of([row.discrimination for row in dots])]
        place = f"tasks/{view.slugs[task.task]}.html"
        writer.write(view, place, "task", task=task, panels=panels, rows=first, items=own, dots=dots, ends=ends)


def _judged(source: Source, view: View) -> list[Row]:
    """One group of rows per judged task and dimension, highest measure first."""
    query = """SELECT * FROM capability WHERE edition = ?
        ORDER BY task, dimension, measure DESC NULLS LAST, submission"""
    rows = [row for row in source.rows(query, view.edition.edition) if row.task in view.slugs]
    found: list[Row] = []
    links = _links(source, view)
    for (task, dimension), group in groupby(rows, lambda row: (row.task, row.dimension)):
        own = [without_points(row, "adjusted") for row in group]
        grades = [value for row in own for value in (row.adjusted_low, row.adjusted, row.adjusted_high)]
        logits = [value for row in own for value in (row.low, row.measure, row.high)]
        found.append(Row(
            task=view.titles[task], dimension=dimension, slug=f"{view.slugs[task]}-{len(found) + 1}", rows=own,
            by_submission={row.submission: row for row in own}, link=links.get((task, dimension), ""),
            grades=ends_of(grades), logits=ends_of(logits),
        ))  # fmt: skip
    return found


def _links(source: Source, view: View) -> dict[tuple[str, str], str]:
    """What is said of the link of a dimension's scale to the edition before."""
    query = "SELECT DISTINCT task, dimension, text FROM links WHERE edition = ?"
    return {(task, dimension): text or "" for task, dimension, text in source.tuples(query, view.edition.edition)}


def _models(source: Source, view: View, writer: Writer, judged: list[Row], transcripts: int) -> None:
    counts: dict[str, list[Row]] = {}
    for row in source.rows("SELECT * FROM counts WHERE edition = ? ORDER BY task", view.edition.edition):
        counts.setdefault(row.submission, []).append(row)
    files: dict[str, list[Row]] = {}
    for row in source.rows("SELECT * FROM files ORDER BY submission, file"):
        files.setdefault(row.submission, []).append(row)
    data = writer.stage / view.folder / "data" / "models"
    for model in view.submissions:
        name = model.submission
        groups = [group for group in judged if name in group.by_submission]
        stated = any(row.status or row.reason for row in (group.by_submission[name] for group in groups))
        loads = {
            kind: [task for task in view.tasks if (data / name / f"{kind}-{view.slugs[task.task]}.js").is_file()]
            for kind in ("metrics", "transcripts")
        }
        writer.write(
            view, f"models/{name}.html", "model", model=model, counts=counts.get(name, []), groups=groups,
            stated=stated, titles=view.titles, loads=loads, most=transcripts, files=files.get(name, []),
        )  # fmt: skip


def assets(folder: Path, target: Path) -> None:
    """Copy style sheets and scripts."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.iterdir()):
        (target / path.name).write_bytes(path.read_bytes())
