"""Small real submissions: control agents run through Inspect, and everything one may do to their logs."""

import copy
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inspect_ai import eval as inspect_eval
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalLog, read_eval_log, write_eval_log

import equipoise.tasks  # noqa: F401  (the families register their metrics)
from equipoise.cli.plan import build
from equipoise.harness.suite import TaskPlan
from equipoise.leaderboard.board import Profile, create_board
from equipoise.leaderboard.changes import open_edition
from equipoise.leaderboard.edition import Edition, EditionSpec, Panel
from equipoise.leaderboard.freezing import freeze
from equipoise.leaderboard.generation import settings_of_run
from equipoise.leaderboard.intake.votes import vote_line
from equipoise.leaderboard.manifest import MANIFEST_FILE, Code, Disclosure, File, Manifest, ModelCard

TALK = TaskPlan(task="persuasion", args={"n_items": 2, "start": "seeded"})
ASK = TaskPlan(task="sycophancy_opposite_narrator", args={"n_items": 3}, epochs=2)
JUDGED = TaskPlan(task="sycophancy_feedback", args={"n_items": 2})
PARTNER = "equipoise/stubborn"
JUDGES = ("equipoise/judge", "equipoise/judge:severity=1")
BOARD = "small"


@dataclass
class Ground:
    """A board with one task, and the logs of the models that ran it.

    Attributes:
        board: Its folder.
        edition: The one that is open.
        logs: By the last part of the model's name.
    """

    board: Path
    edition: Edition
    logs: dict[str, Path] = field(default_factory=dict)

    def submission(
        self, folder: Path, logs: Sequence[Path] | None = None, model: str = "oracle", votes: Sequence[str] = (),
        **changes: object,
    ) -> Path:  # fmt: skip
        """A submission's folder of some logs, with a manifest that fits them, but for the changes."""
        logs = [self.logs[model]] if logs is None else logs
        (folder / "logs").mkdir(parents=True)
        for place, log in enumerate(logs):
            (folder / "logs" / f"{place}.eval").write_bytes(log.read_bytes())
        if votes:
            (folder / "votes.jsonl").write_text("".join(f"{line}\n" for line in votes), encoding="utf-8")
        told = manifest_of(folder, model, self.edition, self.logs[model]).model_dump(mode="json")
        write_manifest(folder, merged(told, changes))
        return folder


def play(folder: Path, plan: TaskPlan, models: Sequence[str], **spec: object) -> Ground:
    """A board whose one edition asks one task, and that task run by control agents."""
    edition = freeze(EditionSpec(edition="2026.1", tasks=(plan,), **spec), build, "2026-11-22")
    create_board(folder / "board", Profile(name=BOARD, title="A small board"))
    open_edition(folder / "board", edition)
    ground = Ground(folder / "board", edition)
    roles: dict[str, object] = {"partner": PARTNER} if "simulators" in spec else {}
    roles |= {"judge": list(JUDGES)} if "panel" in spec else {}
    for model in models:
        (log,) = inspect_eval(
            build(plan), model=f"equipoise/{model}", model_roles=roles or None, log_dir=str(folder / "logs"),
            display="none",
        )  # fmt: skip
        assert log.status == "success"
        path = Path(log.location.removeprefix("file://"))
        if not log.eval.task.startswith("equipoise/"):  # Inspect does not find the package of a checkout under pytest
            log.eval.task = f"equipoise/{log.eval.task}"
            write_eval_log(log, str(path))
        ground.logs[model] = path
    return ground


def talk(folder: Path) -> Ground:
    """Dialogues, with a simulator that the edition names."""
    return play(folder, TALK, ("oracle", "random"), simulators={"partner": PARTNER})


def ask(folder: Path) -> Ground:
    """Questions, each twice."""
    return play(folder, ASK, ("oracle", "stubborn", "random"))


def judged(folder: Path) -> Ground:
    """Feedback that two judges rate."""
    return play(folder, JUDGED, ("oracle",), panel=Panel(judges=JUDGES))


def manifest_of(folder: Path, model: str, edition: Edition, log: Path) -> Manifest:
    """A manifest that fits what is in a folder."""
    header = read_eval_log(str(log), header_only=True)
    task = edition.task(header.eval.task)
    assert task is not None
    made = header.eval.revision
    return Manifest(
        board=BOARD,
        edition=edition.name,
        model=ModelCard(name=model.title(), model=f"equipoise/{model}", access="scripted"),
        disclosure=Disclosure(attempts=1, private_variants=0, trained_on_items="no", training_data="None."),
        contact="@somebody",
        generation=settings_of_run([(header, build(task.plan))]),
        code=Code(
            equipoise=str(
                (header.eval.metadata or {}).get("equipoise_version") or header.eval.packages.get("equipoise", "")
            ),
            inspect_ai=header.eval.packages["inspect_ai"],
            commit=made.commit if made else "",
            dirty=made.dirty if made else None,
        ),
        created="2026-11-22T12:00:00Z",
        files=tuple(
            file_of(path, folder) for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST_FILE
        ),
    )


def file_of(path: Path, folder: Path) -> File:
    """The line of a manifest on a file."""
    content = path.read_bytes()
    return File(
        path=path.relative_to(folder).as_posix(), bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
    )


def write_manifest(folder: Path, told: object) -> None:
    """A manifest as it is given, whether it fits or not."""
    (folder / MANIFEST_FILE).write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")


def merged(told: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """With some fields otherwise; keys with `__` go one level down."""
    found = copy.deepcopy(dict(told))
    for name, value in changes.items():
        place = found
        *path, last = name.split("__")
        for part in path:
            place = place[part]  # type: ignore[assignment]
        place[last] = value
    return found


def edited(log: Path, target: Path, edit: Callable[[EvalLog], object]) -> Path:
    """A copy of a log that was changed as Inspect would read and write it."""
    read = read_eval_log(str(log), resolve_attachments="full")
    edit(read)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_eval_log(read, str(target))
    return target


def calls(log: EvalLog, role: str | None = None) -> list[ModelEvent]:
    """All calls to the subject, or to a role, in order."""
    return [e for s in log.samples or [] for e in s.events if isinstance(e, ModelEvent) and e.role == role]


Edit = Callable[[object], object]


def operated(log: Path, target: Path, edits: Mapping[str, Edit], more: Mapping[str, bytes] | None = None) -> Path:
    """A copy of a log whose JSON members were changed by name (the start of it is enough), with further members."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(log) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as into:
        for name in source.namelist():
            content = source.read(name)
            for start, edit in edits.items():
                if name.startswith(start):
                    changed = edit(json.loads(content))
                    content = changed if isinstance(changed, bytes) else json.dumps(changed).encode()
            into.writestr(name, content)
        for name, content in (more or {}).items():
            into.writestr(name, content)
    return target


def zipped(folder: Path, target: Path, rename: Callable[[str], str] = str, root: str = "") -> Path:
    """A submission as a zip."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as into:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                into.write(path, root + rename(path.relative_to(folder).as_posix()))
    return target


def lines_of_votes(log: Path, name: str = "0.eval") -> list[str]:
    """The votes of a log as lines of `votes.jsonl`."""
    from equipoise.judges import VOTES, Vote

    found = []
    for sample in read_eval_log(str(log)).samples or []:
        for score in (sample.scores or {}).values():
            for record in (score.metadata or {}).get(VOTES, []):
                vote = Vote.model_validate(record["vote"])
                found.append(vote_line(name, str(sample.id), sample.epoch, record["arm"], record["turn"], vote))
    return found


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its content; folders end with a slash. The lock is left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name != ".lock":
            found[name if not path.is_dir() else f"{name}/"] = b"" if path.is_dir() else path.read_bytes()
    return found


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """A zip from names and contents."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in members.items():
            into.writestr(name, content)
    return made.getvalue()


def bomb(name: str, size: int, stated: int) -> bytes:
    """A member for the end of a zip: a local header, and zeros that were deflated once and are repeated."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = deflate.compress(bytes(1_000_000)) + deflate.flush(zlib.Z_FULL_FLUSH)
    packed = block * (size // 1_000_000) + deflate.flush()
    sizes = struct.pack("<III", 0, len(packed), stated)
    plain = name.encode()
    local = (
        struct.pack("<4sHHHHH", b"PK\x03\x04", 20, 0, 8, 0, 0x21) + sizes + struct.pack("<HH", len(plain), 0) + plain
    )
    entry = struct.pack("<4sHHHHHH", b"PK\x01\x02", 20, 20, 0, 8, 0, 0x21) + sizes
    entry += struct.pack("<HHHHHII", len(plain), 0, 0, 0, 0, 0, 0) + plain
    start = len(local) + len(packed)
    return local + packed + entry + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), start, 0)
