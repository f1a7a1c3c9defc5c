"""The sides that `compare`, `gate` and `power` are given on the command line."""

from typing import TYPE_CHECKING

import equipoise.tasks  # noqa: F401  (the families register their metrics, the judges their votes)

if TYPE_CHECKING:
    from equipoise.harness.compare import Side


def read_sides(*given: tuple[str, str]) -> "list[Side]":
    """Models of run folders, baselines or table files; all names are looked up before any table is read.

    Args:
        given: What was typed, and which model; empty = the only one that is not a control agent.

    Raises:
        InputError: Nothing is meant, it cannot be read, or it has to be told which model.
    """
    from equipoise.cli.results import say_partial
    from equipoise.harness.compare import one_model
    from equipoise.harness.runs import resolve
    from equipoise.harness.table import read_table

    sources = [(resolve(text), model) for text, model in given]
    tables = {}
    for source, _ in sources:
        if source.path not in tables:
            tables[source.path] = read_table(source.path)
            say_partial(source.path)
    return [one_model(tables[source.path], source.name, model, source.logs) for source, model in sources]
