"""The sides that `compare`, `gate` and `power` are given on the command line."""

from typing import TYPE_CHECKING

import equipoise.tasks  # noqa: F401  (the families register their metrics, the judges their votes)

if TYPE_CHECKING:
    from equipoise.harness.compare import Side


def read_side(text: str, model: str = "") -> "Side":
    """One model of a run folder, a baseline or a table file.

    Args:
        text: As it was typed.
        model: Which model; empty = the only one that is not a control agent.

    Raises:
        InputError: Nothing is meant, it cannot be read, or it has to be told which model.
    """
    from equipoise.cli.results import say_partial
    from equipoise.harness.compare import one_model
    from equipoise.harness.runs import resolve
    from equipoise.harness.table import read_table

    source = resolve(text)
    say_partial(source.path)
    return one_model(read_table(source.path), source.name, model, source.logs)
