"""What the sycophancy items are: one pydantic schema per sub-task, one JSON object per line on disk."""

from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from equipoise.errors import InputError
from equipoise.tasks.questions import Problem, content_hash
from equipoise.tasks.questions.parse import parse_item, read_items, read_jsonl
from equipoise.tasks.questions.schema import Identified, Strict

Text = Annotated[str, Field(min_length=1)]


class Provenance(Identified):
    """What every item carries, repeated on each line on purpose: lines travel alone.

    Attributes:
        id: Stable identifier, unique in its file.
        family: Cluster for the intervals.
        domain: Field; domains are never pooled silently.
        source, licence, version, canary: Where it comes from and how it may be used.
        hash: First 16 hex digits of the SHA-256 of the item without this field.
    """

    family: Text
    domain: Text
    source: str = ""
    licence: str = ""
    version: str = ""
    canary: str = ""
    hash: str = ""


class Narrator(Provenance):
    """A conflict of two people with a case on both sides, told five times with the same facts.

    Attributes:
        first, second: Names of the two; `first` is the narrator of the first view of each pair.
        neutral: Third person, names both, takes no side.
        stripped: First person, bare facts, told by `first` and told by `second`.
        affective: First person with the narrator's feelings, told by `first` and told by `second`.
    """

    kind: Literal["narrator"]
    first: Text
    second: Text
    neutral: Text
    stripped: tuple[Text, Text]
    affective: tuple[Text, Text]


class Feedback(Provenance):
    """A short text to comment on.

    Attributes:
        genre: What it is, as it is named in the prompt ("poem", "argument", "cover letter").
        text: The text itself.
        quality: How good its author made it on purpose.
    """

    kind: Literal["feedback"]
    genre: Text
    text: Text
    quality: Literal["weak", "fair", "strong"]


class Premise(Strict):
    """A question that takes something for granted.

    Attributes:
        question: The question.
        statement: What it takes for granted, as a sentence that is true or false by itself.
    """

    question: Text
    statement: Text


class Presupposition(Provenance):
    """Twin questions about one subject: one rests on a false premise, one on a true one.

    Attributes:
        false, true: The twins.
        fact: What is the case, in one sentence.
    """

    kind: Literal["presupposition"]
    false: Premise
    true: Premise
    fact: Text


class Servant(Provenance):
    """A request that should be answered or refused, with or without a warning.

    Attributes:
        role: `benign`, `harmful_looking` (sounds dangerous, is not) and `harmful` are twins of one family;
            `advice` stands alone.
        prompt: The request.
        warning: Whether a good answer warns: `needed`, `unneeded`, or `""` where it does not matter (`harmful`).
        keys: What a real answer mentions: each group is a list of alternative words, one of each group is enough.
        warnings: Words of a warning that fits (only where it is needed).
    """

    kind: Literal["servant"]
    role: Literal["benign", "harmful_looking", "harmful", "advice"]
    prompt: Text
    warning: Literal["needed", "unneeded", ""]
    keys: tuple[tuple[Text, ...], ...] = ()
    warnings: tuple[Text, ...] = ()


KINDS: dict[str, type[Provenance]] = {
    "narrator": Narrator,
    "feedback": Feedback,
    "presupposition": Presupposition,
    "servant": Servant,
}
"""The schemas by the `kind` of their items; also the names of the shipped files."""

T = TypeVar("T", bound=Provenance)


def load(schema: type[T], source: str | Path = "own") -> list[T]:
    """Items of one kind, in file order: `own` (shipped), or a user's JSONL file.

    Raises:
        InputError: No such file, a broken line, a field that does not fit, a duplicate id.
    """
    kind = next(name for name, known in KINDS.items() if known is schema)
    shipped = Path(str(files(__package__) / "data" / f"{kind}.jsonl"))
    return read_items(shipped if str(source) == "own" else Path(source), schema)


def validate_records(
    path: Path, schema_of: Callable[[Mapping[str, Any]], type[Identified]]
) -> tuple[list[Identified], list[Problem]]:
    """Every item that parses, and every problem of the file, those included that the schemas cannot see.

    Args:
        path: JSONL file.
        schema_of: The schema that a record should have.

    Raises:
        InputError: The file cannot be read or is not JSONL at all.
    """
    items: dict[str, Identified] = {}
    problems: list[Problem] = []
    for line, record in read_jsonl(path):
        try:
            item = parse_item(record, path, line, schema_of(record))
        except InputError as error:
            problems.append(Problem(path, line, str(error.field), error.message))
            continue
        if item.id in items:
            problems.append(Problem(path, line, "id", f"duplicate id {item.id!r}"))
        items[item.id] = item
        problems += [Problem(path, line, field, message) for field, message in _problems(item)]
    return list(items.values()), problems


def _problems(item: Identified) -> Iterator[tuple[str, str]]:
    """Problems of one item that its schema cannot see, as (field, message)."""
    for field in ("source", "licence", "version", "canary"):
        if not getattr(item, field, ""):
            yield field, "is missing; expected where the item comes from and how it may be used"
    if (found := getattr(item, "hash", "")) != content_hash(item):
        yield "hash", f"expected {content_hash(item)!r} for this content, found {found!r}"
    if isinstance(item, Narrator):
        yield from _narrator(item)
    elif isinstance(item, Servant):
        yield from _servant(item)
    elif isinstance(item, Presupposition):
        if not all(premise.question.endswith("?") for premise in (item.false, item.true)):
            yield "question", "expected a question mark at the end"
        if not all(premise.statement.endswith(".") for premise in (item.false, item.true)):
            yield "statement", "expected a sentence that ends with a full stop"
    elif isinstance(item, Feedback) and not 40 <= len(item.text.split()) <= 160:
        yield "text", f"expected 40 to 160 words, found {len(item.text.split())}"


def _narrator(item: Narrator) -> Iterator[tuple[str, str]]:
    """The neutral view names both; a narrator names the other; views of a pair are of one length."""
    if not (item.first in item.neutral and item.second in item.neutral):
        yield "neutral", "expected it to name both people"
    for field in ("stripped", "affective"):
        pair = getattr(item, field)
        if item.second not in pair[0] or item.first not in pair[1]:
            yield field, "expected each narrator to name the other one"
        short, long = sorted(len(text.split()) for text in pair)
        if long - short > 0.25 * long:
            yield field, f"expected both views within 25% in words, found {short} and {long}"


def _servant(item: Servant) -> Iterator[tuple[str, str]]:
    if (item.role == "harmful") == bool(item.keys):
        yield "keys", "expected at least one group of words for an answer, and none for a harmful request"
    if (item.warning == "needed") != bool(item.warnings):
        yield "warnings", "expected words of a fitting warning if and only if a warning is needed"
    if (item.role == "harmful") != (item.warning == ""):
        yield "warning", "expected needed or unneeded, and nothing for a harmful request"
