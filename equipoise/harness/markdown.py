"""Names and texts of others inside Markdown that we write: as text, never as markup."""

import html
import re


def cell(text: object) -> str:
    """Plain text on one line: no markup, no table cell of its own, no mention of anybody."""
    return re.sub(r"([\\`*_{}\[\]#|~@!])", r"\\\1", html.escape(_line(text), quote=False))


def code(text: object) -> str:
    """A code span that a table cell can hold; a dash for an empty text, of which there is no span."""
    line = _line(text)
    return f"`{line.replace('`', chr(39)).replace('|', '¦')}`" if line else "–"


def _line(text: object) -> str:
    """On one line, control characters and the like as replacement characters."""
    return " ".join("".join(c if c.isprintable() else " " if c.isspace() else "�" for c in str(text)).split())
