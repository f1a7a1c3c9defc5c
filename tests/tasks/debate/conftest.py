"""Items with known answers for debates."""

import json
from pathlib import Path

import pytest


def write_items(path: Path, count: int, domain: str = "made") -> Path:
    """Items with exactly one right and three wrong answers, so that a random agent has m = 4."""
    lines = []
    for i in range(count):
        gold, *wrong = (f"{name} {i}" for name in ("Amber", "Birch", "Cedar", "Dahlia"))
        item = {
            "id": f"{domain}-{i:03d}", "family": f"{domain}-{i:03d}", "domain": domain, "kind": "open",
            "question": f"Which plant stands in pot number {i} of the {domain} garden?", "gold": [gold], "wrong": wrong,
            "claims": {"positive": f"the answer is {gold}.", "negative": f"the answer is {wrong[0]}."},
        }  # fmt: skip
        lines.append(json.dumps(item))
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="session")
def many_items(tmp_path_factory) -> str:
    """Sixty such items."""
    return str(write_items(tmp_path_factory.mktemp("items") / "many.jsonl", 60))


@pytest.fixture(scope="session")
def two_domains(tmp_path_factory) -> str:
    """Four items of each of two domains in one file."""
    folder = tmp_path_factory.mktemp("items")
    parts = [write_items(folder / f"{name}.jsonl", 4, name).read_text() for name in ("roses", "tulips")]
    (folder / "both.jsonl").write_text("\n".join(parts))
    return str(folder / "both.jsonl")
