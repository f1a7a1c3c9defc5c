"""What logs cannot tell: asked for in a YAML file, as options, or at the terminal. One list of fields serves all."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from equipoise.errors import InputError
from equipoise.harness.inputs import read_yaml
from equipoise.leaderboard.manifest import Disclosure, Line, Manifest, ModelCard

FROM_LOGS = ("model", "provider")
"""Fields of the model that only logs tell; they may leave its revision open."""

HEAD = """\
# What logs cannot tell about a run. Fill it in, then:
#   equipoise submit RUN --board BOARD -o FOLDER --card THIS_FILE
"""


@dataclass(frozen=True)
class Asked:
    """A field that a person fills in.

    Attributes:
        name: In the card; as an option with dashes.
        about: What it means.
        required: Whether it must be given.
        choices: What it may be, where that is a list.
        number: Whether it is a whole number.
    """

    name: str
    about: str
    required: bool
    choices: tuple[str, ...]
    number: bool

    @property
    def option(self) -> str:
        """Its name on the command line."""
        return f"--{self.name.replace('_', '-')}"


@dataclass(frozen=True)
class Card:
    """The answers, checked."""

    model: ModelCard
    disclosure: Disclosure
    contact: str


def _docs(model: type[BaseModel]) -> dict[str, str]:
    """What the docstring says of each attribute."""
    told = (inspect.getdoc(model) or "").partition("Attributes:")[2]
    entries = re.findall(r"^ {4}(\w+): (.+(?:\n {5,}.+)*)", told, re.MULTILINE)
    return {name: " ".join(text.replace("`", "").split()) for name, text in entries}


def _asked(model: type[BaseModel], *names: str) -> list[Asked]:
    docs = _docs(model)
    return [_field(name, docs[name], model.model_fields[name]) for name in names or model.model_fields]


def _field(name: str, about: str, field: FieldInfo) -> Asked:
    kinds = [field.annotation, *get_args(field.annotation)]
    choices = [value for kind in kinds if get_origin(kind) is Literal for value in get_args(kind) if value]
    return Asked(name, about, field.is_required(), tuple(choices), int in kinds and NoneType not in kinds)


ASKED = (
    *_asked(ModelCard, *(name for name in ModelCard.model_fields if name not in FROM_LOGS)),
    *_asked(Disclosure),
    *_asked(Manifest, "contact"),
)
"""All of them, in the order of the manifest."""


def template() -> str:
    """A card to be filled in."""
    parts = [HEAD]
    for field in ASKED:
        notes = [field.about]
        if field.choices:
            notes.append(f"One of: {', '.join(field.choices)}.")
        if field.number:
            notes.append("A whole number.")
        notes.append("Required." if field.required else "May stay empty.")
        parts.append(f"# {' '.join(notes)}\n{field.name}:\n")
    return "\n".join(parts)


def read_card(path: Path) -> dict[str, str]:
    """The fields that a card fills in, as text: a `no` in it means no.

    Raises:
        InputError: The file cannot be read, is no YAML, or has a field that nobody asked for.
    """
    loaded = read_yaml(path, "a card", texts=True)
    if not isinstance(loaded, dict):
        raise InputError("expected a mapping; equipoise submit --card-template prints one", path=path)
    known = {field.name for field in ASKED}
    for name, value in loaded.items():
        if name not in known:
            raise InputError("unknown field; equipoise submit --card-template shows all", path=path, field=str(name))
        if not isinstance(value, str):
            raise InputError("expected a text or number", path=path, field=name)
    return {name: value for name, value in loaded.items() if value.strip()}


def missing(given: Mapping[str, str]) -> list[Asked]:
    """Required fields without an answer."""
    return [field for field in ASKED if field.required and not given.get(field.name, "").strip()]


def fill(given: Mapping[str, str], told: Mapping[str, str]) -> Card:
    """The card from all answers.

    Args:
        given: What people answered, by field.
        told: `model`, `provider` and, if they know it, `revision` of the logs.

    Raises:
        InputError: Fields are missing or do not fit, all of them named; or the card contradicts the logs.
    """
    answers: dict[str, Any] = {name: value.strip() for name, value in given.items() if value.strip()}
    stated = answers.get("revision", "")
    if told.get("revision") and stated not in ("", told["revision"]):
        raise InputError(f"the logs say {told['revision']!r}, the card {stated!r}", field="revision")
    wrong = {field.name: f"missing ({field.about})" for field in missing(answers)}
    for field in ASKED:
        if field.number and (text := answers.get(field.name)):
            if re.fullmatch(r"-?\d{1,18}", text):
                answers[field.name] = int(text)
            else:
                wrong[field.name] = f"expected a whole number, found {text[:40]!r}"
    answers.update({name: value for name, value in told.items() if value})
    model = _checked(ModelCard, answers, wrong)
    disclosure = _checked(Disclosure, answers, wrong)
    contact = _line(answers.get("contact", ""), wrong)
    if wrong or model is None or disclosure is None:
        raise InputError(
            f"fields of the card: {'; '.join(f'{name}: {text}' for name, text in wrong.items())}. "
            "Give them with --card FILE (equipoise submit --card-template prints one) or as options"
        )
    return Card(model, disclosure, contact)


def _checked(kind: type[Any], answers: Mapping[str, Any], wrong: dict[str, str]) -> Any:
    try:
        return kind.model_validate({name: answers[name] for name in kind.model_fields if name in answers})
    except ValidationError as error:
        for each in error.errors(include_url=False):
            wrong.setdefault(".".join(map(str, each["loc"])), _said(each["msg"]))
        return None


def _line(contact: str, wrong: dict[str, str]) -> str:
    """The contact, checked as the manifest will check it."""
    try:
        return TypeAdapter(Line).validate_python(contact)
    except ValidationError as error:
        wrong.setdefault("contact", _said(error.errors()[0]["msg"]))
        return ""


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")
