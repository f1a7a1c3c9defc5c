"""The one exception that means: the input is at fault, and here is where."""

from pathlib import Path


class InputError(ValueError):
    """Bad input, told in one line that names file, line, field and expectation.

    The command line prints the message and exits with 2; nothing has been written by then.

    Args:
        message: What was found and what was expected.
        path: File at fault, if any.
        line: 1-based line in that file, if any.
        field: Field at fault, if any.
    """

    def __init__(
        self,
        message: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        field: str | None = None,
    ) -> None:
        where = str(path) if path is not None else ""
        if line is not None:
            where += f":{line}"
        parts = [where, f"field '{field}'" if field else "", message]
        super().__init__(": ".join(part for part in parts if part))
        self.message, self.path, self.line, self.field = message, path, line, field
