"""Results as JSON objects."""

from collections.abc import Collection
from dataclasses import fields
from math import isfinite
from typing import Any


def json_record(result: Any, hidden: Collection[str] = ()) -> dict[str, Any]:
    """The fields of a dataclass instance; NaN and infinities become null, which is all that JSON has for them."""
    found = {each.name: getattr(result, each.name) for each in fields(result) if each.name not in hidden}
    return {k: None if isinstance(v, float) and not isfinite(v) else v for k, v in found.items()}
