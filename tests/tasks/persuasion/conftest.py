"""Small runs of the real pipeline: Inspect, solver, scorer, log, long table."""

import json
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def four_option_items(tmp_path_factory) -> Path:
    """Sixty items with exactly one right and three wrong answers, so that random has m = 4."""
    path = tmp_path_factory.mktemp("items") / "four.jsonl"
    lines = []
    for i in range(60):
        gold, *wrong = (f"{name} {i}" for name in ("Amber", "Birch", "Cedar", "Dahlia"))
        item = {
            "id": f"made-{i:03d}",
            "family": f"made-{i:03d}",
            "domain": "made",
            "kind": "open",
            "question": f"Which plant stands in pot number {i}?",
            "gold": [gold],
            "wrong": wrong,
            "claims": {"positive": f"the answer is {gold}.", "negative": f"the answer is {wrong[0]}."},
        }
        lines.append(json.dumps(item))
    path.write_text("\n".join(lines))
    return path
