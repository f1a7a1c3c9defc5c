"""What the logs themselves tell about a run."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from inspect_ai.log import EvalLog

from equipoise.errors import InputError
from equipoise.harness.metadata import model_revision
from equipoise.leaderboard.generation import Settings, made_with, settings_of_run, would_give
from equipoise.leaderboard.manifest import Code, code_of
from equipoise.leaderboard.submission.choose import Choice

if TYPE_CHECKING:
    from inspect_ai import Task

Value = TypeVar("Value")

CODE = {
    "equipoise": "version of equipoise",
    "inspect_ai": "version of inspect_ai",
    "commit": "commit",
    "dirty": "local changes",
}
"""Fields of `Code` in words."""


class Facts(NamedTuple):
    """Facts of all logs of a submission.

    Attributes:
        provider: First part of the model's name.
        revision: Of the model, empty where the logs do not tell.
        generation: What the run set for the subject's replies, beyond what each task sets itself.
        code: Versions that ran it.
    """

    provider: str
    revision: str
    generation: Settings
    code: Code


def facts(choice: Choice, tasks: "Mapping[str, Task]") -> Facts:
    """Facts from the headers of the chosen logs.

    Args:
        choice: The logs.
        tasks: The edition's tasks, built, by name.

    Raises:
        InputError: Two logs tell different things; both are named.
    """
    headers = {log.path.name: log.header for log in choice.logs.values()}
    _same(headers, "arguments of the model", lambda log: _json(log.eval.model_args), shown=False)
    return Facts(
        provider=choice.model.split("/", 1)[0] if "/" in choice.model else "",
        revision=_same(headers, "revision of the model", lambda log: model_revision(log.eval)),
        generation=_generation(choice, tasks),
        code=_code(headers),
    )


def _same(headers: dict[str, EvalLog], what: str, read: Callable[[EvalLog], Value], shown: bool = True) -> Value:
    """What all logs agree on; what may hold a secret is not shown where they do not."""
    told = [(name, read(header)) for name, header in headers.items()]
    (first, value), *others = told
    for name, other in others:
        if other != value:
            one, two = (f"{_told(value)} in ", f"{_told(other)} in ") if shown else ("", "")
            raise InputError(
                f"logs of one submission differ in the {what}: {one}{first}, {two}{name}; run them with one setting"
            )
    return value


def _told(value: object) -> str:
    return repr(value)[:80] if value not in ("", None) else "none"


def _code(headers: dict[str, EvalLog]) -> Code:
    """What all logs tell of the code that made them."""
    parts: dict[str, Any] = {
        name: _same(headers, told, lambda log, name=name: getattr(code_of(log), name))  # type: ignore[misc]
        for name, told in CODE.items()
    }
    return Code(**parts)


def _generation(choice: Choice, tasks: "Mapping[str, Task]") -> Settings:
    logs = {log.path.name: (log.header, tasks[name]) for name, log in choice.logs.items()}
    settings = settings_of_run(logs.values())
    other = [name for name, (log, task) in logs.items() if made_with(log) != would_give(settings, task)]
    if other:
        first = next(name for name in logs if name != other[0])
        raise InputError(
            f"logs of one submission differ in the generation settings: {first}, {other[0]}; run them with one setting"
        )
    return settings


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
