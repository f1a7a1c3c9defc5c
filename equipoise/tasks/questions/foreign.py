"""Question sets that were not made for us: any table of questions and answers, from a file or from a hub.

Columns are named in the source itself, `hf:allenai/sciq?split=test&question=question&answer=correct_answer`, so
that one task argument says everything. Such items carry no appeals: they serve the tasks that need none.
"""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from equipoise.errors import InputError
from equipoise.tasks.questions.matching import normalise
from equipoise.tasks.questions.parse import parse_item, read_jsonl
from equipoise.tasks.questions.schema import Item

YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class Columns(NamedTuple):
    """Which column holds what.

    Attributes:
        question, answer: Names; the answer may be a text, a list of aliases, or a choice by its text, label, letter
            or index (from 0; a number is an index first, a text is a choice's text first).
        choices: Column of the options (a list, or `{"text": [...], "label": [...]}`); empty for open questions.
        wrong: Columns of wrong answers, comma-separated; with them the question is multiple choice.
        id: Column of a stable id; empty = the row number.
        domain: Name of the set in the long table.
        boolean: Whether answers are yes or no.
    """

    question: str = "question"
    answer: str = "answer"
    choices: str = ""
    wrong: str = ""
    id: str = ""
    domain: str = ""
    boolean: str = ""


def load_records(source: str) -> list[Item]:
    """Items of a CSV, JSON or JSONL file: `FILE?question=…&answer=…`.

    Raises:
        InputError: No such file, an unknown option, a column that is not there, an answer that does not fit.
    """
    name, options = _split(source)
    path = Path(name)
    columns = _columns(options, path.stem)
    return _items(_rows(path), columns, path)


def load_huggingface(source: str) -> list[Item]:
    """Items of a set on the Hugging Face hub: `OWNER/NAME?split=…&config=…&revision=…&question=…&answer=…`.

    Needs the package `datasets` (`pip install datasets`) and a network. Name a `revision` (a commit) where figures
    are to be compared.

    Raises:
        InputError: `datasets` is not installed, the set cannot be loaded, or a column is not there.
    """
    name, options = _split(source)
    place = {key: options.pop(key, None) for key in ("split", "config", "revision")}
    columns = _columns(options, name.rsplit("/", 1)[-1])
    try:
        from datasets import load_dataset
    except ImportError:
        raise InputError(f"hf:{name} needs the package 'datasets': pip install datasets") from None
    try:
        rows = load_dataset(name, place["config"], split=place["split"] or "test", revision=place["revision"])
    except Exception as error:  # hub, network and builder errors share no base class
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"hf:{name} cannot be loaded ({reason:.160})") from None
    return _items(enumerate(rows, 1), columns, Path(f"hf:{name}"))


def _items(rows: Iterable[tuple[int, dict[str, Any]]], columns: Columns, path: Path) -> list[Item]:
    """The rows as items, each id once, and at least one."""
    items: list[Item] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        item: Item = parse_item(_record(row, number, columns, path), path, number)
        if item.id in seen:
            message = f"duplicate id {item.id!r}, first on line {seen[item.id]}"
            raise InputError(message, path=path, line=number, field=columns.id)
        seen[item.id] = number
        items.append(item)
    if not items:
        raise InputError("holds no questions", path=path)
    return items


def _split(source: str) -> tuple[str, dict[str, str]]:
    name, _, query = source.partition("?")
    return name, dict(parse_qsl(query, keep_blank_values=True))


def _columns(options: dict[str, str], domain: str) -> Columns:
    if unknown := set(options) - set(Columns._fields):
        allowed = ", ".join(Columns._fields)
        raise InputError(f"unknown option; expected one of {allowed}", field=sorted(unknown)[0])
    if options.get("boolean", "yes") not in ("", "yes", "no"):
        raise InputError(f"expected yes or no, found {options['boolean']!r}", field="boolean")
    return Columns(**{"domain": domain, **options})


def _rows(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    """Line (or row) numbers and records of a file; its ending says how to read it."""
    if path.suffix == ".jsonl":
        yield from read_jsonl(path)
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read ({error})", path=path) from None
    if path.suffix == ".csv":
        reader = csv.DictReader(io.StringIO(text, newline=""))
        try:
            for row in reader:
                yield reader.line_num, row
        except csv.Error as error:
            raise InputError(f"broken CSV ({error})", path=path, line=reader.line_num) from None
        return
    if path.suffix != ".json":
        raise InputError("expected a file that ends with .csv, .json or .jsonl", path=path)
    try:
        records = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"broken JSON ({error})", path=path) from None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise InputError("expected a JSON list of objects", path=path)
    yield from enumerate(records, 1)


def _record(row: dict[str, Any], number: int, columns: Columns, path: Path) -> dict[str, Any]:
    """One row in our schema."""

    def cell(name: str) -> Any:
        if row.get(name) in (None, "", []):
            raise InputError("is empty or absent", path=path, line=number, field=name)
        return row[name]

    question = str(cell(columns.question)).strip()
    stated = cell(columns.answer)
    name = str(cell(columns.id)) if columns.id else f"{number:05d}"
    if columns.boolean == "yes":
        answers = _boolean(stated, path, number, columns.answer)
    elif columns.wrong:
        names = [name.strip() for name in columns.wrong.split(",")]
        wrong = [str(row[name]) for name in names if _there(row, name, path, number)]
        right = _aliases(stated, path, number, columns.answer)[0]
        answers = _choice([right, *wrong], 0, path, number, columns.wrong)
    elif columns.choices:
        texts, place = _chosen(cell(columns.choices), stated, columns, path, number)
        answers = _choice(texts, place, path, number, columns.choices)
    else:
        answers = {"kind": "open", "gold": _aliases(stated, path, number, columns.answer), "targeted": False}
    identity = f"{columns.domain}-{name}"
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in identity).lstrip("-_")
    return {
        "id": safe,
        "family": safe,
        "domain": columns.domain,
        "question": question,
        "claims": {"negative": f"the answer is not {answers['gold'][0]}."},
        "source": str(path),
        **answers,
    }


def _there(row: dict[str, Any], name: str, path: Path, number: int) -> bool:
    """Whether a cell is filled; the column itself has to be there."""
    if name not in row:
        raise InputError("is empty or absent", path=path, line=number, field=name)
    return row[name] not in (None, "")


def _aliases(stated: Any, path: Path, number: int, field: str) -> tuple[str, ...]:
    """Right answers: a text, a list or TriviaQA's `{"value": …, "aliases": […]}`; bare signs are left out."""
    if isinstance(stated, dict):
        stated = [stated.get("value"), *(stated.get("aliases") or [])]
    given = stated if isinstance(stated, list) else [stated]
    texts = dict.fromkeys(str(alias) for alias in given if alias not in (None, ""))
    gold = tuple(text for text in texts if normalise(text)) if len(texts) > 1 else tuple(texts)
    if not gold:
        raise InputError("names no answer", path=path, line=number, field=field)
    return gold


def _boolean(stated: Any, path: Path, number: int, field: str) -> dict[str, Any]:
    said = YES_NO.get(str(stated).strip().casefold())
    if said is None:
        raise InputError(f"expected yes or no, found {stated!r}", path=path, line=number, field=field)
    gold, wrong = ("yes", "no") if said else ("no", "yes")
    claims = {"positive": f"the answer is {gold}.", "negative": f"the answer is {wrong}."}
    return {"kind": "boolean", "gold": (gold,), "wrong": (wrong,), "claims": claims}


def _choice(texts: list[str], right: int, path: Path, number: int, field: str) -> dict[str, Any]:
    """Multiple choice: one right option, the others wrong."""
    wrong = tuple(text for i, text in enumerate(texts) if i != right)
    if not wrong:
        raise InputError("names no wrong answer", path=path, line=number, field=field)
    return {
        "kind": "mcq",
        "gold": (texts[right],),
        "wrong": wrong,
        "options": [{"text": text, "score": 1 if i == right else 0} for i, text in enumerate(texts)],
        "targeted": False,
    }


def _chosen(given: Any, stated: Any, columns: Columns, path: Path, number: int) -> tuple[list[str], int]:
    """Texts of the choices and the place of the right one, which is stated by text, label, letter or index."""
    listed, named = (given.get("text"), given.get("label") or []) if isinstance(given, dict) else (given, [])
    if not isinstance(listed, list) or not isinstance(named, list):
        raise InputError(
            "expected a list of choices (in a CSV file name the columns of the wrong answers instead, wrong=…)",
            path=path, line=number, field=columns.choices,
        )  # fmt: skip
    texts, labels = [str(text) for text in listed], [str(label) for label in named]
    letters, places = [chr(ord("A") + i) for i in range(len(texts))], [str(i) for i in range(len(texts))]
    is_index = isinstance(stated, int) and not any(isinstance(text, int) for text in listed)
    order = (places, labels, texts) if is_index else (texts, labels, letters, places)
    said = str(stated).strip()
    for names in order:
        if said in names:
            return texts, names.index(said)
    raise InputError(
        f"expected one of the {len(texts)} choices, found {said!r}", path=path, line=number, field=columns.answer
    )
