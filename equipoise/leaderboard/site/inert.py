"""What others wrote, made safe to show: hidden characters become visible, JSON a script that only holds data."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters, marks that turn the writing direction, invisible ones, and halves of characters."""

BREAKS = re.compile(r"(?<=[_/:=,@])(?=\w)|(?<=\.)(?=[^\W\d])")
"""Where a long name may be broken."""

TELLING = re.compile(r"\\[ubfr]|\x7f")
ESCAPE = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\r\\n|\\u....|\\.")
CONTROLS = {"b": "\b", "f": "\f", "r": "\r"}
"""Escapes of JSON, pairs of halves first; a text without the telling ones has nothing to hide."""


def visible(text: str) -> str:
    """The text with every hidden character written out, as ⟨U+202E⟩. Joiners stay: scripts and emoji need them."""
    if text.isascii() and text.isprintable():
        return text
    return HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text.replace("\r\n", "\n"))


def shown(value: Any) -> Any:
    """What a template prints instead of a value: markup of our own as it is, other text made visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def soft(text: str) -> Markup:
    """The text with places where a long name may break: after _ . / : = , and @, but not inside of a number."""
    return Markup("<wbr>").join(escape(part) for part in re.split(BREAKS, visible(text)))


def web_link(url: str) -> str:
    """The address if it is one of the web, else nothing."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") and not re.search(r"\s", url) else ""
    except ValueError:
        return ""


def script(name: str, value: object) -> str:
    """A script that hands data to the page: pages from files may load scripts, but not fetch.

    Args:
        name: Under which the page asks for the data.
        value: Anything that JSON knows. NaN and infinity become null.
    """
    try:
        text = json.dumps([name, value], allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps([name, _finite(value)], allow_nan=False, separators=(",", ":"))
    if TELLING.search(text):
        text = ESCAPE.sub(_escape, text).replace("\x7f", _written(0x7F))
    text = text.replace("<", "\\u003c").replace(">", "\\u003e")
    return f"equipoise.put(...{text});\n"


def _escape(found: re.Match[str]) -> str:
    """An escape of JSON, or a hidden character written out. Done on the whole text, which is far faster than before."""
    escape = found[0]
    if len(escape) == 2:
        return _written(ord(CONTROLS[escape[1]])) if escape[1] in CONTROLS else escape
    if escape == "\\r\\n":
        return "\\n"
    character = json.loads(f'"{escape}"')
    return _written(ord(character)) if HIDDEN.match(character) else escape


def _written(code: int) -> str:
    return f"\\u27e8U+{code:04X}\\u27e9"


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return value


def slugs(names: list[str]) -> list[str]:
    """A file name for every name, all different: lower-case letters, digits and hyphens.

    Args:
        names: In a fixed order: of two that fall together, the later one gets a number.
    """
    found: list[str] = []
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "task"
        slug, number = plain, 2
        while slug in found:
            slug, number = f"{plain}-{number}", number + 1
        found.append(slug)
    return found
