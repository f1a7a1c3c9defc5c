"""A board of three submissions, as its database: a model with judged tasks, one with a hostile name, a control."""

import json
from pathlib import Path

import duckdb

from equipoise.leaderboard.schema import TABLES, TEXT, definition

HOSTILE = "=../../<script>$x^2$"

PERSUASION, PEER = "equipoise/persuasion", "equipoise/dignified_peer_generation"
STANDS, BENDS = "stands: right answers kept under wrong pushes", "bends: wrong answers given up under right pushes"
NAN = float("nan")


def _submission(submission: str, model: str, name: str, **other: object) -> dict[str, object]:
    return {
        "edition": "2026.1", "submission": submission, "model": model, "name": name, "organisation": "Org",
        "provider": "openai", "access": "api", "tier": "recomputed", "configuration": "standard", "control": False,
        "attempts": 2, "private_variants": 0, "trained_on_items": "no", "training_data": "web text",
        "generation": json.dumps({"temperature": 0.7, "max_tokens": 512, "reasoning_effort": "low"}),
        "equipoise": "0.1", "inspect_ai": "0.3.285", "commit": "abc", "dirty": "no",
        "created": "2026-11-20T10:00:00Z", "added": "2026-11-21T10:00:00+00:00", "votes_by": "board", "digest": "d1",
        **other,
    }  # fmt: skip


def _metric(submission: str, measure: str, arm: str, estimate: float, heading: str, side: str, **other: object) -> dict:
    return {
        "edition": "2026.1", "submission": submission, "task": PERSUASION, "arm": arm, "measure": measure,
        "by": "turn=4", "estimate": estimate, "low": max(estimate - 0.1, 0), "high": min(estimate + 0.1, 1), "n": 40,
        "missing": 1, "items": 20, "families": 10, "worst_low": NAN, "worst_high": 1.0, "headline": True,
        "heading": heading, "side": side, "most": 1.0, "least": 0.0, **other,
    }  # fmt: skip


def rows() -> dict[str, list[dict]]:
    """Content of the tables."""
    metrics, scores = [], []
    for name, stands, bends in (("alpha-1", 0.1 + 0.2, 0.9), ("evil", 0.55, 1 / 3), ("oracle", 1.0, 1.0)):
        metrics += [
            _metric(name, "resist", "negative.logical.seeded", stands, STANDS, "stands"),
            _metric(name, "accept", "positive.logical.seeded", bends, BENDS, "bends"),
            _metric(name, "c", "both.logical.seeded", -0.25, "", "", low=-0.5, high=0.5, most=NAN, least=NAN),
        ]
        scores += [
            {"edition": "2026.1", "submission": name, "task": PERSUASION, "side": side, "item": item, "family": item,
             "value": value}
            for side in ("stands", "bends") for item, value in (("q1", 1.0), ("q2", 0.5))
        ]  # fmt: skip
    gap = {"by": "", "low": -2.0, "high": 1.0, "most": 9.0, "task": "equipoise/sycophancy_feedback"}
    metrics.append(_metric("alpha-1", "quality_gap", "control.alone", -0.5, "needed: gap", "needed", **gap))
    metrics.append(_metric("evil", "quality_gap", "control.alone", NAN, "needed: gap", "needed", **gap))
    peer = {"task": PEER, "by": ""}
    metrics.append(_metric("alpha-1", "stands", "model", 0.75, "stands: all criteria", "stands", **peer))
    said = [
        {"speaker": "persuader", "turn": 1, "text": "It is B. </script>", "label": ""},
        {"speaker": "subject", "turn": 1, "text": "No, A.", "label": ""},
        {"speaker": "probe", "turn": 1, "text": "A", "label": "A"},
    ]
    spec = {"panel": {"judges": ["openai/judge", "x/strict@strict"]}}
    return {
        "board": [
            {"key": "title", "value": "Test board"}, {"key": "url", "value": "https://huggingface.co/datasets/o/bench"},
            {"key": "maintainers", "value": "The maintainers"}, {"key": "head", "value": "ff"},
        ],
        "editions": [{"edition": "2026.1", "position": 0, "current": True, "identity": "id", "spec": json.dumps(spec)}],
        "tasks": [
            {"edition": "2026.1", "task": PERSUASION, "version": "1-A", "epochs": 2, "items": 20, "judged": False},
            {"edition": "2026.1", "task": PEER, "version": "1-A", "epochs": 1, "items": 8, "judged": True},
        ],
        "submissions": [
            _submission("alpha-1", "openai/alpha-1", "Alpha 1"),
            _submission("evil", "vllm/../../etc/passwd", HOSTILE, organisation="+cmd", notes="@x\n<b>", provider="vllm",
                        access="open", generation="no json", tier="re-run"),
            _submission("oracle", "equipoise/oracle", "Oracle", control=True, access="scripted", provider="equipoise"),
        ],
        "metrics": metrics,
        "scores": scores,
        "ranks": [
            {"edition": "2026.1", "task": PERSUASION, "side": "stands", "heading": STANDS, "submission": "alpha-1",
             "estimate": 0.3, "best": 2, "worst": 2, "rows": 2},
            {"edition": "2026.1", "task": PERSUASION, "side": "stands", "heading": STANDS, "submission": "oracle",
             "estimate": 1.0, "best": 0, "worst": 0, "rows": 2},
        ],
        "capability": [
            {"edition": "2026.1", "task": PEER, "dimension": "empathy", "submission": "alpha-1", "measure": -1.25,
             "low": -2.0, "high": -0.5, "adjusted": 0.4, "raw": 0.35, "votes": 48, "status": ""},
            {"edition": "2026.1", "task": PEER, "dimension": "empathy", "submission": "evil", "measure": NAN,
             "status": "", "reason": "no vote was given"},
        ],
        "severity": [
            {"edition": "2026.1", "task": PEER, "dimension": "empathy", "judge": judge, "severity": severity,
             "low": severity - 0.4, "high": severity + 0.4, "votes": 24, "status": ""}
            for judge, severity in (("openai/judge", -0.6), ("x/strict@strict", 0.6))
        ],
        "items": [
            {"edition": "2026.1", "task": PERSUASION, "side": side, "item": item, "family": item,
             "text": f"Question {item}?", "n": 2, "mean": mean, "difficulty": difficulty}
            for side in ("stands", "bends")
            for item, mean, difficulty in (("q1", 1.0, -1.1), ("q2", 0.5, 0.0), ("q3", NAN, NAN))
        ],
        "transcripts": [
            {"edition": "2026.1", "submission": "alpha-1", "task": PERSUASION, "item": "q1",
             "arm": "negative.logical.seeded", "epoch": 1, "lines": json.dumps(said)},
        ],
    }  # fmt: skip


def write_board(path: Path, content: dict[str, list[dict]] | None = None) -> Path:
    """The database at that path."""
    content = rows() if content is None else content
    with duckdb.connect(str(path)) as connection:
        for table, columns in TABLES.items():
            connection.execute(definition(table))
            text = [name for name, kind in columns.items() if kind == TEXT]
            for row in content.get(table, []):
                full = {**dict.fromkeys(text, ""), **row}
                names = ", ".join(f'"{name}"' for name in full)
                connection.execute(
                    f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(full))})", list(full.values())
                )
    return path
