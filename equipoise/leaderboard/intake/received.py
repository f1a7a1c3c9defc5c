"""A private copy of what was submitted, so that what is checked is what is kept.

The source is a folder or a zip of one. Only the files that the manifest names are taken, each with the size and hash
that it states; links are not followed. Everything behind this works on the copy.
"""

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO

from equipoise.errors import InputError
from equipoise.leaderboard.intake.directory import check_directory
from equipoise.leaderboard.intake.problems import printable
from equipoise.leaderboard.manifest import LOGS, MANIFEST_FILE, MOST_BYTES, Manifest, parse_manifest

MOST_FILE_BYTES = 512_000_000
"""Of one log or of the votes."""

MOST_TOTAL_BYTES = 4_000_000_000
"""Of all of them."""

MOST_FILES = 5_000
"""In a folder or zip that is handed in."""

BLOCK = 1 << 20


def receive(source: Path, staging: Path) -> Manifest:
    """Copy a submission into an empty folder of ours.

    Args:
        source: Folder, or a zip file of one.
        staging: Empty folder on the board's disk.

    Returns:
        The manifest. `staging` then holds it, the logs and the votes; nothing else.

    Raises:
        InputError: No submission, files that are not as the manifest says, links, names that lead elsewhere, or sizes
            beyond all reason.
    """
    opener = _Folder(source) if _is_folder(source) else _Zip(source)
    with opener as files:
        text = b"".join(files.blocks(MANIFEST_FILE, MOST_BYTES))
        try:
            manifest = parse_manifest(text.decode("utf-8"), source / MANIFEST_FILE)
        except UnicodeDecodeError:
            raise InputError("is not UTF-8", path=source / MANIFEST_FILE) from None
        _check_names(manifest, files.names(), source)
        (staging / LOGS).mkdir()
        for place, stated in enumerate(manifest.files):
            field = f"files.{place}"
            if stated.bytes > MOST_FILE_BYTES:
                raise InputError(f"is larger than {MOST_FILE_BYTES:,} bytes", path=source / stated.path, field=field)
            found, size = hashlib.sha256(), 0
            with (staging / stated.path).open("xb") as target:
                for block in files.blocks(stated.path, stated.bytes):
                    found.update(block)
                    size += len(block)
                    target.write(block)
            if size != stated.bytes:
                raise InputError(
                    f"has {size:,} bytes, the manifest says {stated.bytes:,}", path=source / stated.path, field=field
                )
            if found.hexdigest() != stated.sha256:
                raise InputError("has another SHA-256 than the manifest says", path=source / stated.path, field=field)
    # Not the bytes that came: with a key in it twice they would tell another reader something else.
    (staging / MANIFEST_FILE).write_text(manifest.text(), encoding="utf-8")
    return manifest


def _is_folder(source: Path) -> bool:
    """Whether it is a folder rather than a file; anything else (a pipe, a device) could be read without end."""
    try:
        mode = source.stat().st_mode
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise InputError(f"is not there ({what}); expected a submission's folder or a zip of it", path=source) from None
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise InputError("is neither a folder nor a plain file", path=source)
    return stat.S_ISDIR(mode)


def _check_names(manifest: Manifest, there: set[str], source: Path) -> None:
    """What is there is what the manifest names: no more, no less, and each once."""
    stated = [file.path for file in manifest.files]
    folded = [name.casefold() for name in stated]
    for place, name in enumerate(folded):
        if name in folded[:place]:
            raise InputError(f"names {stated[place]} twice", path=source / MANIFEST_FILE, field=f"files.{place}.path")
    if sum(file.bytes for file in manifest.files) > MOST_TOTAL_BYTES:
        raise InputError(f"the files have more than {MOST_TOTAL_BYTES:,} bytes", path=source / MANIFEST_FILE)
    if missing := [name for name in stated if name not in there]:
        raise InputError("the manifest names it, and it is not there", path=source / missing[0])
    if more := sorted(there - set(stated) - {MANIFEST_FILE}):
        raise InputError("is no part of a submission, or the manifest does not name it", path=source / _shown(more[0]))


def is_submission(source: Path) -> bool:
    """Whether there is something that could be checked: a folder with a manifest, or a zip."""
    return (source / MANIFEST_FILE).is_file() if source.is_dir() else source.is_file() and zipfile.is_zipfile(source)


class _Folder:
    """Files of a folder; nothing that is not a plain file is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> "_Folder":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def names(self) -> set[str]:
        try:
            found = set(islice(self._below(self.path, ""), MOST_FILES + 1))
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror})", path=self.path) from None
        if len(found) > MOST_FILES:
            raise InputError(f"holds more than {MOST_FILES:,} files", path=self.path)
        return found

    def _below(self, folder: Path, prefix: str) -> Iterator[str]:
        for entry in os.scandir(folder):
            name = prefix + entry.name
            if entry.is_symlink():
                raise InputError("is a link; expected plain files", path=self.path / _shown(name))
            if entry.is_dir():
                if name != LOGS:
                    raise InputError(f"is a folder; expected {LOGS} alone", path=self.path / _shown(name))
                yield from self._below(Path(entry.path), f"{name}/")
            else:
                yield name

    def blocks(self, name: str, most: int) -> Iterator[bytes]:
        try:
            handle = os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            what = "is a link" if (self.path / name).is_symlink() else f"cannot be read ({error.strerror})"
            raise InputError(f"{what}; expected a plain file", path=self.path / name) from None
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise InputError("is no plain file", path=self.path / name)
            yield from _bounded(file, most, self.path / name)


class _Zip:
    """Files of a zip; nothing is unpacked but what is asked for, and not beyond the size that was stated."""

    def __init__(self, path: Path) -> None:
        self.path = path
        check_directory(path, MOST_FILES)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, struct.error, OSError, ValueError, RuntimeError) as error:
            what = "is neither a submission's folder nor a zip of it"
            raise InputError(f"{what} ({_shown(str(error))})", path=path) from None
        self._names: dict[str, zipfile.ZipInfo] = {}

    def __enter__(self) -> "_Zip":
        try:
            files = [entry for entry in self._zip.infolist() if not entry.is_dir()]
            root = _common_root([entry.filename for entry in files])
            for entry in files:
                name = entry.filename.removeprefix(root)
                parts = PurePosixPath(entry.filename).parts
                if ".." in parts or entry.filename.startswith("/") or "\\" in entry.filename or ":" in entry.filename:
                    raise InputError(
                        f"holds the name {_shown(entry.filename)!r}, which leads elsewhere", path=self.path
                    )
                if stat.S_ISLNK(entry.external_attr >> 16):
                    raise InputError(f"holds the link {_shown(entry.filename)!r}; expected plain files", path=self.path)
                if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise InputError(f"packs {_shown(name)!r} in an unusual way; expected deflate", path=self.path)
                if name in self._names:
                    raise InputError(f"holds {_shown(name)!r} twice", path=self.path)
                self._names[name] = entry
        except BaseException:
            self._zip.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def names(self) -> set[str]:
        return set(self._names)

    def blocks(self, name: str, most: int) -> Iterator[bytes]:
        if name not in self._names:
            raise InputError("is not in the zip; expected a submission", path=self.path / name)
        try:
            with self._zip.open(self._names[name]) as file:
                yield from _bounded(file, most, self.path / name)
        except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"cannot be unpacked ({_shown(str(error))})", path=self.path / name) from None


def _common_root(names: list[str]) -> str:
    """A zip may hold the files themselves, or the folder with them."""
    if MANIFEST_FILE in names:
        return ""
    first = names[0].partition("/")[0] + "/" if names and "/" in names[0] else ""
    return first if first and f"{first}{MANIFEST_FILE}" in names else ""


def _bounded(file: IO[bytes], most: int, path: Path) -> Iterator[bytes]:
    """A file in blocks, as long as it has not more bytes than it may have."""
    left = most
    while block := file.read(min(BLOCK, left + 1)):
        if len(block) > left:
            raise InputError(f"has more than {most:,} bytes", path=path)
        left -= len(block)
        yield block


def _shown(text: str) -> str:
    """A name that we did not choose, for a message."""
    return printable(text, 120)
