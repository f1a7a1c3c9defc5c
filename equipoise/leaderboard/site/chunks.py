"""Data of the board's table: names and kinds at once, rows of a task in parts, an order when it is asked for."""

from pathlib import Path

from equipoise.leaderboard.site.inert import script
from equipoise.leaderboard.site.margins import SIDES, Panel
from equipoise.leaderboard.site.view import CHUNK_ROWS, PAGE_ROWS, View


def write_chunks(view: View, data: Path) -> None:
    """Write `board.js`, and for every panel `rows-SLUG-K.js` and `order-SLUG.js`.

    Args:
        view: The edition.
        data: Folder for the files.
    """
    data.mkdir(parents=True, exist_ok=True)
    ids = [row.submission for row in view.submissions]
    place = {name: position for position, name in enumerate(ids)}
    models = [
        [row.submission, row.name, row.organisation, row.tier, row.configuration, int(bool(row.control))]
        for row in view.submissions
    ]
    panels = [_about(panel) for panel in view.measured]
    board = {"models": models, "panels": panels, "judges": view.judges, "chunk": CHUNK_ROWS, "page": PAGE_ROWS}
    _write(data, "board", board)
    for panel in view.measured:
        for part, start in enumerate(range(0, len(ids), CHUNK_ROWS)):
            rows = [_packed(panel, name) for name in ids[start : start + CHUNK_ROWS]]
            _write(data, f"rows-{panel.slug}-{part}", rows)
        _write(data, f"order-{panel.slug}", _orders(panel, view, place))


def _about(panel: Panel) -> dict[str, object]:
    scales = {side: [scale.heading, scale.least, scale.most] for side, scale in panel.scales.items()}
    return {"slug": panel.slug, "label": panel.label, "judged": int(bool(panel.task.judged)), "scales": scales}


def _packed(panel: Panel, submission: str) -> list[object]:
    cells = (panel.cell(submission, side) for side in SIDES)
    return [cell.packed() if cell else 0 for cell in cells]


def _orders(panel: Panel, view: View, place: dict[str, int]) -> dict[str, object]:
    """Places of the submissions by each side, highest first, and how many of them have a value."""
    found: dict[str, object] = {}
    for side in panel.sides:
        other = "bends" if side == "stands" else "stands"
        order = panel.ordered(view.submissions, side, other)
        known = sum(panel.cell(name, side) is not None for name in order)
        found[side] = [known, [place[name] for name in order]]
    return found


def _write(data: Path, name: str, value: object) -> None:
    (data / f"{name}.js").write_text(script(name, value), encoding="ascii")
