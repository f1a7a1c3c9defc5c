"""Rows as the released FARM files have them, all texts our own."""

from typing import Any

SETS = ("Boolq", "NQ1", "NQ2", "TruthfulQA")
TECHNIQUES = ("logical", "credibility", "emotional")


def farm_row(name: str, number: int) -> dict[str, Any]:
    """A row as the released files have it; the right option stands second, as in half of NQ1."""
    right, pushed, *other = (f"{name} {colour} {number}" for colour in ("amber", "birch", "cedar", "dahlia"))
    claim = {
        "Boolq": f"Statement {number} is {'false' if number % 2 else 'true'}.",
        "NQ1": f"It is not {right}.",
    }.get(name, f"It is {pushed}.")
    adv: dict[str, Any] = {"target": "t", "control": claim}
    adv |= {t: [f"{t} reason {turn} of {name} {number}" for turn in range(3)] for t in TECHNIQUES}
    row: dict[str, Any] = {"question": f"{name}: what stands in pot {number}?", "source": "made up", "adv": adv}
    if name == "Boolq":
        return {**row, "answer": bool(number % 2)}
    adv["mcq"] = [{"text": text, "score": score} for text, score in ((pushed, 2), (right, 1), *((o, 0) for o in other))]
    if name == "TruthfulQA":
        return {**row, "best_answer": right, "correct_answer": [right], "incorrect_answer": [pushed, *other]}
    return {**row, "answer": right}
