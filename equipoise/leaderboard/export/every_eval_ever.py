"""The board in the schema of Every Eval Ever (EvalEval coalition), version 0.3.0.

Layout of its datastore: `data/COLLECTION/DEVELOPER/MODEL/UUID.json`, item-level values beside it in
`UUID_samples.jsonl`. Schema: https://github.com/evaleval/every_eval_ever, package every-eval-ever 0.3.0.
"""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from equipoise.harness.files import write_text
from equipoise.leaderboard.export.eee_context import Context, Shared
from equipoise.leaderboard.export.eee_results import results
from equipoise.leaderboard.export.eee_samples import samples
from equipoise.leaderboard.export.identity import LOCAL, deployment, file_id, model_id
from equipoise.leaderboard.export.read import Reader, Row, open_board, texts

VERSION = "0.3.0"
COLLECTION = "equipoise"

CONTROL = "control agent: a script that marks an end of the scale, not a model"
"""Stands where a reader looks for a model's name and its weights; the schema has no field of its own for it."""

DISCLOSED = (
    "edition", "submission", "tier", "configuration", "votes_by", "attempts", "private_variants", "trained_on_items",
    "training_data", "notes", "digest", "control",
)  # fmt: skip
"""What a submission says of itself, and how far it was checked."""


def export_every_eval_ever(database: Path, target: Path) -> list[Path]:
    """Write one JSON file per submission that has a value, with its item-level values beside it.

    It holds the margins of every task (both sides), the severity-free capability where the board has one, their
    intervals, the judges and the generation settings. Control agents say that they are ones. File names follow from
    edition and submission: exporting again overwrites, it does not pile up.

    Args:
        database: `board.duckdb`.
        target: Folder above `data/`, made if it is not there.

    Raises:
        InputError: The database cannot be read or the folder cannot be written.
    """
    written = []
    shared: dict[str, Shared] = {}
    with open_board(database) as board:
        for submission in board.submissions():
            edition = submission["edition"]
            if edition not in shared:
                shared[edition] = Shared.of(board, edition)
            context = Context(board, submission, shared[edition])
            found = results(context)
            if not found:
                continue
            document = _document(board, submission, found)
            stem = file_id("every-eval-ever", edition, submission["submission"])
            folder = f"data/{COLLECTION}/{document['model_info']['id']}"
            if lines := samples(context, document):
                text = "".join(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines)
                place = f"{folder}/{stem}_samples.jsonl"
                document["detailed_evaluation_results"] = {
                    "format": "jsonl", "file_path": place, "hash_algorithm": "sha256",
                    "checksum": hashlib.sha256(text.encode()).hexdigest(), "total_rows": len(lines),
                }  # fmt: skip
                write_text(target / place, text)
                written.append(target / place)
            path = target / folder / f"{stem}.json"
            write_text(path, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
            written.append(path)
    return written


def _document(board: Reader, submission: Row, found: list[dict[str, Any]]) -> dict[str, Any]:
    model = model_id(submission)
    created = epoch(submission["added"]) or epoch(submission["created"]) or "0"
    return {
        "schema_version": VERSION,
        "evaluation_id": f"{COLLECTION}-{submission['edition']}-{submission['submission']}/{model}/{created}",
        "evaluation_timestamp": str(submission["created"]),
        "retrieved_timestamp": created,
        "source_metadata": _source(board, submission),
        "eval_library": {
            "name": "equipoise",
            "version": str(submission["equipoise"] or "unknown"),
            "additional_details": texts(
                {name: submission[name] for name in ("inspect_ai", "commit", "dirty")}
                | {"exported_by_equipoise": board.profile.get("equipoise")}
            ),
        },
        "model_info": _model(submission, model),
        "evaluation_results": found,
    }


def _source(board: Reader, submission: Row) -> dict[str, Any]:
    profile = board.profile
    title = profile.get("title") or "Equipoise board"
    source = {
        "source_name": title,
        "source_type": "evaluation_run",
        "source_organization_name": profile.get("maintainers") or title,
        # who ran a self-run or recomputed submission is not on the board; re-runs are the maintainers'
        "evaluator_relationship": "third_party" if submission["tier"] == "re-run" else "other",
    }
    if profile.get("url"):
        source["source_organization_url"] = profile["url"]
    about = {name: submission[name] for name in DISCLOSED}
    about |= {f"board_{name}": profile.get(name) for name in ("head", "license", "citation")}
    return {**source, "additional_details": texts(about)}


def _model(submission: Row, model: str) -> dict[str, Any]:
    about = {name: submission[name] for name in ("revision", "weights_sha256", "license", "url", "access", "control")}
    name = str(submission["name"] or submission["model"])
    info: dict[str, Any] = {"name": f"{name} (control agent)" if submission["control"] else name, "id": model}
    if submission["organisation"]:
        info["developer"] = str(submission["organisation"])
    if provider := str(submission["provider"]):
        if provider in LOCAL:
            info["inference_engine"] = {"name": provider}
        else:
            info["inference_platform"] = provider
    details = texts(about | {"inspect_model": submission["model"], "kind": CONTROL if submission["control"] else ""})
    return {**info, "additional_details": {**deployment(submission), **details}}


def epoch(time: object) -> str:
    """Seconds since 1970 of an ISO time, which is UTC where it names no zone; empty if it is no time."""
    try:
        found = datetime.fromisoformat(str(time))
    except ValueError:
        return ""
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return f"{found.timestamp():.0f}"
