"""ALOE's released personas (Wu et al., arXiv 2410.03642; github.com/ShujinWu-0814/ALOE), from a user's folder.

The files carry no licence and are not shipped: a folder is read, or they are downloaded at a pinned commit. Each line
is a bare JSON string, but one line holds two and one file has no final newline, so the values are decoded one after
the other, whatever the lines.
"""

import hashlib
import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import platformdirs

from equipoise.errors import InputError
from equipoise.tasks.aloe.personas import Persona, crossed
from equipoise.tasks.aloe.pools import Personality, Pool, Profile
from equipoise.tasks.download import fetched
from equipoise.tasks.questions.parse import parse_item

COMMIT = "b1b8285e3a759c8f7d9b84034447c89857f02e98"
URL = f"https://raw.githubusercontent.com/ShujinWu-0814/ALOE/{COMMIT}/datasets/{{name}}"
RELEASED = {
    "profile.jsonl": "da50fe0d650f8ec39c21fd425fdb3f6a63f6cf0153ddf0cfede597b83f533918",
    "personality.jsonl": "6b62c41a029a60c27a51113869cb69060e061078d9c20ab580de88ca70e38b07",
    "profile_eval.jsonl": "3d58a1d36fb2b6a39069ebd5f65b7ac34894f3fbe36a05ac0eb5779c4fde9652",
    "personality_eval.jsonl": "01251b2537c838cf417fad652c692ede14182875b834f821bbc7e8b74dd53cc6",
}
"""The files of personas with the SHA-256 of their bytes at the pinned commit."""

SPACE = re.compile(r"[ \t\n\r]*")
LEADING = re.compile(r"(She|He|They)\b")


def released_cases(folder: Path, personalities: str = "five") -> list[Persona]:
    """The evaluation cases, profile by profile: 20 x 5 = 100, or 20 x 7 = 140 with `all`.

    Personalities keep their own pronouns, as in the released evaluation: 46 of the 100 cases mix She and He.

    Args:
        folder: Holds `profile_eval.jsonl` and `personality_eval.jsonl`. A file that differs from the pinned one is
            read with a warning, since it may be a later version.
        personalities: `five` or `all`.

    Raises:
        InputError: A missing or broken file, a value that is no text or an empty one, a profile that does not begin
            with a pronoun.
    """
    pool = _read(folder, "profile_eval.jsonl", "personality_eval.jsonl", prefix="")
    return crossed(pool, personalities)


def released_pool(folder: Path) -> Pool:
    """The texts for training data: 331 profiles and 71 personalities.

    Args:
        folder: Holds `profile.jsonl` and `personality.jsonl`; checked as in `released_cases`.

    Raises:
        InputError: As `released_cases`.
    """
    return _read(folder, "profile.jsonl", "personality.jsonl", prefix="pool-")


def downloaded(fetch: Callable[[str], bytes] | None = None) -> Path:
    """The folder of the released files in the user cache, fetched where they are not there.

    Raises:
        InputError: A file cannot be fetched, or its checksum is not the pinned one.
    """
    folder = Path(platformdirs.user_cache_dir("equipoise")) / "aloe" / COMMIT[:12]
    for name, sha256 in RELEASED.items():
        fetched(URL.format(name=name), sha256, folder / name, fetch)
    return folder


def _read(folder: Path, profiles: str, personalities: str, prefix: str) -> Pool:
    """Both files of one split; ids count from 1 in file order."""
    facts, traits = folder / profiles, folder / personalities
    return Pool(
        [_profile(facts, line, f"{prefix}profile{i:02d}", text) for i, (line, text) in enumerate(read_texts(facts), 1)],
        [
            parse_item({"id": f"{prefix}personality{i:02d}", "text": text}, traits, line, Personality)
            for i, (line, text) in enumerate(read_texts(traits), 1)
        ],
    )


def _profile(path: Path, line: int, name: str, text: str) -> Profile:
    leading = LEADING.match(text)
    if leading is None:
        message = f"expected a profile that begins with She, He or They, found {text[:20]!r}"
        raise InputError(message, path=path, line=line)
    return parse_item({"id": name, "text": text, "pronoun": leading.group().lower()}, path, line, Profile)


def read_texts(path: Path) -> list[tuple[int, str]]:
    """Every JSON string of a file with the line it begins on, stripped of outer white space.

    Warns when the file is not the one at the pinned commit.

    Raises:
        InputError: No such file, not UTF-8, broken JSON, another kind of value, an empty text, no text at all.
    """
    content = _checked(path)
    try:
        document = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 (byte {error.start})", path=path) from None
    decoder = json.JSONDecoder()
    found: list[tuple[int, str]] = []
    start = _next(document, 0)
    while start < len(document):
        line = document.count("\n", 0, start) + 1
        try:
            value, end = decoder.raw_decode(document, start)
        except (ValueError, RecursionError) as error:
            raise InputError(f"broken JSON ({error})", path=path, line=line) from None
        if not isinstance(value, str):
            raise InputError(f"expected a JSON string, found {type(value).__name__}", path=path, line=line)
        if not value.strip():
            raise InputError("expected a text, found an empty string", path=path, line=line)
        found.append((line, value.strip()))
        start = _next(document, end)
    if not found:
        raise InputError("is empty; expected one JSON string per line", path=path)
    return found


def _next(document: str, start: int) -> int:
    """Where the next value begins."""
    space = SPACE.match(document, start)
    return space.end() if space else start


def _checked(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}); expected a file of ALOE's personas", path=path) from None
    if (digest := hashlib.sha256(content).hexdigest()) != RELEASED.get(path.name):
        message = f"{path} is not the file at ALOE's commit {COMMIT[:12]} (its sha256 begins with {digest[:16]})"
        warnings.warn(f"{message}; its personas may differ from the published ones", stacklevel=2)
    return content
