"""Item-level records of Every Eval Ever: the values behind the margins, with the dialogue where the board holds it."""

import hashlib
import json
from typing import Any

from equipoise.leaderboard.export.eee_context import Context, without_turn
from equipoise.leaderboard.export.eee_results import result_id
from equipoise.leaderboard.export.read import Row

SUBJECT, SYSTEM = ("subject", "model", "assistant"), "system"
"""Speakers that are the model under test, and the one that is nobody; all others speak to it."""


def samples(context: Context, document: dict[str, Any]) -> list[dict[str, Any]]:
    """One record per task, side and item.

    Args:
        context: The submission.
        document: Its record of the aggregate values.
    """
    margins: dict[tuple[str, str, str], Row] = {}
    for row in context.margins:
        margins[row["task"], row["side"], without_turn(row["by"])] = row
    dialogues: dict[tuple[str, str, str], list[Row]] = {}
    for row in context.board.of("transcripts", context.submission, "task, item, arm, epoch"):
        dialogues.setdefault((row["task"], row["item"], row["arm"]), []).append(row)
    found = []
    for score in context.board.of("scores", context.submission, 'task, "by", side, item'):
        own = margins.get((score["task"], score["side"], score["by"]))
        if score["value"] is None or own is None:
            continue
        item = (score["task"], score["item"])
        found.append(
            _record(document, score, own, dialogues.get((*item, own["arm"]), []), context.shared.asked.get(item, ""))
        )
    return found


def _record(document: dict[str, Any], score: Row, own: Row, said: list[Row], asked: str) -> dict[str, Any]:
    messages = _messages(said[0]["lines"]) if said else []
    raw = asked or next((each["content"] for each in messages if each["role"] == "user"), "") or str(score["item"])
    about = {"item_family": score["family"], "side": score["side"], "dialogue_epoch": said[0]["epoch"] if said else ""}
    return {
        "schema_version": document["schema_version"],
        "evaluation_id": document["evaluation_id"],
        "model_id": document["model_info"]["id"],
        "evaluation_name": score["task"],
        "evaluation_result_id": result_id(own),
        "sample_id": str(score["item"]),
        "sample_hash": hashlib.sha256(raw.encode("utf-8", "replace")).hexdigest(),
        "interaction_type": "multi_turn",
        "input": {"raw": raw, "reference": []},
        "messages": messages,
        "answer_attribution": [],
        # the value is a mean over epochs: right is what reached the top of the scale every time
        "evaluation": {"score": score["value"], "is_correct": bool(score["value"] >= (own["most"] or 1.0))},
        "metadata": {name: str(value) for name, value in about.items() if value not in (None, "")},
    }


def _messages(text: str) -> list[dict[str, Any]]:
    """A dialogue as messages; probed beliefs and labels stay out, the model did not say them there."""
    try:
        lines = json.loads(text or "[]")
    except ValueError:
        return []
    told = [line for line in lines if isinstance(line, dict) and line.get("speaker") != "probe"]
    return [
        {"turn_idx": place, "role": _role(str(line.get("speaker", ""))), "content": str(line.get("text", ""))}
        for place, line in enumerate(told)
    ]


def _role(speaker: str) -> str:
    if speaker == SYSTEM:
        return SYSTEM
    return "assistant" if speaker in SUBJECT else "user"
