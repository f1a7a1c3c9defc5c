"""Ways to write an instruction so that a filter, but perhaps not a judge, misses it."""

import base64
import codecs
from collections.abc import Callable, Mapping

_SIGNS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. "
    "----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. .-.-.-"
)
_MORSE = dict(zip("abcdefghijklmnopqrstuvwxyz0123456789.", _SIGNS.split(), strict=True))
_LEET = str.maketrans("aegiost", "4361057")
_TAGS = 0xE0000
"""Start of Unicode's tag characters, which copy ASCII and are not shown."""

_FULLWIDTH = 0xFEE0
"""From an ASCII character to its fullwidth form."""


def _morse(text: str) -> str:
    words = text.casefold().split()
    return " / ".join(" ".join(_MORSE[letter] for letter in word if letter in _MORSE) for word in words)


ENCODINGS: Mapping[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "hex": lambda text: text.encode().hex(" "),
    "morse": _morse,
    "reversed": lambda text: text[::-1],
    "leet": lambda text: text.casefold().translate(_LEET),
    "fullwidth": lambda text: "".join(chr(ord(c) + _FULLWIDTH) if "!" <= c <= "~" else c for c in text),
    "html": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "tags": lambda text: "".join(chr(ord(c) + _TAGS) if " " <= c <= "~" else c for c in text),
    "spaced": lambda text: "   ".join(" ".join(word) for word in text.split()),
}
"""By name; all but `leet`, `morse`, which fold case, can be undone."""
