"""Scrub the members of an Inspect log, a zip archive of JSON."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from inspect_ai._util.zipfile import zip_dead_bytes, zipfile_compress_kwargs  # also teaches zipfile Zstandard

from equipoise.errors import InputError
from equipoise.leaderboard.submission.scrub import Found, Scrubber, chunks_of


def search(log: Path, scrubber: Scrubber) -> bool:
    """Whether a log must be written anew; a scrubber learns the secrets that it names, to find them without a name.

    A log whose header was replaced may still hold the earlier one, where no reader looks; it is written anew, too.

    Raises:
        InputError: The log cannot be read.
    """
    counts: Counter[str] = Counter()
    with _opened(log) as archive:
        for info in archive.NameToInfo.values():
            for _ in _scrubbed(archive, info, scrubber, counts, log):
                pass
        twice = len(archive.infolist()) > len(archive.NameToInfo)
        return bool(counts or archive.comment or twice or zip_dead_bytes(archive))


def scrub_log(log: Path, target: Path, scrubber: Scrubber) -> list[Found]:
    """Write a log anew without the secrets in it.

    Args:
        log: A `.eval` file.
        target: Where the copy goes.
        scrubber: Knows the secrets.

    Returns:
        What was taken out, by kind and member.

    Raises:
        InputError: The log cannot be read, or the id of a sample holds a secret.
    """
    found: list[Found] = []
    with _opened(log) as archive, ZipFile(target, "w", **zipfile_compress_kwargs) as made:
        for name, info in archive.NameToInfo.items():
            if scrubber.text(name) != name:
                raise InputError("holds a sample whose id looks like a secret", path=log)
            fresh = ZipInfo(name, info.date_time)
            fresh.compress_type, fresh.external_attr = info.compress_type, info.external_attr
            counts: Counter[str] = Counter()
            with made.open(fresh, "w", force_zip64=True) as member:
                for piece in _scrubbed(archive, info, scrubber, counts, log):
                    member.write(piece)
            found += [Found(kind, count, target.name, name) for kind, count in sorted(counts.items())]
    return found


def _opened(log: Path) -> ZipFile:
    try:
        return ZipFile(log)
    except (OSError, BadZipFile) as error:
        raise InputError(f"is not a readable Inspect log ({error})", path=log) from None


def _scrubbed(archive: ZipFile, info: ZipInfo, scrubber: Scrubber, counts: Counter[str], log: Path) -> Iterator[bytes]:
    """A member without secrets."""
    try:
        with archive.open(info) as member:
            yield from scrubber.json(chunks_of(member), counts)
    except (BadZipFile, ValueError, EOFError, NotImplementedError) as error:  # no UTF-8, no JSON, a wrong checksum
        first = str(error).splitlines()[:1]
        raise InputError(f"member {info.filename[:80]!r} cannot be read ({''.join(first):.100})", path=log) from None
