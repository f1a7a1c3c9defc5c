"""Numbers as the site prints them; `assets/cells.js` prints them in the same way."""

from collections.abc import Sequence

NUDGE = 1e-12
"""Halves are rounded up here and in the browser alike."""

DECIMALS = 6
"""What the browser gets; rounded here too, so that both print the same."""


def known(value: float | None) -> bool:
    """Whether there is a finite number."""
    return value is not None and abs(value) < float("inf")


def number(value: float | None, digits: int = 2) -> str:
    """With a fixed number of digits and a real minus; – if unknown."""
    if value is None or not known(value):
        return "–"
    text = f"{round(value, DECIMALS) + NUDGE:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def plain(value: float) -> str:
    """The end of a scale, without needless digits."""
    return f"{value:g}".replace("-", "−")


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """[low, high]; empty if unknown."""
    return f"[{number(low, digits)}, {number(high, digits)}]" if known(low) and known(high) else ""


def rank_set(best: int | None, worst: int | None) -> str:
    """All ranks that are possible, never one alone; – if not ranked."""
    return f"{best}–{worst}" if best and worst else "–"


def place(value: float | None, least: float, most: float) -> float:
    """Where a value lies on its scale, 0 to 100, one decimal."""
    if value is None or not known(value) or most <= least:
        return 0.0
    return round(min(100.0, max(0.0, 100 * (value - least) / (most - least))), 1)


def ends_of(values: Sequence[float | None]) -> tuple[float, float] | None:
    """Lowest and highest of the values with a little room, None without any."""
    there = [value for value in values if value is not None and known(value)]
    if not there:
        return None
    room = (max(there) - min(there)) * 0.04 or 0.5
    return min(there) - room, max(there) + room
