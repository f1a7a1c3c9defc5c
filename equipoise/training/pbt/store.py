"""The files that grow with the trees: one object a line, appended as it arrives, read again when a run goes on."""

import json
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from equipoise.errors import InputError
from equipoise.harness.inputs import fitted
from equipoise.tasks.questions import Asked, Belief
from equipoise.training.pbt.node import Node

NODES_FILE = "nodes.jsonl"
VERDICTS_FILE = "same_content.jsonl"


class Verdict(BaseModel):
    """What the filter model said of two answers to a question.

    Attributes:
        id: Of the question and the two answers.
        item: The question.
        answers: The two, in alphabetical order.
        same: Whether they are the same in other words.
    """

    id: str
    item: str
    answers: tuple[str, str]
    same: bool

    @classmethod
    def key(cls, asked: Asked, one: Belief, other: Belief) -> str:
        """Identifier of a verdict; answers are normalised texts, so no two pairs share one."""
        return "|".join((asked.item, *sorted((one.answer, other.answer))))


Line = TypeVar("Line", bound=BaseModel)


class Lines(Generic[Line]):
    """The objects of a JSONL file by id.

    A last line without its line feed is what a killed process left: it is cut off. So only one process at a time may
    have them, see `equipoise.harness.files.locked`; whoever just looks takes `read_nodes`.

    Args:
        path: The file; made with the first object.
        kind: What a line holds; has an `id`.

    Raises:
        InputError: The file cannot be read, or a whole line does not fit.
    """

    def __init__(self, path: Path, kind: type[Line]) -> None:
        self.path = path
        self.found: dict[str, Line] = {_id(line): line for line in _read(path, kind, repair=True)}

    def add(self, line: Line) -> None:
        """Keep an object.

        Raises:
            InputError: The disk is full, or the file cannot be written.
        """
        text = f"{line.model_dump_json()}\n"
        try:
            with self.path.open("ab") as file:
                file.write(text.encode())
        except OSError as error:
            raise InputError(
                f"cannot be written ({error.strerror}); what had arrived is kept, run the same command to go on",
                path=self.path,
            ) from None
        self.found[_id(line)] = line


def read_nodes(folder: Path) -> list[Node]:
    """The nodes of a folder in the order in which they arrived; a line that is half written is left alone.

    Raises:
        InputError: There are none, or a line does not fit.
    """
    path = folder / NODES_FILE
    if not path.is_file():
        raise InputError("no such file; expected a folder of dialogue trees", path=path)
    return list(_read(path, Node))


def _read(path: Path, kind: type[Line], repair: bool = False) -> list[Line]:
    if not path.exists():
        return []
    try:
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if repair and len(whole) < len(content):
            with path.open("r+b") as file:
                file.truncate(len(whole))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", path=path) from None
    return [_parsed(raw, kind, path, number) for number, raw in enumerate(whole.splitlines(), 1)]


def _id(line: BaseModel) -> str:
    return str(line.id)  # type: ignore[attr-defined]


def _parsed(raw: bytes, kind: type[Line], path: Path, number: int) -> Line:
    try:
        record = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InputError(f"broken JSON ({error})", path=path, line=number) from None
    return fitted(kind, record, path, number)
