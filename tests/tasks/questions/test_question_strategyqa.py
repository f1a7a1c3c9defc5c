"""StrategyQA's own file, where it lies beside the checkout."""

from pathlib import Path

import pytest

from equipoise.tasks.questions import load_items

REFERENCE = Path(__file__).parents[3].parent / "shared" / "data" / "strategyqa" / "dev.json"


@pytest.mark.reference
def test_the_real_file():
    if not REFERENCE.is_file():
        pytest.skip("no dev.json beside the checkout")
    items = load_items(f"strategyqa:{REFERENCE}")
    assert len(items) == len({item.id for item in items}) == 229
    assert {item.kind for item in items} == {"boolean"} and len({item.domain for item in items}) == 1
    assert sum(item.gold == ("yes",) for item in items) == 107
    assert all({*item.gold, *item.wrong} == {"yes", "no"} for item in items)
    assert all(item.targeted and item.claims.positive and item.claims.negative for item in items)
