"""Names and words from files and models, made harmless for a terminal."""

from collections.abc import Iterable
from datetime import datetime

from equipoise.harness.names import bare_name


def plain(text: str) -> str:
    """Without what would steer a terminal or cannot be encoded; for `click.echo`."""
    return "".join(c if c.isprintable() else "�" for c in text)


def safe(text: str) -> str:
    """Also without markup; for `rich`."""
    from rich.markup import escape

    return escape(plain(text))


def some(names: Iterable[str], most: int = 3) -> list[str]:
    """The first few of short names, and how many more there are."""
    found = list(dict.fromkeys(map(bare_name, names)))
    return [*found[:most], *([f"+{len(found) - most} more"] if len(found) > most else [])]


def minute(time: datetime | None) -> str:
    """A time in UTC to the minute; a dash where there is none."""
    return f"{time:%Y-%m-%d %H:%M}" if time else "–"
