"""Inputs that a fuzzer makes of real ones, for each reader of a submission; any error but `InputError` is a leak."""

import copy
import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from leaderboard.submitted import Ground, build, lines_of_votes

from equipoise.errors import InputError
from equipoise.harness.table import read_header
from equipoise.leaderboard.edition import Edition
from equipoise.leaderboard.events import EVENTS_FILE, read_events
from equipoise.leaderboard.intake.archive import check_archive
from equipoise.leaderboard.intake.check import Release, check
from equipoise.leaderboard.intake.headers import header_problems
from equipoise.leaderboard.intake.received import receive
from equipoise.leaderboard.intake.votes import read_votes_file
from equipoise.leaderboard.manifest import MANIFEST_FILE, parse_manifest, read_manifest

NASTY = [
    None, True, False, 0, -1, 1, 2**63, 10**400, 0.5, 1e308, float("nan"), float("inf"), "", " ", "a", "a" * 3000,
    "\u202e", "\ud800", "\x00", "\u2028", "../x", "9" * 5000, "attachment://x", [], {}, [[]], [None], {"": {}},
    {"role": "user", "content": []}, [[0, 10**9]], "2026-01-01", "{" * 50,
]  # fmt: skip


def bitten(content: bytes, rng: random.Random) -> bytes:
    """Some bytes changed, cut out, doubled or put in."""
    found = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        at = rng.randrange(len(found) + 1)
        length = rng.choice((1, 1, 2, 4, 16, 200))
        match rng.randrange(5):
            case 0:
                found[at : at + length] = rng.randbytes(length)
            case 1:
                del found[at : at + length]
            case 2:
                found[at:at] = found[at : at + length]
            case 3:
                found[at : at + 1] = bytes([found[at] ^ (1 << rng.randrange(8))]) if at < len(found) else b"\xff"
            case _:
                found[at:at] = rng.choice((b"\x00", b'"', b"{", b"[", b"\xff\xff\xff\xff", b"PK\x05\x06", b"\\u0000"))
    return bytes(found)


def bent(value: object, rng: random.Random) -> object:
    """JSON with a value somewhere in it replaced, dropped or doubled."""
    made = json.loads(json.dumps(value))
    for _ in range(rng.choice((1, 1, 2, 4))):
        place = made
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            key = rng.choice(keys)
            inner = place[key]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.85:
                place = inner
                continue
            match rng.randrange(6):
                case 0:
                    del place[key]
                case 1 if isinstance(place, list):
                    place.append(inner)
                case 1:
                    place[f"{key}x"] = inner
                case _:
                    place[key] = copy.deepcopy(rng.choice(NASTY))
            break
    return made


def spliced(text: str, made: object, rng: random.Random) -> str:
    """Now and then nested deeper than any reader goes."""
    return text if rng.random() < 0.999 else "[" * 100_000 + json.dumps(made)


class Readers:
    """Each method reads one made-up input; all of them only ever raise `InputError`.

    Args:
        asked: A board whose task is not judged.
        judged: A board whose task is.
        folder: To write inputs to.
    """

    def __init__(self, asked: Ground, judged: Ground, folder: Path) -> None:
        self.folder, self.asked, self.judged = folder, asked, judged
        self.source = asked.submission(folder / "source")
        self.voted = judged.submission(folder / "voted", votes=lines_of_votes(judged.logs["oracle"]))
        self.manifest = (self.source / MANIFEST_FILE).read_bytes()
        self.told = json.loads(self.manifest)
        self.votes = (self.voted / "votes.jsonl").read_bytes()
        self.releases = {ground.board: Release(ground.edition, build) for ground in (asked, judged)}
        self.members = {ground.board: _members(ground.logs["oracle"]) for ground in (asked, judged)}
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as into:
            into.writestr(MANIFEST_FILE, self.manifest)
            into.write(self.source / "logs/0.eval", "logs/0.eval")
        self.zip = made.getvalue()
        self.log = asked.logs["oracle"].read_bytes()
        self.events = (asked.board / EVENTS_FILE).read_bytes()

    def manifest_bytes(self, rng: random.Random) -> None:
        parse_manifest(bitten(self.manifest, rng).decode("utf-8", "replace"))

    def manifest_values(self, rng: random.Random) -> None:
        made = bent(self.told, rng)
        manifest = parse_manifest(spliced(json.dumps(made), made, rng))
        assert parse_manifest(manifest.text()) == manifest

    def votes_lines(self, rng: random.Random) -> None:
        path = self.folder / "votes.jsonl"
        lines = self.votes.splitlines(keepends=True)
        if rng.random() < 0.5:
            path.write_bytes(bitten(b"".join(rng.sample(lines, 2)), rng))
        else:
            path.write_text(json.dumps(bent(json.loads(rng.choice(lines)), rng)))
        read_votes_file(path)

    def chain(self, rng: random.Random) -> None:
        (self.folder / EVENTS_FILE).write_bytes(bitten(self.events, rng))
        read_events(self.folder)

    def submission_zip(self, rng: random.Random) -> None:
        path = self.folder / "submission.zip"
        path.write_bytes(bitten(self.zip, rng))
        shutil.rmtree(staging := self.folder / "staging", ignore_errors=True)
        staging.mkdir()
        receive(path, staging)

    def archive_bytes(self, rng: random.Random) -> None:
        path = self.folder / "bitten.eval"
        path.write_bytes(bitten(self.log, rng))
        check_archive(path)
        _header(path, self.asked.edition, self.source)

    def header_values(self, rng: random.Random) -> None:
        members = dict(self.members[self.asked.board])
        members["header.json"] = json.dumps(bent(json.loads(members["header.json"]), rng)).encode()
        path = self.folder / "header.eval"
        _packed(path, {"header.json": members["header.json"]})
        check_archive(path)
        _header(path, self.asked.edition, self.source)

    def log_values(self, rng: random.Random) -> None:
        """The whole check, on a log one of whose members was changed."""
        ground, source = rng.choice(((self.asked, self.source), (self.judged, self.voted)))
        members = dict(self.members[ground.board])
        names = [name for name in members if not name.startswith("_journal")]
        name = rng.choice(names)
        if rng.random() < 0.1:
            members[name] = bitten(members[name], rng)
        else:
            members[name] = json.dumps(bent(json.loads(members[name]), rng)).encode()
        _packed(source / "logs/0.eval", members)
        found = check(source, read_manifest(source), self.releases[ground.board], again=rng.random() < 0.7)
        assert all(str(problem).isprintable() for problem in found.problems)


SHARES = {
    "manifest_bytes": 30, "manifest_values": 30, "votes_lines": 16, "chain": 6, "submission_zip": 8,
    "archive_bytes": 6, "header_values": 3, "log_values": 1,
}  # fmt: skip
"""Of a hundred inputs."""


def inputs(readers: Readers, count: int, seed: int) -> Iterator[tuple[str, int, Callable[[], bool]]]:
    """Name, seed and a call that reads the input; it returns whether the input was taken."""
    for name, share in SHARES.items():
        for number in range(max(1, count * share // 100)):
            yield name, number, lambda name=name, number=number: _taken(readers, name, seed, number)


def _taken(readers: Readers, name: str, seed: int, number: int) -> bool:
    try:
        getattr(readers, name)(random.Random(f"{seed} {name} {number}"))
    except InputError as error:
        assert str(error).strip() and "\n" not in str(error)
        return False
    return True


def _members(log: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(log) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as into:
        for name, content in members.items():
            into.writestr(name, content)


def _header(path: Path, edition: Edition, source: Path) -> None:
    header = read_header(str(path))
    task = edition.task(header.eval.task)
    if task is not None:
        list(header_problems(header, task, edition, read_manifest(source)))
