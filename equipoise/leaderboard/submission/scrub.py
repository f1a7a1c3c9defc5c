"""Take keys, tokens and names of people's folders out of texts and JSON.

What stands in for a secret depends on the text alone: a log that is replayed from its recorded replies meets the same
texts on both sides.
"""

import getpass
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import quote

from equipoise.leaderboard.submission.patterns import LIKELY_KEY, PLACEHOLDERS, RULES, START, SURE_KEY, Rule, is_random

SECRET_VARIABLES = re.compile(r"(?i).*_(?:API_KEY|ACCESS_KEY|SECRET_KEY|TOKEN|SECRET|PASSWORD)")
"""Names of environment variables whose values are secrets."""

SHORTEST = 8
"""Letters of a value that is looked for: shorter ones are part of ordinary words."""

NOBODY = {
    "root", "user", "ubuntu", "debian", "admin", "runner", "nobody", "ec2-user", "vscode", "jovyan", "codespace",
    "docker", "app", "test", "guest", "default", "home", "users", "mnt", "data", "work", "workspace",
}  # fmt: skip
"""Names of accounts that tell nothing of a person."""

CHUNK = 1 << 20
_LITERAL = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+("?)', re.DOTALL)
_MARK = "[removed:"
_PLAIN = 100_000
"""Short strings that are remembered as holding nothing: keys of objects come a million times."""


class Found(NamedTuple):
    """Secrets that were taken out at one place.

    Attributes:
        kind: What they were.
        times: How many.
        file: In the submission.
        place: Member of a log, or line of the votes.
    """

    kind: str
    times: int
    file: str
    place: str


class Scrubber:
    """Knows what must not leave this machine.

    Args:
        environment: Variables; the values of those that are named like secrets are looked for.
        home, user: Folder and name of the person; empty = not looked for.

    Attributes:
        variables: Names of those whose values were met in what was scrubbed so far, in the order of the environment.
    """

    def __init__(self, environment: Mapping[str, str], home: str = "", user: str = "") -> None:
        self._values: dict[str, str] = {}
        self._variables: dict[str, list[str]] = {}
        self._met: set[str] = set()
        self._plain: set[bytes] = set()
        for name, value in environment.items():
            if SECRET_VARIABLES.fullmatch(name) and value.strip().casefold() not in PLACEHOLDERS:
                for form in self._know(value.strip(), "environment-variable"):
                    self._variables.setdefault(form, []).append(name)
        self._paths = _path_rules(home, user)

    @classmethod
    def of_this_machine(cls) -> "Scrubber":
        """With the environment, home and user of this process."""
        try:
            user = getpass.getuser()
        except (OSError, KeyError):
            user = ""
        return cls(os.environ, str(Path.home()), user)

    @property
    def variables(self) -> tuple[str, ...]:
        """See the class."""
        names = (name for form, names in self._variables.items() if form in self._met for name in names)
        return tuple(dict.fromkeys(names))

    def text(self, text: str, found: Counter[str] | None = None) -> str:
        """A text without secrets.

        Args:
            text: Any.
            found: How many of each kind were taken out is added to it.
        """
        counts: Counter[str] = Counter() if found is None else found
        for value, kind in self._values.items():
            if value in text:
                counts[kind] += text.count(value)
                self._met.add(value)
                text = text.replace(value, f"{_MARK}{kind}]")
        lower = text.lower()
        for rule in (*RULES, *self._paths):
            if any(hint in lower for hint in rule.hints):
                text = self._apply(rule, text, counts)
        return text

    def json(self, chunks: Iterable[bytes], found: Counter[str]) -> Iterator[bytes]:
        """JSON, or lines of it, without secrets in its strings; all else stays as it is, byte for byte.

        Strings are found without parsing, so that only one of them is held in memory besides the chunk.

        Args:
            chunks: Bytes, split anywhere.
            found: How many of each kind were taken out is added to it.

        Raises:
            UnicodeDecodeError, ValueError: A string that is none in UTF-8 JSON.
        """
        key, size = b"", 0
        ready: list[bytes] = []
        for raw, between in _strings(chunks):
            colon = between.strip(b" \t\r\n")
            clean = self._literal(raw, key if colon in (b":", b",") else b"", colon == b":", found) if raw else raw
            ready += [between, clean]
            size += len(between) + len(clean)
            key = raw
            if size > CHUNK:
                yield b"".join(ready)
                ready, size = [], 0
        yield b"".join(ready)

    def _literal(self, raw: bytes, before: bytes, named: bool, found: Counter[str]) -> bytes:
        """A string of JSON, scrubbed; the very object that was given if it holds nothing.

        Args:
            raw: With its quotes.
            before: The string before it, if only a colon or comma is between them.
            named: Whether that is its key.
            found: See `json`.
        """
        named = named and before not in self._plain
        before = b"" if before in self._plain else before
        if raw in self._plain and not before:
            return raw
        text = json.loads(raw, strict=False) if b"\\" in raw else raw[1:-1].decode("utf-8")
        clean = self.text(text, found)
        if before and _MARK not in clean and self._is_secret(before, named, clean):
            clean = f"{_MARK}named-secret]"
            found["named-secret"] += 1
        if clean != text:
            return json.dumps(clean).encode("ascii")
        if len(raw) < 64 and len(self._plain) < _PLAIN and not LIKELY_KEY.fullmatch(text):
            self._plain.add(raw)
        return raw

    def _is_secret(self, before: bytes, named: bool, text: str) -> bool:
        """Whether a string is one for what it is called; one that looks random is one wherever it stands."""
        if len(text) < SHORTEST or any(c.isspace() for c in text) or text.casefold() in PLACEHOLDERS:
            return False
        name = json.loads(before, strict=False)
        if is_random(text) and len(text) >= 12 and LIKELY_KEY.fullmatch(name):
            self._learn(text)
            return True
        return named and bool(SURE_KEY.fullmatch(name)) and not text.startswith(("<", "$", "{"))

    def _apply(self, rule: Rule, text: str, counts: Counter[str]) -> str:
        def instead(match: re.Match[str]) -> str:
            whole = match.group()
            secret = match.group("secret") if "secret" in rule.pattern.groupindex else whole
            if rule.random and not is_random(secret):
                return whole
            counts[rule.kind] += 1
            if rule.kind in ("home-path", "user-path"):
                return whole.replace(secret, "~") if secret != whole else "~"
            if rule.kind in ("named-secret", "bearer-token"):
                self._learn(secret.rstrip(".!"))
            start = match.start("secret") - match.start() if secret != whole else 0
            return f"{whole[:start]}{_MARK}{rule.kind}]{whole[start + len(secret) :]}"

        return rule.pattern.sub(instead, text)

    def _learn(self, value: str) -> None:
        """A secret that is known by its name only is looked for everywhere, under any name or none."""
        if value not in self._values and is_random(value) and len(value) >= 12:
            self._know(value, "named-secret")

    def _know(self, value: str, kind: str) -> set[str]:
        """Look for a value from now on, in the forms that are returned."""
        if len(value) < SHORTEST:
            return set()
        forms = {value, quote(value, safe=""), json.dumps(value)[1:-1], repr(value)[1:-1]}
        for form in sorted(forms):
            self._values.setdefault(form, kind)
        self._values = dict(sorted(self._values.items(), key=lambda entry: -len(entry[0])))
        self._plain.clear()
        return forms


def chunks_of(stream: IO[bytes]) -> Iterator[bytes]:
    """The content of an open file, a chunk at a time."""
    while chunk := stream.read(CHUNK):
        yield chunk


def _strings(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The strings of JSON with their quotes, each with what stands before it; at the end no string, and the rest."""
    held, waiting = b"", b""
    for chunk in chunks:
        waiting += chunk
        if len(waiting) < len(held):  # a long string is searched again only when it has doubled
            continue
        data, end, waiting = held + waiting, 0, b""
        for match in _LITERAL.finditer(data):
            if not match.group(1):  # it goes on in the next chunk
                break
            yield match.group(), data[end : match.start()]
            end = match.end()
        held = data[end:]
    tail, end = held + waiting, 0
    for match in _LITERAL.finditer(tail):
        if match.group(1):
            yield match.group(), tail[end : match.start()]
            end = match.end()
    yield b"", tail[end:]


def _path_rules(home: str, user: str) -> tuple[Rule, ...]:
    """Rules for the folder and the name of a person; none for accounts that are everybody's."""
    found = []
    name = re.split(r"[\\/]", home.rstrip("\\/"))[-1]
    if len(home) > 3 and name.casefold() not in NOBODY:
        first, *parts = map(re.escape, re.split(r"[\\/]+", home.rstrip("\\/")))
        below = r"[\\/]+".join(parts)
        path = re.compile(rf"{START}{first}[\\/]{below}(?![A-Za-z0-9_-]|\.\w)")
        found.append(Rule("home-path", (name.lower(),), path))
    if len(user) > 2 and user.casefold() not in NOBODY:
        start = r"(?:(?<![\w.~/\\])|(?<=\\[nrt]))(?!(?<=:)//)(?:[A-Za-z]:)?"  # of an absolute path, not of a URL
        below = rf"{start}(?:[\\/]+[\w.@+~-]+)*?[\\/]+(?P<secret>{re.escape(user)})(?=[\\/]|$)"
        found.append(Rule("user-path", (user.lower(),), re.compile(below)))
    return tuple(found)
