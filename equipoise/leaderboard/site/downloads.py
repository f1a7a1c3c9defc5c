"""The results as files, written by DuckDB itself."""

from pathlib import Path

from equipoise.leaderboard.site.source import Source

QUERIES = {
    "results": """SELECT s.name, s.tier, s.configuration, s.control, m.*, r.best AS rank_best, r.worst AS rank_worst
        FROM metrics m JOIN submissions s USING (edition, submission)
        LEFT JOIN (SELECT * FROM ranks WHERE best > 0) r
        ON (r.edition, r.task, r.side, r.heading, r.submission, r.estimate)
        = (m.edition, m.task, m.side, m.heading, m.submission, m.estimate)
        AND r."by" = trim(regexp_replace(',' || m."by", ',turn=[^,]*', '', 'g'), ',')
        WHERE m.headline ORDER BY m.edition, m.submission, m.task, m.arm, m.measure, m."by" """,
    "submissions": "SELECT * FROM submissions ORDER BY edition, submission",
    "items": "SELECT * FROM items ORDER BY edition, task, side, item",
    "metrics": """SELECT * FROM metrics ORDER BY edition, submission, task, arm, measure, "by" """,
}
"""By the file's name; of the last there is Parquet only."""

KINDS = {"parquet": "(FORMAT parquet, COMPRESSION zstd)", "csv": "(FORMAT csv, HEADER)", "json": "(FORMAT json, ARRAY)"}


def write_downloads(source: Source, folder: Path) -> dict[str, dict[str, int]]:
    """Write the files.

    Returns:
        Sizes in bytes by content and format.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sizes: dict[str, dict[str, int]] = {}
    for name, query in QUERIES.items():
        kinds = ["parquet"] if name == "metrics" else list(KINDS)
        for kind in kinds:
            path = folder / f"{name}.{kind}"
            asked = _inert(source, query) if kind == "csv" else query
            source.connection.execute(f"COPY ({asked}) TO '{str(path).replace(chr(39), chr(39) * 2)}' {KINDS[kind]}")
            sizes.setdefault(name, {})[kind] = path.stat().st_size
    return sizes


def write_editions(source: Source, folder: Path) -> dict[str, int]:
    """Write the frozen editions as they stand on the board: what a submitter runs, and is checked against.

    Returns:
        Sizes in bytes by name of the file, the newest edition first.
    """
    sizes: dict[str, int] = {}
    for edition, text in source.tuples("SELECT edition, frozen FROM editions ORDER BY position DESC"):
        if text:
            path = folder / edition_file(edition)
            path.write_text(text, encoding="utf-8")
            sizes[path.name] = path.stat().st_size
    return sizes


def edition_file(edition: str) -> str:
    """Name of the file with a frozen edition."""
    return f"edition-{edition}.json"


def _inert(source: Source, query: str) -> str:
    """No text of the query starts a formula when a spreadsheet opens it."""
    columns = source.connection.execute(f"DESCRIBE {query}").fetchall()
    texts = [name for name, kind, *_ in columns if kind == "VARCHAR"]
    starts = "'^[=+@\\t\\r\\n-]'"
    guarded = ", ".join(
        f"""if(regexp_matches("{name}", {starts}), chr(39) || "{name}", "{name}") AS "{name}" """ for name in texts
    )
    return f"SELECT * REPLACE ({guarded}) FROM ({query})"
