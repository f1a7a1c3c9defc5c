"""How to cite a board: plain and as BibTeX."""

import re
from collections.abc import Mapping

from equipoise.leaderboard.site.inert import visible

SPECIAL = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#",
           "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}  # fmt: skip


def plain_citation(board: Mapping[str, str], year: str) -> str:
    """The board's own citation with its state, or one made of its title."""
    own = board["citation"].strip()
    if not own or own.startswith("@"):
        own = f"{board['maintainers'] or board['title']} ({year}). {board['title']}. {board['url']}".strip()
    return f"{own.rstrip('.')}. Edition {board['edition']}, event log {board['head'][:16]}."


def bibtex(board: Mapping[str, str], year: str) -> str:
    """The board's own entry if its citation is one, else one made of its profile."""
    if board["citation"].strip().startswith("@"):
        return board["citation"].strip()
    address = re.sub(r"[{}\s]", "", board["url"])
    fields = {
        "title": "{" + _tex(board["title"]) + "}", "author": "{" + _tex(board["maintainers"]) + "}", "year": year,
        "howpublished": rf"\url{{{address}}}" if address else "",
        "note": _tex(f"Edition {board['edition']}, event log {board['head'][:16]}"),
    }  # fmt: skip
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value not in ("", "{}"))
    key = re.sub(r"[^a-z0-9]+", "-", board["title"].lower()).strip("-") or "board"
    return f"@misc{{{key},\n{lines}\n}}"


def _tex(text: str) -> str:
    return "".join(SPECIAL.get(character, character) for character in visible(text))
