"""Inspect's logs are zip files: what comes out of them is bounded before anything reads them."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from equipoise.errors import InputError

MOST_MEMBERS = 200_000
MOST_MEMBER_BYTES = 64_000_000
"""Of one unpacked member: a sample with its events."""

MOST_UNPACKED_BYTES = 2_000_000_000
"""Of a log."""

MEMBER = re.compile(r"(_journal/([a-z_]+/)?[A-Za-z0-9_.-]+|samples/[^/\\]+|header|summaries|reductions)\.json")
"""What Inspect puts into a log; an unfinished one has no header yet."""

STORED, DEFLATED, ZSTANDARD = 0, 8, 93
LOCAL_HEADER = struct.Struct("<4s22xHH")
BLOCK = 1 << 18


def check_archive(path: Path) -> None:
    """Refuse a log that is no zip, or that unpacks to more than a log may have.

    Every member is unpacked once, in blocks that are thrown away: the sizes that a zip states of itself may be lies.

    Raises:
        InputError: What is wrong with it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise InputError(f"holds {len(members):,} members, expected at most {MOST_MEMBERS:,}", path=path)
        names: set[str] = set()
        left = MOST_UNPACKED_BYTES
        with path.open("rb") as file:
            for member in members:
                name = member.filename
                if not MEMBER.fullmatch(name) or ".." in name.split("/"):
                    raise InputError(f"holds {name[:80]!a}, which is no part of a log", path=path)
                if name in names:
                    raise InputError(f"holds {name[:80]!a} twice", path=path)
                names.add(name)
                size = sum(len(block) for block in _unpacked(file, member, path))
                left -= size
                if left < 0:
                    raise InputError(f"unpacks to more than {MOST_UNPACKED_BYTES:,} bytes", path=path)
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"is not a readable Inspect log ({str(error)[:120]!a})", path=path) from None


def _unpacked(file: IO[bytes], member: zipfile.ZipInfo, path: Path) -> Iterator[bytes]:
    """A member in blocks, up to the most that one may have."""
    import zstandard

    file.seek(member.header_offset)
    signature, name, extra = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise InputError(f"is damaged at its member {member.filename[:80]!a}", path=path)
    file.seek(name + extra, 1)
    packed = _blocks(file, member.compress_size)
    if member.compress_type == STORED:
        blocks = packed
    elif member.compress_type == DEFLATED:
        blocks = _inflated(packed)
    elif member.compress_type == ZSTANDARD:
        blocks = iter(zstandard.ZstdDecompressor().read_to_iter(cast("IO[bytes]", _Reader(packed))))
    else:
        raise InputError(f"uses an unknown compression ({member.compress_type})", path=path)
    size = 0
    try:
        for block in blocks:
            size += len(block)
            if size > MOST_MEMBER_BYTES:
                raise InputError(
                    f"{member.filename[:80]!a} unpacks to more than {MOST_MEMBER_BYTES:,} bytes", path=path
                )
            yield block
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None


def _blocks(file: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(BLOCK, size))):
        size -= len(block)
        yield block


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for block in packed:
        data = block
        while data:
            yield inflate.decompress(data, BLOCK)
            data = inflate.unconsumed_tail


class _Reader:
    """Blocks as a file, which is how zstandard wants its input."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, b""

    def read(self, size: int) -> bytes:
        while not self._rest:
            block = next(self._blocks, b"")
            if not block:
                return b""
            self._rest = block
        head, self._rest = self._rest[:size], self._rest[size:]
        return head
