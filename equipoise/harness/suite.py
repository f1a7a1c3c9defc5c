"""Suites: YAML files that say which tasks are run, with which arguments, limits, epochs and roles."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from equipoise.errors import InputError
from equipoise.harness.inputs import fitted, read_yaml


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Strict):
    """Limits of one sample, by Inspect's names; a sample that is stopped by one is missing, never wrong.

    Attributes:
        time_limit: Seconds on the clock.
        working_limit: Seconds without waiting for rate limits.
        message_limit: Messages.
        token_limit: Tokens.
    """

    time_limit: int | None = Field(default=None, gt=0)
    working_limit: int | None = Field(default=None, gt=0)
    message_limit: int | None = Field(default=None, gt=0)
    token_limit: int | None = Field(default=None, gt=0)


class TaskPlan(_Strict):
    """One task to run.

    Attributes:
        task: Its name: one of ours, or any that Inspect finds (`package/task`).
        args: Its arguments.
        epochs: Repeats of every sample.
        limits: Limits of its samples.
    """

    task: str
    args: dict[str, Any] = Field(default_factory=dict)
    epochs: int | None = Field(default=None, gt=0)
    limits: Limits = Limits()


class Generation(_Strict):
    """Generation settings of the subject, by Inspect's names."""

    temperature: float | None = Field(default=None, ge=0)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, gt=0)


class Suite(_Strict):
    """A set of tasks that are run together.

    Attributes:
        name, description: What it is, and what it is for.
        tasks: What is run.
        generate: Settings of the subject's replies, in all tasks.
        roles: Models of roles, comma-separated, where the command line names none.
        required_roles: Roles that the command line must name.
    """

    name: str
    description: str = ""
    tasks: tuple[TaskPlan, ...] = Field(min_length=1)
    generate: Generation = Generation()
    roles: dict[str, str] = Field(default_factory=dict)
    required_roles: tuple[str, ...] = ()


def shipped_suites() -> dict[str, Path]:
    """The suites that come with the package, by name."""
    folder = Path(str(files("equipoise") / "suites"))
    found = {path.stem: path for path in folder.glob("*.yaml")}
    return {name: found[name] for name in sorted(found, key=lambda name: ("quick", "standard", "full").index(name))}


def load_suite(source: str) -> Suite:
    """A suite by the name of a shipped one, or from a YAML file.

    Raises:
        InputError: No such file, broken YAML, or a key or value that does not fit, with file and field.
    """
    path = shipped_suites().get(source, Path(source))
    loaded = read_yaml(path, "a suite")
    if not isinstance(loaded, dict):
        raise InputError("expected a mapping with at least name and tasks", path=path)
    return fitted(Suite, loaded, path)
