"""What the commands that ask judges share: their models, and a bar while votes come in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspect_ai.model import Model

    from equipoise.judges import Tally
    from equipoise.judges.calls import Watch


def judge_models(given: Iterable[str], max_connections: int, max_retries: int) -> "list[Model]":
    """The models of `--judge A --judge B,C`, each once."""
    from inspect_ai.model import GenerateConfig

    from equipoise.harness.run import build_model

    config = GenerateConfig(max_connections=max_connections, max_retries=max_retries)
    names = [name.strip() for text in given for name in text.split(",")]
    return [build_model(name, {"config": config}) for name in dict.fromkeys(names)]


def split(text: str) -> tuple[str, ...]:
    """Comma-separated words."""
    return tuple(part.strip() for part in text.split(","))


@contextmanager
def votes_bar(quiet: bool) -> "Iterator[Watch]":
    """A bar on stderr; not before there is something to show, so that bad input stays one line."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("votes"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    bar = Progress(*columns, TextColumn("{task.description}"), console=Console(stderr=True), disable=quiet)
    task = bar.add_task("", total=None)

    def show(tally: "Tally") -> None:
        bar.start()
        missing = sum(tally.missing.values())
        said = f"[red]{missing} missing" if missing else ""
        bar.update(task, total=tally.votes, completed=tally.cached + tally.made, description=said)

    try:
        yield show
    finally:
        if bar.live.is_started:
            bar.stop()
