"""Fetch a file once at a pinned address, and keep it only if its checksum is right."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from equipoise.errors import InputError
from equipoise.harness.files import write_whole


def fetched(url: str, sha256: str, path: Path, fetch: Callable[[str], bytes] | None = None) -> Path:
    """The file at `path`, fetched from `url` if it is not there.

    Args:
        url: Address of one version that never changes, such as a commit's.
        sha256: Of the content, in hex.
        path: Where the file is kept.
        fetch: Stands in for the network.

    Raises:
        InputError: The address cannot be fetched, the checksum is wrong, or the folder cannot be written.
    """
    if not path.is_file():
        content = (fetch or _get)(url)
        if (found := hashlib.sha256(content).hexdigest()) != sha256:
            raise InputError(f"wrong checksum of {url}: expected {sha256[:16]}…, found {found[:16]}…")
        write_whole(path, lambda partial: partial.write_bytes(content))
    return path


def _get(url: str) -> bytes:
    import httpx

    try:
        response = httpx.get(url, follow_redirects=True, timeout=httpx.Timeout(60, connect=10))
        response.raise_for_status()
    except httpx.HTTPError as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{url} cannot be fetched ({reason}); give a path to the file instead") from None
    return response.content
