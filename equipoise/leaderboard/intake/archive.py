"""Inspect's logs are zip files: what comes out of them is bounded before anything reads them."""

import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from equipoise.errors import InputError
from equipoise.leaderboard.intake.directory import check_directory

MOST_MEMBERS = 65_000
MOST_MEMBER_BYTES = 64_000_000
"""Of one unpacked member: a sample with its events."""

MOST_UNPACKED_BYTES = 2_000_000_000
"""Of a log."""

MOST_NODES = 2_000_000
"""Lists and objects in a member: each takes some hundred bytes of memory, and two in the file."""

MOST_MESSAGES = 500_000
"""Messages of a sample, each counted as often as a call refers to it."""

MEMBER = re.compile(r"(_journal/([a-z_]+/)?[A-Za-z0-9_.-]+|samples/[^/\\]+|header|summaries|reductions)\.json")
"""What Inspect puts into a log; an unfinished one has no header yet."""

STORED, DEFLATED, ZSTANDARD = 0, 8, 93
LOCAL_HEADER = struct.Struct("<4s22xHH")
BLOCK = 1 << 18


def check_archive(path: Path) -> None:
    """Refuse a log that is no zip, or that unpacks to more than a log may have.

    Every member is unpacked once, in blocks: the sizes that a zip states of itself may be lies.

    Raises:
        InputError: What is wrong with it.
    """
    check_directory(path, MOST_MEMBERS)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
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
                left -= _check_member(file, member, path)
                if left < 0:
                    raise InputError(f"unpacks to more than {MOST_UNPACKED_BYTES:,} bytes", path=path)
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, NotImplementedError) as error:
        raise InputError(f"is not a readable Inspect log ({str(error)[:120]!a})", path=path) from None


def _check_member(file: IO[bytes], member: zipfile.ZipInfo, path: Path) -> int:
    """Unpack a member and look at it; returns its size."""
    name = f"{member.filename[:80]!a}"
    kept: list[bytes] | None = [] if member.filename.startswith("samples/") else None
    size = nodes = 0
    for block in _unpacked(file, member, path):
        size += len(block)
        nodes += block.count(b"[") + block.count(b"{")
        if nodes > MOST_NODES:
            raise InputError(f"{name} holds more than {MOST_NODES:,} lists and objects", path=path)
        if kept is not None:
            kept.append(block)
    if size != member.file_size or _has_wide_sizes(member):
        raise InputError(f"{name} unpacks to {size:,} bytes, its zip says {member.file_size:,}", path=path)
    if kept is not None and _messages(b"".join(kept), name, path) > MOST_MESSAGES:
        raise InputError(f"{name} refers to more than {MOST_MESSAGES:,} messages", path=path)
    return size


def _has_wide_sizes(member: zipfile.ZipInfo) -> bool:
    """Whether a second set of sizes stands in the directory, for files beyond 4 GiB; readers take it differently."""
    extra, at = member.extra, 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            return True
        at += 4 + length
    return False


def _messages(text: bytes, name: str, path: Path) -> int:
    """How many messages a sample's calls unfold to: a few bytes of references can stand for any number."""
    try:
        sample = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{name} is not JSON that can be read", path=path) from None
    if not isinstance(sample, dict):
        raise InputError(f"{name} is no sample", path=path)
    pools = sample.get("events_data")
    lists = [pool for pool in pools.values() if isinstance(pool, list)] if isinstance(pools, dict) else []
    longest = max(map(len, lists), default=0)
    tries = [sample, *_objects(sample.get("error_retries"))]
    events = [event for each in tries for event in _objects(each.get("events"))]
    total = 0
    for event in events:
        call = event.get("call")
        for refs in (event.get("input_refs"), call.get("call_refs") if isinstance(call, dict) else None):
            total += sum(_span(ref, longest) for ref in refs) if isinstance(refs, list) else 0
    return total


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; none if it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _span(ref: Any, longest: int) -> int:
    """Messages between both ends of a reference; at most what there is."""
    try:
        start, end = ref
        return min(longest, end - start) if start >= 0 <= end else longest
    except (TypeError, ValueError):
        return 0  # no reference: the log cannot be read


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
        blocks = _expanded(packed)
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
    if not inflate.eof or inflate.unused_data:
        raise ValueError("a member is cut off, or has bytes behind its end")


def _expanded(packed: Iterator[bytes]) -> Iterator[bytes]:
    """All frames: a reader that goes on behind the first one must not find more than we do."""
    import zstandard

    source = cast("IO[bytes]", _Reader(packed))
    with zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True) as reader:
        while block := reader.read(BLOCK):
            yield block


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
