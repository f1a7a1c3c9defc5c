"""Checks of task arguments: one line that names the argument and what was expected."""

from collections.abc import Sequence

from equipoise.errors import InputError


def whole(field: str, value: object, least: int, most: int | None = None) -> None:
    """A whole number within its bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least or (most is not None and value > most):
        span = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise InputError(f"expected a whole number {span}, found {value!r}", field=field)


def one_of(field: str, value: object, allowed: Sequence[str]) -> None:
    """One of a few names."""
    if value not in allowed:
        raise InputError(f"expected one of {', '.join(allowed)}; found {value!r}", field=field)


def names(field: str, value: str | Sequence[str], allowed: Sequence[str]) -> list[str]:
    """A comma-separated list of names (Inspect's own command line hands it over as a list), each once, in order."""
    parts = value.split(",") if isinstance(value, str) else value
    found = list(dict.fromkeys(str(part).strip() for part in parts if str(part).strip()))
    if not found:
        raise InputError(f"expected at least one of {', '.join(allowed)}", field=field)
    for name in found:
        one_of(field, name, allowed)
    return found
