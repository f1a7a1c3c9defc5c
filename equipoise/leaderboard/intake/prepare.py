"""One submission made ready for a board, in a folder of its own: received, checked, recomputed. No lock is needed."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from equipoise.harness.files import write_text
from equipoise.leaderboard.board import ROW
from equipoise.leaderboard.derived import derive, write_derived
from equipoise.leaderboard.edition import digest
from equipoise.leaderboard.intake.check import Checked, Release, check
from equipoise.leaderboard.intake.problems import Problem
from equipoise.leaderboard.intake.received import receive
from equipoise.leaderboard.manifest import Manifest

RECEIVED, TABLES = "received", "tables"
"""Folders in the staging folder: what was submitted, and what was computed from it."""


@dataclass
class Prepared:
    """A submission that waits for its place.

    Attributes:
        submission: Its id.
        staging: Where it waits.
        manifest: What it says of itself.
        problems: Why it is refused; empty if it is not.
        tier: `recomputed`, or `self-run` if it was not replayed.
        eval_ids, marks: Of its logs, to find it again in another submission.
    """

    submission: str
    staging: Path
    manifest: Manifest
    problems: list[Problem]
    tier: str = ""
    eval_ids: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    @property
    def files(self) -> dict[str, str]:
        """SHA-256 of every file, by its path."""
        return {file.path: file.sha256 for file in self.manifest.files}


def prepare(
    source: Path, staging: Path, release: Release, again: bool = True, on_log: Callable[[str], None] | None = None
) -> Prepared:
    """Receive and check a submission and compute its tables.

    Args:
        source: Folder, or a zip of one.
        staging: Empty folder of ours.
        release: The edition with its tasks.
        again: See `check`.
        on_log: See `check`.

    Raises:
        InputError: It is no submission at all.
    """
    (staging / RECEIVED).mkdir(parents=True)
    manifest = receive(source, staging / RECEIVED)
    found = check(staging / RECEIVED, manifest, release, again, on_log)
    prepared = Prepared(submission_id(manifest), staging, manifest, found.problems, found.tier)
    if not found.problems:
        prepared.eval_ids, prepared.marks = sorted(found.eval_ids), sorted(found.marks)
        write_derived(staging / TABLES, found.rows, derive(found.rows), found.dialogues)
        write_text(staging / TABLES / ROW, json.dumps(row_of(found), indent=1, ensure_ascii=False) + "\n")
    return prepared


def submission_id(manifest: Manifest) -> str:
    """A name for people and a hash of the files: equal files have equal ids."""
    plain = unicodedata.normalize("NFKD", manifest.model.name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48] or "model"
    return f"{slug}-{digest(sorted((file.path, file.sha256) for file in manifest.files))[:10]}"


def row_of(checked: Checked) -> dict[str, Any]:
    """What the board tells of a submission beside its numbers."""
    manifest = checked.manifest
    voted = bool((checked.rows["judge"].astype(str) != "").any())
    dirty = {True: "yes", False: "no", None: "unknown"}[manifest.code.dirty]
    return {
        **manifest.model.model_dump(mode="json"),
        **manifest.disclosure.model_dump(mode="json"),
        "configuration": "standard" if checked.standard else "custom",
        "control": checked.control,
        "contact": manifest.contact,
        "generation": json.dumps({**manifest.generation, **checked.model_args}, sort_keys=True, default=str),
        "equipoise": manifest.code.equipoise,
        "inspect_ai": manifest.code.inspect_ai,
        "commit": manifest.code.commit,
        "dirty": dirty,
        "created": manifest.created,
        "votes_by": "submitter" if voted else "",
        "digest": digest(sorted((file.path, file.sha256) for file in manifest.files)),
    }
