"""Which passes over the ratings are used: numpy's, always there, or their compiled twin (extra `fast`)."""

from typing import Literal, get_args

from equipoise.errors import InputError
from equipoise.judges.irt.engine.newton import Passes

Engine = Literal["auto", "numpy", "numba"]
_PAYS = 2_000_000  # ratings from which a fit saves more than loading numba takes (measured: some half a second)


def passes(engine: Engine, size: int) -> Passes:
    """The two passes over the ratings.

    Args:
        engine: "numpy"; "numba" (compiled once per machine, some ten seconds, then loaded in one); or "auto", which is
            numba where it is installed and there are two million ratings or more.
        size: Number of ratings to be fitted.

    Raises:
        InputError: The engine is unknown, or numba is asked for and cannot be imported.
    """
    if engine not in get_args(Engine):
        raise InputError(f"expected one of {', '.join(get_args(Engine))}, found '{engine}'", field="engine")
    if engine == "numpy" or (engine == "auto" and size < _PAYS):
        return Passes()
    try:
        from equipoise.judges.irt.engine import compiled
    except ImportError as error:
        if engine == "auto":
            return Passes()
        raise InputError(f"numba cannot be used ({error}): pip install 'equipoise[fast]'", field="engine") from None
    return Passes(compiled.gradient, compiled.information)
