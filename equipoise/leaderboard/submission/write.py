"""Write a submission's folder: whole or not at all."""

import contextlib
import hashlib
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from equipoise.errors import InputError
from equipoise.leaderboard.intake.check import Release
from equipoise.leaderboard.manifest import LOGS, MANIFEST_FILE, VOTES_FILE, File, Manifest, Scrubbed, parse_manifest
from equipoise.leaderboard.submission.archive import scrub_log, search
from equipoise.leaderboard.submission.card import fill
from equipoise.leaderboard.submission.choose import Choice, Log
from equipoise.leaderboard.submission.facts import facts
from equipoise.leaderboard.submission.scrub import Found, Scrubber
from equipoise.leaderboard.submission.votes import vote_lines

Validate = Callable[[Path, Manifest, Release], Sequence[object]]
"""(folder, manifest, edition) -> what a board would refuse it for; empty if nothing."""


Setting = bool | int | float | str


class RefusedError(InputError):
    """The board would refuse what was to be submitted.

    Attributes:
        problems: Why, one printable line each, without secrets.
        variables: Names of environment variables whose values were taken out of the logs or votes: where a value is an
            ordinary word of a task, this is what the board stumbles over.
    """

    def __init__(self, problems: Sequence[str], variables: Sequence[str], path: Path) -> None:
        self.problems, self.variables = tuple(problems), tuple(variables)
        more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
        super().__init__(f"the board would refuse it: {problems[0]}{more}", path=path)

    @property
    def hint(self) -> str:
        """What may be the cause, and what to do; empty if nothing points to one."""
        if not self.variables:
            return ""
        names = ", ".join(self.variables)
        if len(self.variables) == 1:
            found, advice = f"the value of {names} occurs in the logs and was taken out", "it is no secret, unset it"
        else:
            found = f"the values of {names} occur in the logs and were taken out"
            advice = "they are no secrets, unset them"
        return f"{found}; if {advice} for this command"


@dataclass(frozen=True)
class Submission:
    """What was written.

    Attributes:
        folder: Where.
        manifest: Its `submission.json`.
        logs: Name in the submission, by task.
        votes: How many there are, by task.
        found: Secrets that were taken out.
        variables: Names of environment variables whose values were among them.
    """

    folder: Path
    manifest: Manifest
    logs: dict[str, str]
    votes: dict[str, int]
    found: tuple[Found, ...]
    variables: tuple[str, ...] = ()

    @property
    def bytes(self) -> int:
        """Size of logs and votes."""
        return sum(file.bytes for file in self.manifest.files)


def write_submission(
    choice: Choice,
    release: Release,
    board: str,
    answers: dict[str, str],
    folder: Path,
    scrubber: Scrubber,
    validate: Validate,
    on_log: Callable[[str], None] = lambda name: None,
) -> Submission:
    """Make a submission of the chosen logs.

    Args:
        choice: Model and logs.
        release: The edition that it is submitted to, with its tasks.
        board: Name of the board.
        answers: Fields of the card, by name.
        folder: Must be absent or empty.
        scrubber: Knows the secrets of this machine.
        validate: What the board will check.
        on_log: Called with the name of each log before it is written.

    Raises:
        RefusedError: The check finds something; nothing is left behind, nor for any other reason.
        InputError: Something is missing or does not fit, a log cannot be read, or the folder cannot be written.
    """
    check_target(folder, choice)
    told = facts(choice, release.tasks)
    model = scrubber.text(choice.model)
    card = fill(answers, {"model": model, "provider": told.provider, "revision": scrubber.text(told.revision)})
    unclean = {log.path for log in choice.logs.values() if search(log.path, scrubber)}
    with _beside(folder) as stage:
        names = {task: log_name(log) for task, log in choice.logs.items()}
        found: list[Found] = []
        (stage / LOGS).mkdir()
        for task, log in choice.logs.items():
            on_log(names[task])
            copy = stage / LOGS / names[task]
            removed = scrub_log(log.path, copy, scrubber) if unclean else []  # what one log names may be in all of them
            if not removed and log.path not in unclean:
                shutil.copyfile(log.path, copy)
            found += removed
        voted = _write_votes({log.path: names[task] for task, log in choice.logs.items()}, stage, scrubber, found)
        kinds: Counter[str] = Counter()
        for each in found:
            kinds[each.kind] += each.times
        manifest = _manifest(
            board=board,
            edition=release.edition.name,
            model=card.model,
            disclosure=card.disclosure,
            contact=card.contact,
            generation={name: _clean(value, scrubber) for name, value in told.generation.items()},
            code=told.code,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            files=tuple(_file(path, stage) for path in sorted(stage.rglob("*")) if path.is_file()),
            scrubbed=tuple(Scrubbed(kind=kind, count=count) for kind, count in sorted(kinds.items())),
        )
        _check_manifest(manifest, scrubber)
        (stage / MANIFEST_FILE).write_text(manifest.text(), encoding="utf-8")
        if problems := validate(stage, manifest, release):
            taken = scrubber.variables  # before the problems are scrubbed, which quote the tasks' own texts
            raise RefusedError([scrubber.text(str(each)) for each in problems], taken, folder)
        stage.replace(folder)
    votes = {task: voted[name] for task, name in names.items()}
    return Submission(folder, manifest, names, votes, tuple(found), scrubber.variables)


def log_name(log: Log) -> str:
    """Of a log in a submission: its task and its id, in letters that every file system takes."""
    spec = log.header.eval
    parts = (spec.task.split("/")[-1], spec.eval_id)
    plain = (re.sub(r"[^A-Za-z0-9.+-]+", "_", part).strip("._-+")[:80] for part in parts)
    return "_".join(part for part in plain if part) + ".eval"


def check_target(folder: Path, choice: Choice) -> None:
    """Refuse a folder that holds something, or one among the logs that are submitted.

    Raises:
        InputError: It does, or is.
    """
    try:
        if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
            raise InputError("is there already; a submission needs a new or an empty folder", path=folder)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror})", path=folder) from None
    if any(folder.resolve().is_relative_to(log.path.parent.resolve()) for log in choice.logs.values()):
        raise InputError("is among the logs of the run, and would be taken for a part of it", path=folder)


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """An empty folder on the target's disk, to be renamed; whatever is left of it is removed."""
    holder: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        holder = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        stage = holder / folder.name
        stage.mkdir()
        yield stage
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", path=folder) from None
    finally:
        if holder:
            shutil.rmtree(holder, ignore_errors=True)


def _write_votes(logs: dict[Path, str], stage: Path, scrubber: Scrubber, found: list[Found]) -> Counter[str]:
    """Write the votes, if there are any, and count them by log."""
    voted: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    path = stage / VOTES_FILE
    with path.open("wb") as file:
        for log, name in sorted(logs.items(), key=lambda entry: entry[1]):
            for line in vote_lines({log: name}):
                file.writelines(scrubber.json([line.encode()], counts))
                voted[name] += 1
    if not voted:
        path.unlink()
    found += [Found(kind, count, VOTES_FILE, "") for kind, count in sorted(counts.items())]
    return voted


def _clean(value: Setting, scrubber: Scrubber) -> Setting:
    return scrubber.text(value) if isinstance(value, str) else value


def _file(path: Path, stage: Path) -> File:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(path=path.relative_to(stage).as_posix(), bytes=path.stat().st_size, sha256=digest)


def _manifest(**fields: Any) -> Manifest:
    """A manifest of what logs tell, which may not fit into one."""
    try:
        return Manifest(**fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise InputError(f"what the logs tell does not fit ({first['msg']})", field=field) from None


def _check_manifest(manifest: Manifest, scrubber: Scrubber) -> None:
    """Refuse a card with a secret in it: a person wrote it, and should know.

    Raises:
        InputError: There is one, by field.
    """
    fields = {**manifest.model.model_dump(), **manifest.disclosure.model_dump(), "contact": manifest.contact}
    for name, value in fields.items():
        counts: Counter[str] = Counter()
        if isinstance(value, str) and scrubber.text(value, counts) != value:
            raise InputError(f"looks like a secret ({', '.join(counts)})", field=name)
    parse_manifest(manifest.text())
