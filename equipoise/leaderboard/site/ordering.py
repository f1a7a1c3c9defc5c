"""The page on order effects: what depends on who speaks first, by task and domain."""

from equipoise.leaderboard.site.source import Row, Source
from equipoise.leaderboard.site.view import View

MEASURES = ("subject_first", "partner_first", "range", "range_p", "subject_minus_partner", "strong_minus_weak",
            "subject_is_strong")  # fmt: skip
"""In the order of the columns; others come behind, by name."""


def order_tables(source: Source, view: View) -> list[Row]:
    """A table per task and domain, each with the tables of its further breakdowns (`more`).

    Only effects of order as such: what agents and seats reach is in the downloads.
    """
    query = """SELECT submission, task, "by", measure, estimate, low, high FROM metrics
        WHERE edition = ? AND arm = 'order_effect' ORDER BY task, "by", measure"""
    tables: dict[tuple[str, str], Row] = {}
    for row in source.rows(query, view.edition.edition):
        table = tables.setdefault((row.task, row.by), Row(measures=[], cells={}, more=[]))
        if row.measure not in table.measures:
            table.measures.append(row.measure)
        table.cells.setdefault(row.submission, {})[row.measure] = row
    found: dict[tuple[str, str], Row] = {}
    for (task, by), table in tables.items():
        parts = [part for part in by.split(",") if part]
        domain = ", ".join(part.partition("=")[2] for part in parts if part.startswith("domain="))
        rest = ", ".join(part for part in parts if not part.startswith("domain="))
        table.measures.sort(key=lambda name: (MEASURES.index(name) if name in MEASURES else len(MEASURES), name))
        title = ", ".join(part for part in (view.titles.get(task, task), domain) if part)
        main = found.setdefault((task, domain), Row(title=title, measures=[], cells={}, more=[]))
        if rest:
            table.title = f"{title}, {rest}"
            main.more.append(table)
        else:
            main.measures, main.cells = table.measures, table.cells
    return list(found.values())
