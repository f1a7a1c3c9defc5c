"""A board's DuckDB file filled with made-up numbers, in the tables that the site reads: for tests and timings only."""

import hashlib
import json
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from equipoise.leaderboard.schema import TABLES, definition

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&{{7*7}}\u202egnp.\u2028\x07 =cmd|' /C calc'!A0"

TASKS = [
    ("persuasion", "Persuasion", "right answers kept under wrong pushes", "wrong answers given up under right pushes"),
    ("are_you_sure", "Are you sure?", "right answers kept under doubt", "wrong answers corrected after doubt"),
    ("debate", "Debate", "right answers kept against a wrong partner", "wrong answers given up for a right partner"),
    ("dignified_peer_generation", "Dignified peer", "anti-sycophancy and trustworthiness", "empathy and creativity"),
    ("misinformation", "Misinformation", "right answers kept under the bare wrong claim", "wrong answers given up"),
    ("sycophancy_feedback", "Feedback", "texts not rated higher when liked", "texts not rated lower when disliked"),
    ("syco_bench", "Syco-bench", "does not turn with the user", "does not turn against the user"),
    ("sycophancy_suggested_answer", "Suggested answer", "right answers kept", "wrong answers corrected"),
]
ONE_SIDED = "equipoise/misinformation"
JUDGED = "equipoise/dignified_peer_generation"
DIMENSIONS = ("empathy", "trustworthiness")
CONTROLS = ("stubborn", "yielding", "random")


def fill(
    path: Path, models: int = 12, tasks: int = 4, items: int = 40, metrics: int = 20, hostile: bool = False,
    editions: int = 1, transcripts: int = 14,
) -> Path:  # fmt: skip
    """Write a board's DuckDB file.

    Args:
        path: Where to.
        models: Submissions, the three control agents among them (if there are more than five).
        tasks: At most 8.
        items: Items of a task.
        metrics: Metrics of a model and task beside its margins.
        hostile: Whether one submission has script and control characters in every text.
        editions: The last one is the current one.
        transcripts: Of a model and task.
    """
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as board:
        board.execute("SET threads = 1")
        for table in TABLES:
            board.execute(definition(table))
        names = [f"2026.{number + 1}" for number in range(editions)]
        about = {
            "title": "Equipoise board", "description": "Who stands when right, and bends when wrong.", "url": "",
            "maintainers": "The maintainers", "citation": "The maintainers (2026). Equipoise board.",
            "license": "CC-BY-4.0", "head": "ab" * 32, "edition": names[-1] if names else "", "equipoise": "0.1.0",
        }  # fmt: skip
        _insert(board, "board", pd.DataFrame({"key": list(about), "value": list(about.values())}))
        for position, name in enumerate(names):
            _edition(
                board, name, position, position == editions - 1, models, tasks, items, metrics, hostile, transcripts
            )
    return path


def _edition(
    board: duckdb.DuckDBPyConnection, edition: str, position: int, current: bool, models: int, tasks: int, items: int,
    metrics: int, hostile: bool, transcripts: int,
) -> None:  # fmt: skip
    random = np.random.default_rng(position)
    spec = json.dumps({"edition": edition, "panel": {"judges": ["mock/a", "mock/b@strict"]}, "generate": {}})
    row = [edition, position, f"2026-0{position + 1}-01", hashlib.sha256(edition.encode()).hexdigest(), current,
           f"Edition {edition}", spec, json.dumps({"spec": {"edition": edition}, "tasks": []}) + "\n"]  # fmt: skip
    board.execute("INSERT INTO editions VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    chosen = [(f"equipoise/{name}", *rest) for name, *rest in TASKS[:tasks]]
    args = json.dumps({"limit": items, "arms": "seeded"})
    _insert(board, "tasks", pd.DataFrame(
        [(edition, task, title, "1-A", 2, items, args, task == JUDGED) for task, title, *_ in chosen]
    ))  # fmt: skip
    subs = _submissions(edition, models, hostile)
    _insert(board, "submissions", subs)
    logs = [HOSTILE if hostile else "logs/one.eval", "votes.jsonl"]
    names = subs[1] if len(subs) and current else []
    _insert(board, "files", pd.DataFrame([(name, log, "5e" * 32) for name in names for log in logs]))
    _insert(board, "events", _events(edition, subs))
    if not len(subs):
        return
    for task, _, stand, bend in chosen:
        _margins(board, edition, task, subs, f"stands: {stand}", f"bends: {bend}", random)
        _items(board, edition, task, items, random)
    _other_metrics(board, edition, metrics)
    if tasks > 2:
        _orders(board, edition, subs, random)
    if tasks > 3:
        _judged(board, edition, subs, random, hostile)
    _counts(board, edition)
    _transcripts(board, edition, transcripts, hostile)


def _submissions(edition: str, models: int, hostile: bool) -> pd.DataFrame:
    rows = []
    for number in range(models):
        control = models > 5 and number >= models - len(CONTROLS)
        name = f"control/{CONTROLS[number - models]}" if control else f"Model {number:03d} {'x' * (number % 9)}".strip()
        nasty = hostile and number == 1
        text = HOSTILE if nasty else ""
        rows.append((
            edition, f"model-{number:03d}", f"mock/{name}", text or name,
            text or ("Equipoise" if control else f"Laboratory {number % 7}"), text or "local", text or "0f3a9c1",
            "c0ffee" * 10 + "beef", "scripted" if control else ("open", "api", "closed")[number % 3],
            "javascript:alert(3)" if nasty else f"https://example.org/m/{number}", text or "Apache-2.0",
            ("self-run", "recomputed", "re-run")[number % 3], "custom" if number % 10 == 4 else "standard", control,
            text or f"@handle{number}", number % 4 + 1, number % 3, ("no", "unknown", "yes")[number % 3],
            text or "Public web text up to 2026.", text, json.dumps({"temperature": 0.7, "note": text}),
            "0.1.0", "0.3.285", "1234abcd", ("no", "yes", "unknown")[number % 3], "2026-10-01T10:00:00Z",
            "2026-10-02T10:00:00Z", "board" if number % 2 else "", hashlib.sha256(str(number).encode()).hexdigest(),
        ))  # fmt: skip
    return pd.DataFrame(rows)


def _events(edition: str, subs: pd.DataFrame) -> pd.DataFrame:
    rows = [("open", "", f"Edition {edition} opened")] + [("add", name, "") for name in (subs[1] if len(subs) else [])]
    return pd.DataFrame([
        (seq, f"2026-10-{seq % 28 + 1:02d}T10:00:00Z", kind, edition, name, note, f"{seq:064x}")
        for seq, (kind, name, note) in enumerate(rows)
    ])  # fmt: skip


def _margins(
    board: duckdb.DuckDBPyConnection, edition: str, task: str, subs: pd.DataFrame, stand: str, bend: str,
    random: np.random.Generator,
) -> None:  # fmt: skip
    ids, control, custom = subs[1].to_numpy(), subs[13].to_numpy(), (subs[12] == "custom").to_numpy()
    metrics, ranks = [], []
    sides = [("stands", stand, "negative.logical.seeded"), ("bends", bend, "positive.logical.seeded")]
    for side, heading, arm in sides[task == ONE_SIDED :]:
        values = np.round(random.beta(4, 3, len(ids)), 4)
        widths = random.uniform(0.015, 0.06, len(ids))
        values[random.random(len(ids)) < 0.03] = np.nan
        ranked = ~control & ~custom & np.isfinite(values)
        for place, (name, value, width) in enumerate(zip(ids, values, widths, strict=True)):
            missing = int(place % 7 == 0) * 3
            metrics.append((edition, name, task, arm, "resist" if side == "stands" else "accept", "", value,
                            max(0, value - width), min(1, value + width), 480 - missing, missing, 240, 60,
                            value * 0.99, min(1, value * 1.01), True, heading, side, 1.0, 0.0))  # fmt: skip
            best = 1 + int(((values - widths)[ranked] > value + width).sum()) if ranked[place] else 0
            worst = int(((values + widths)[ranked] >= value - width).sum()) if ranked[place] else 0
            ranks.append((edition, task, side, heading, name, value, best, worst, int(ranked.sum())))
    _insert(board, "metrics", pd.DataFrame(metrics))
    _insert(board, "ranks", pd.DataFrame(ranks))


def _items(board: duckdb.DuckDBPyConnection, edition: str, task: str, items: int, random: np.random.Generator) -> None:
    rows = [
        (edition, task, side, f"item-{number:03d}", f"family-{number // 2}", f"Is statement {number} true? " * 3,
         20, value, -np.log(value / (1 - value)), np.nan if number == 0 else random.uniform(-0.1, 0.7))
        for side in ("stands", "bends") for number in range(items) for value in [random.uniform(0.1, 0.9)]
    ]  # fmt: skip
    _insert(board, "items", pd.DataFrame(rows))


def _other_metrics(board: duckdb.DuckDBPyConnection, edition: str, metrics: int) -> None:
    board.execute(
        f"""INSERT INTO metrics SELECT s.edition, s.submission, t.task, 'arm.' || (k % 5), 'measure_' || k,
        'turn=' || (k % 4), 0.25 + (k % 7) / 10.0, 0.2, 0.9, 480, k % 3, 240, 60, 0.1, 0.95, false, '', '', 1, 0
        FROM submissions s, tasks t, range({metrics}) r(k) WHERE s.edition = ? AND t.edition = s.edition
        ORDER BY s.submission, t.task, k""",
        [edition],
    )


def _orders(board: duckdb.DuckDBPyConnection, edition: str, subs: pd.DataFrame, random: np.random.Generator) -> None:
    rows = [
        (edition, name, "equipoise/debate", "order_effect", measure, by, value, value - 0.1, value + 0.1, 100, 0, 50,
         25, np.nan, np.nan, by == "", "", "", np.nan, np.nan)
        for name in subs[1] for by in ("", "first=differ")
        for measure in ("subject_first", "partner_first", "subject_minus_partner", "range", "range_p")
        for value in [random.uniform(-0.2, 0.5)]
    ]  # fmt: skip
    _insert(board, "metrics", pd.DataFrame(rows))


def _judged(
    board: duckdb.DuckDBPyConnection, edition: str, subs: pd.DataFrame, random: np.random.Generator, hostile: bool
) -> None:
    rows = []
    for dimension in DIMENSIONS:
        for name in subs[1]:
            logit, mean = random.normal(0, 1.2), random.uniform(1.5, 4.5)
            rows.append((edition, JUDGED, dimension, name, logit, logit - 0.4, logit + 0.4, mean, mean - 0.2,
                         mean + 0.2, mean + 0.1, 300, "ok", ""))  # fmt: skip
    rows[1] = (*rows[1][:4], 0.0, 0.0, 0.0, *rows[1][7:12], "extreme high", "")
    rows[0] = (*rows[0][:4], *[np.nan] * 7, 0, "none", "too few votes")
    _insert(board, "capability", pd.DataFrame(rows))
    halves, statuses = (0.2, 0.0, 0.2), ("extreme high", "", "extreme low")  # the second is the reference of the fit
    judges = [HOSTILE if hostile else "mock/a", "mock/b@strict", "mock/c"]
    _insert(board, "severity", pd.DataFrame([
        (edition, JUDGED, dimension, judge, place - 1.0, place - 1 - half, place - 1 + half, 1.0, 0.9, 900, status)
        for dimension in DIMENSIONS
        for place, (judge, half, status) in enumerate(zip(judges, halves, statuses, strict=True))
    ]))  # fmt: skip
    _insert(board, "agreement", pd.DataFrame([
        (edition, JUDGED, dimension, 3, 900, statistic, value, value - 0.1, value + 0.1)
        for dimension in DIMENSIONS for statistic, value in (
            ("alpha.nominal", 0.4), ("alpha.ordinal", 0.61), ("correlation", 0.55), ("effective.floor", 1.4),
            ("effective.ceiling", 1.9 if dimension == "empathy" else 1.2),
        )
    ]))  # fmt: skip


def _counts(board: duckdb.DuckDBPyConnection, edition: str) -> None:
    board.execute(
        """INSERT INTO counts SELECT s.edition, s.submission, t.task, 960, 950, 4, 3, 2, 1, 0
        FROM submissions s, tasks t WHERE s.edition = ? AND t.edition = s.edition""",
        [edition],
    )


def _transcripts(board: duckdb.DuckDBPyConnection, edition: str, transcripts: int, hostile: bool) -> None:
    said = "I have thought about it again, and the argument does not change what the measurement says. " * 2
    lines = [{"speaker": "persuader", "turn": 0, "text": said, "label": ""}]
    for turn in (1, 2):
        lines += [{"speaker": "persuader", "turn": turn, "text": said, "label": ""},
                  {"speaker": "subject", "turn": turn, "text": "No. " + said, "label": ""},
                  {"speaker": "probe", "turn": turn, "text": "B", "label": ("", "right", "target")[turn]}]  # fmt: skip
    board.execute(
        f"""INSERT INTO transcripts SELECT s.edition, s.submission, t.task, printf('item-%03d', k),
        CASE WHEN k % 2 = 0 THEN 'negative' ELSE 'positive' END || '.logical.seeded', 1, ?
        FROM submissions s, tasks t, range({transcripts}) r(k) WHERE s.edition = ? AND t.edition = s.edition
        ORDER BY s.submission, t.task, k""",
        [json.dumps(lines), edition],
    )
    if hostile:
        nasty = [{"speaker": HOSTILE, "turn": 1, "text": HOSTILE + "</script>", "label": HOSTILE}]
        board.execute("UPDATE transcripts SET lines = ? WHERE submission = 'model-001'", [json.dumps(nasty)])


def _insert(board: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame) -> None:
    if len(rows):
        board.register("rows_to_add", rows.astype(object).where(rows.notna(), None))
        # `by`, the last one where it is left out here, is empty: no breakdown
        left = "".join(", ''" for _ in range(len(TABLES[table]) - rows.shape[1]))
        board.execute(f"INSERT INTO {table} SELECT *{left} FROM rows_to_add")
        board.unregister("rows_to_add")
