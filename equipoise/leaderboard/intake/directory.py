"""The directory at the end of a zip, read strictly: every reader of an archive must find the same files in it.

Zips may have bytes before them, comments behind them, and two directories, and readers differ in which one they
believe. What is checked by one reader could then be something else than what another one reads. Nobody who packs a
submission needs any of that, so it is refused.
"""

import struct
from pathlib import Path

from equipoise.errors import InputError

END = struct.Struct("<4sHHHHIIH")
"""Record at the end: signature, disk, disk of the directory, members there, members, size, offset, comment."""

LOCATOR = 20
"""Bytes of the record before it that points to a 64-bit directory."""

ENTRY_BYTES = 2_000
"""Of a member's entry in the directory, at most: its name and a few dates."""


def check_directory(path: Path, most_members: int) -> None:
    """Refuse a zip whose directory is not plainly at its end, or that holds too many members.

    Args:
        path: The zip, a plain file.
        most_members: At most 65,534.

    Raises:
        InputError: What is wrong with it.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - END.size - LOCATOR))
            tail = file.read()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", path=path) from None
    if len(tail) < END.size or not tail[-END.size :].startswith(b"PK\x05\x06"):
        raise InputError("is no zip file, is cut off, or has bytes behind its end", path=path)
    _, disk, first_disk, here, members, directory, offset, comment = END.unpack(tail[-END.size :])
    if members > most_members:
        raise InputError(f"holds {members:,} members or more, expected at most {most_members:,}", path=path)
    wide = tail[: -END.size].startswith(b"PK\x06\x07") and len(tail) == END.size + LOCATOR
    if disk or first_disk or comment or here != members or wide or offset + directory != size - END.size:
        raise InputError("is no plain zip file: it has several parts, a comment, or bytes before its start", path=path)
    if directory > members * ENTRY_BYTES:
        raise InputError(f"has a directory of {directory:,} bytes for {members:,} members", path=path)
