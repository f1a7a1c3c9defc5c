"""Frozen sets: a file of transcripts, rubrics and the votes that were given on them, to be voted on again later."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from equipoise.errors import InputError
from equipoise.harness.files import write_text
from equipoise.harness.inputs import fault
from equipoise.judges.names import model_of, split_name
from equipoise.judges.prompt import Question, questions
from equipoise.judges.rubric import Rubric
from equipoise.judges.vote import Exhibit, Vote

FORMAT = "equipoise frozen votes 1"


class FrozenVote(BaseModel):
    """A vote as it was, with all that is needed to ask for it again.

    Attributes:
        sample: Log and sample that the texts come from first; votes of one sample are not independent.
        rubric: Which of the file's rubrics.
        exhibit: The judged texts.
        joint: Whether all criteria were asked about in one call.
        vote: What it said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sample: str
    rubric: str
    exhibit: Exhibit
    joint: bool
    vote: Vote


class Frozen(BaseModel):
    """A frozen set.

    Attributes:
        rubrics: By a digest of their content.
        votes: All of them.
        left_out: Votes on the same logs that could not be frozen: they failed, or were given to another prompt than the
            one that would be shown today.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rubrics: dict[str, Rubric]
    votes: tuple[FrozenVote, ...]
    left_out: int = 0

    @property
    def judges(self) -> list[str]:
        """Names of the models that voted, without their strictness."""
        return sorted({model_of(each.vote.judge) for each in self.votes})

    def question(self, frozen: FrozenVote) -> Question:
        """The question that a frozen vote answered, as it would be asked today.

        Raises:
            InputError: It would be another one: the texts around the rubric have changed.
        """
        strictness = split_name(frozen.vote.judge)[1]
        asked = questions(frozen.exhibit, self.rubrics[frozen.rubric], strictness, frozen.joint)
        for question in asked:
            if frozen.vote.measure in {unit.measure for unit in question.units}:
                if question.prompt_hash == frozen.vote.prompt_hash:
                    return question
                raise InputError(
                    f"the prompt for {frozen.vote.measure!r} has changed since (hash {frozen.vote.prompt_hash}, now "
                    f"{question.prompt_hash}), so that votes cannot be compared; freeze new votes"
                )
        raise InputError(f"rubric {self.rubrics[frozen.rubric].name!r} has no measure {frozen.vote.measure!r}")


def write_frozen(frozen: Frozen, path: Path) -> None:
    """Write a set as JSONL: the rubrics on the first line, then a line per vote.

    Raises:
        InputError: The file cannot be written.
    """
    first = {"format": FORMAT, "rubrics": {name: each.model_dump(mode="json") for name, each in frozen.rubrics.items()}}
    lines = [json.dumps(first, ensure_ascii=False), *(vote.model_dump_json() for vote in frozen.votes)]
    write_text(path, "\n".join(lines) + "\n")


def read_frozen(path: Path) -> Frozen:
    """A set from its file.

    Raises:
        InputError: No such file, another format, or a line that does not fit.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", path=path) from None
    if not lines or FORMAT not in lines[0]:
        raise InputError(f"expected a file of `equipoise probe freeze` ({FORMAT!r})", path=path, line=1)
    first = _parsed(path, 1, lines[0], _Head)
    votes = [_parsed(path, line, text, FrozenVote) for line, text in enumerate(lines[1:], 2)]
    _check(path, first.rubrics, votes)
    return Frozen(rubrics=first.rubrics, votes=tuple(votes))


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: str
    rubrics: dict[str, Rubric]


def _parsed(path: Path, line: int, text: str, kind: type[Any]) -> Any:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        field, message = fault(error)
        raise InputError(message, path=path, line=line, field=field) from None


def _check(path: Path, rubrics: dict[str, Rubric], votes: Iterable[FrozenVote]) -> None:
    """Every vote has its rubric, and the texts that this shows."""
    line = 1
    for line, each in enumerate(votes, 2):
        if each.rubric not in rubrics:
            raise InputError(f"no rubric {each.rubric!r} on line 1", path=path, line=line, field="rubric")
        for name in rubrics[each.rubric].fields:
            if name not in each.exhibit.fields:
                raise InputError("expected this text", path=path, line=line, field=f"exhibit.fields.{name}")
    if line == 1:
        raise InputError("holds no votes", path=path)
