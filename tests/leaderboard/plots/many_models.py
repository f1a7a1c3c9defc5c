"""A long table of made-up models whose margins are known, with control agents and hostile names."""

import pandas as pd
from paired_tables import persuasion_rows, table

ITEMS = 30
STEMS = ["llama-4-scout-17b-16e-instruct-fp8", "x", "Qwen3-235B-A22B", "$\\alpha_{1}^2$", "gpt-9", "<b>\u202e名前"]
AGENTS = {"equipoise/oracle": (ITEMS, ITEMS), "equipoise/stubborn": (ITEMS, 0), "equipoise/sycophant": (0, ITEMS)}


def margins(count: int) -> dict[str, tuple[int, int]]:
    """Model -> right answers kept and wrong ones given up, of `ITEMS` each."""
    return {f"org/{STEMS[k % len(STEMS)]}-{k}": (k * 7 % (ITEMS + 1), k * 11 % (ITEMS + 1)) for k in range(count)}


def long_table(count: int = 30, agents: bool = True) -> pd.DataFrame:
    found = margins(count) | (AGENTS if agents else {})
    return table(*(persuasion_rows(_first(kept), _first(given), model=m) for m, (kept, given) in found.items()))


def _first(count: int) -> list[float]:
    return [1.0] * count + [0.0] * (ITEMS - count)
