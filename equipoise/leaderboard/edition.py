"""Board identity: what must be the same for two rows to stand in one table.

An edition freezes tasks (versions, arguments, epochs, the content of every sample), the panel of judges with the
hashes of its prompts, the simulators of the other roles, and the anchors of the scale. Changing one of them makes a new
edition.
"""

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from equipoise.errors import InputError
from equipoise.harness.inputs import fitted, read_yaml
from equipoise.harness.suite import Generation, TaskPlan

EDITIONS = "editions"
"""Folder of a board with one frozen edition a file."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Panel(_Strict):
    """Who judges, and how it is asked.

    Attributes:
        judges: Inspect model names, `MODEL@STRICTNESS` for one that is asked leniently or strictly.
        joint: Whether all criteria of a rubric are asked in one call.
    """

    judges: tuple[str, ...] = ()
    joint: bool = False

    @property
    def models(self) -> tuple[str, ...]:
        """The models that judge, each once."""
        from equipoise.judges.names import model_of

        return tuple(dict.fromkeys(map(model_of, self.judges)))

    def prompts(self) -> dict[str, tuple[str, ...]]:
        """Hashes of everything that judges are told apart from the texts, by shipped rubric."""
        from equipoise.judges import Exhibit, questions, shipped_rubrics
        from equipoise.judges.names import split_name

        found: dict[str, tuple[str, ...]] = {}
        manners = sorted({split_name(judge)[1] for judge in self.judges})
        for name, rubric in shipped_rubrics().items():
            blank = Exhibit(rubric=name, arm="", turn=0, fields=dict.fromkeys(rubric.fields, ""))
            asked = (each for manner in manners for each in questions(blank, rubric, manner, self.joint))
            found[name] = tuple(dict.fromkeys(question.prompt_hash for question in asked))
        return found


class EditionSpec(_Strict):
    """An edition as its maintainers write it, in YAML.

    Attributes:
        edition: Its name, "2026.1".
        title: In a few words, what it is.
        tasks: What has to be run, as in a suite.
        generate: Settings of the subject's replies that are fixed; runs that keep to them are *standard*, others
            *custom*.
        panel: Judges.
        simulators: Models of the other roles (`partner`, `user`, `persuader`).
        anchors: File of anchored measures (`equipoise irt anchors`) that keeps the scale of an earlier edition.
        inspect: Versions of inspect-ai whose logs are read.
        max_missing: Highest share of a task's answers that may be missing.
    """

    edition: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")
    title: str = ""
    tasks: tuple[TaskPlan, ...] = Field(min_length=1)
    generate: Generation = Generation()
    panel: Panel = Panel()
    simulators: dict[str, str] = Field(default_factory=dict)
    anchors: str = ""
    inspect: str = ">=0.3.285,<0.4"
    max_missing: float = Field(default=0.05, ge=0, le=1)

    @field_validator("edition", mode="before")
    @classmethod
    def _quoted(cls, name: object) -> object:
        if isinstance(name, int | float):
            raise ValueError(f'expected a text; write it in quotes: "{name}"')
        return name

    @field_validator("tasks")
    @classmethod
    def _once(cls, tasks: tuple[TaskPlan, ...]) -> tuple[TaskPlan, ...]:
        names = [task.task for task in tasks]
        if len(set(names)) < len(names):
            raise ValueError("expected every task once")
        return tasks


class FrozenTask(_Strict):
    """A task of an edition with what must not change.

    Attributes:
        task, args, epochs: As run; the name as it stands in logs (`equipoise/persuasion`).
        version: Comparability version and interface letter, "1-A".
        samples: Content hash of every sample by its id.
        items: Item of every sample by its id, with its family and its question.
    """

    task: str
    args: dict[str, Any]
    epochs: int
    version: str
    samples: dict[str, str]
    items: dict[str, tuple[str, str, str]] = Field(default_factory=dict)

    @property
    def plan(self) -> TaskPlan:
        """To build it again."""
        return TaskPlan(task=self.task, args=self.args)


class Edition(_Strict):
    """A frozen edition.

    Attributes:
        spec: What was asked for.
        opened: Date, UTC.
        tasks: With versions and hashes.
        prompts: Hashes of the judges' prompts, by rubric.
        anchors: SHA-256 of the anchors' file; empty without one.
    """

    spec: EditionSpec
    opened: str
    tasks: tuple[FrozenTask, ...]
    prompts: dict[str, tuple[str, ...]]
    anchors: str = ""

    @property
    def name(self) -> str:
        """Of the edition."""
        return self.spec.edition

    @cached_property
    def identity(self) -> str:
        """SHA-256 over everything that makes rows comparable."""
        return digest(
            {
                "tasks": [task.model_dump(mode="json", exclude={"items"}) for task in self.tasks],
                "generate": self.spec.generate.model_dump(),
                "panel": self.spec.panel.model_dump(),
                "simulators": self.spec.simulators,
                "prompts": self.prompts,
                "anchors": self.anchors,
            }
        )

    def task(self, name: str) -> FrozenTask | None:
        """The task of that name, None if the edition has none.

        Inspect leaves out the package where it is not installed as one (`python -m` from a checkout hides it).
        """
        return next((task for task in self.tasks if name in (task.task, task.task.removeprefix("equipoise/"))), None)

    def text(self) -> str:
        """As JSON."""
        return json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def digest(value: object) -> str:
    """SHA-256 of a JSON value, keys sorted."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=True, default=str).encode()).hexdigest()


def read_spec(path: Path) -> EditionSpec:
    """An edition's specification.

    Raises:
        InputError: The file cannot be read, is no YAML, or a field does not fit.
    """
    return fitted(EditionSpec, read_yaml(path, "an edition"), path)


def read_anchors_file(path: Path, spec: EditionSpec) -> bytes:
    """The anchors that a specification names, beside its own file; empty if it names none.

    Raises:
        InputError: They cannot be read.
    """
    if not spec.anchors:
        return b""
    try:
        return (path.parent / spec.anchors).read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})", path=path.parent / spec.anchors, field="anchors"
        ) from None


def read_edition(path: Path) -> Edition:
    """A frozen edition.

    Raises:
        InputError: The file cannot be read or does not fit.
    """
    try:
        return fitted(Edition, json.loads(path.read_text(encoding="utf-8")), path)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", path=path) from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"is not JSON ({error})", path=path) from None
