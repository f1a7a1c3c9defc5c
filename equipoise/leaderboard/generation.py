"""Generation settings of the subject: what a run set, beyond what each task sets itself."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.log import EvalLog

Settings = dict[str, bool | int | float | str]

PLUMBING = {"max_connections", "max_retries", "timeout", "attempt_timeout", "cache", "batch", "adaptive_connections"}
"""Settings that change how a reply is fetched, not what it is."""

FREE = {"temperature", "top_p", "top_k", "min_p", "seed", "frequency_penalty", "presence_penalty", "repetition_penalty",
        "reasoning_effort", "reasoning_tokens"}  # fmt: skip
"""Settings that a submitter may choose where the edition does not fix them: makers recommend their own for a model.
Each choice is a row of its own."""


def made_with(log: "EvalLog") -> Settings:
    """The settings that held for the subject in a log: those of the task, of the run, and of the model."""
    of_model = log.eval.model_generate_config.model_dump(exclude_none=True)
    return _plain({**of_model, **log.plan.config.model_dump(exclude_none=True)})


def settings_of_run(logs: Iterable[tuple["EvalLog", "Task"]]) -> Settings:
    """What was set for the run: whatever a log has otherwise than its task sets it."""
    found: Settings = {}
    for log, task in logs:
        own = _plain(task.config.model_dump(exclude_none=True))
        found |= {name: value for name, value in made_with(log).items() if own.get(name) != value}
    return dict(sorted(found.items()))


def would_give(settings: Settings, task: "Task") -> Settings:
    """The settings that hold for the subject when a task is run with some of the run's own."""
    return {**_plain(task.config.model_dump(exclude_none=True)), **settings}


def is_standard(made: Settings, settings: Settings, fixed: Settings) -> bool:
    """Whether a log keeps to what an edition fixes, and the run set nothing else that says more than how to sample.

    Args:
        made: The settings that held in the log.
        settings: Those that were set for the run.
        fixed: Those of the edition.
    """
    kept = all(made.get(name) == value for name, value in fixed.items())
    return kept and set(settings) <= FREE | set(fixed)


def _plain(config: dict[str, Any]) -> Settings:
    """Scalars as they are, anything else as JSON."""
    return {
        name: value if isinstance(value, bool | int | float | str) else json.dumps(value, sort_keys=True, default=str)
        for name, value in sorted(config.items())
        if name not in PLUMBING
    }
