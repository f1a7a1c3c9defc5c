"""Input files as models: YAML that is read, and values that fit or are told with file and field."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from equipoise.errors import InputError

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path, expected: str, texts: bool = False) -> Any:
    """The content of a YAML file.

    Args:
        path: The file.
        expected: What it should be, for the message: "a suite".
        texts: Leave every scalar the text that it is (`no` is no false, 1.10 keeps its zero).

    Raises:
        InputError: The file cannot be read, or is no YAML.
    """
    try:
        content = path.read_text(encoding="utf-8")
        return yaml.load(content, Loader=yaml.BaseLoader if texts else yaml.SafeLoader)  # both build plain values alone
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}); expected {expected} in YAML", path=path) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = " ".join(str(getattr(error, "problem", error)).split())
        raise InputError(f"broken YAML ({reason})", path=path, line=mark.line + 1 if mark else None) from None


def fitted(kind: type[Model], content: object, path: Path | str, line: int | None = None) -> Model:
    """A model from plain values.

    Args:
        kind: The model.
        content: The values.
        path: Where they come from, for the message.
        line: Where in it.

    Raises:
        InputError: A value does not fit.
    """
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        field, message = fault(error)
        raise InputError(message, path=path, line=line, field=field) from None


def fault(error: ValidationError) -> tuple[str | None, str]:
    """Field and message of the first thing that does not fit."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or None
    known = first["type"] == "extra_forbidden"
    return field, "unknown key" if known else first["msg"].removeprefix("Value error, ")
