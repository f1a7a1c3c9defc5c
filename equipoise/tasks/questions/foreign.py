"""Question sets that were not made for us: any table of questions and answers, from a file or from a hub.

Columns are named in the source itself, `hf:allenai/sciq?split=test&question=question&answer=correct_answer`, so
that one task argument says everything. Such items carry no appeals: they serve the tasks that need none.
"""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from equipoise.errors import InputError
from equipoise.tasks.questions.parse import parse_item, read_jsonl
from equipoise.tasks.questions.schema import Item

YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class Columns(NamedTuple):
    """Which column holds what.

    Attributes:
        question, answer: Names; the answer may be a text, a list of aliases, a letter or an index into the choices.
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
    return [parse_item(_record(row, number, columns, path), path, number) for number, row in _rows(path)]


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
    path = Path(f"hf:{name}")
    return [parse_item(_record(row, number, columns, path), path, number) for number, row in enumerate(rows, 1)]


def _split(source: str) -> tuple[str, dict[str, str]]:
    name, _, query = source.partition("?")
    return name, dict(parse_qsl(query, keep_blank_values=True))


def _columns(options: dict[str, str], domain: str) -> Columns:
    if unknown := set(options) - set(Columns._fields):
        allowed = ", ".join(Columns._fields)
        raise InputError(f"unknown option; expected one of {allowed}", field=sorted(unknown)[0])
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
        reader = csv.DictReader(text.splitlines(keepends=True))
        for row in reader:
            yield reader.line_num, row
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
    if columns.boolean:
        answers = _boolean(stated, path, number, columns.answer)
    elif columns.choices or columns.wrong:
        answers = _choice(row, stated, columns, path, number)
    else:
        aliases = stated.get("aliases", stated.get("value")) if isinstance(stated, dict) else stated
        gold = [str(alias) for alias in (aliases if isinstance(aliases, list) else [aliases])]
        answers = {"kind": "open", "gold": tuple(gold), "targeted": False}
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in name)
    return {
        "id": f"{columns.domain}-{safe}".lstrip("-_"),
        "family": f"{columns.domain}-{safe}",
        "domain": columns.domain,
        "question": question,
        "claims": {"negative": f"the answer is not {answers['gold'][0]}."},
        "source": str(path),
        **answers,
    }


def _boolean(stated: Any, path: Path, number: int, field: str) -> dict[str, Any]:
    said = YES_NO.get(str(stated).strip().casefold())
    if said is None:
        raise InputError(f"expected yes or no, found {stated!r}", path=path, line=number, field=field)
    gold, wrong = ("yes", "no") if said else ("no", "yes")
    claims = {"positive": f"the answer is {gold}.", "negative": f"the answer is {wrong}."}
    return {"kind": "boolean", "gold": (gold,), "wrong": (wrong,), "claims": claims}


def _choice(row: dict[str, Any], stated: Any, columns: Columns, path: Path, number: int) -> dict[str, Any]:
    """Multiple choice: the right option by text, letter, label or index; the others are wrong."""
    if columns.wrong:
        wrong = [str(row[name]) for name in columns.wrong.split(",") if row.get(name)]
        texts, right = [str(stated), *wrong], 0
    else:
        options = row.get(columns.choices) or []
        texts = [str(text) for text in (options["text"] if isinstance(options, dict) else options)]
        labels = [str(label) for label in options.get("label", [])] if isinstance(options, dict) else []
        right = _right(stated, texts, labels, path, number, columns.answer)
    return {
        "kind": "mcq",
        "gold": (texts[right],),
        "wrong": tuple(text for i, text in enumerate(texts) if i != right),
        "options": [{"text": text, "score": 1 if i == right else 0} for i, text in enumerate(texts)],
        "targeted": False,
    }


def _right(stated: Any, texts: list[str], labels: list[str], path: Path, number: int, field: str) -> int:
    said = str(stated).strip()
    for names in (texts, labels, [chr(ord("A") + i) for i in range(len(texts))], [str(i) for i in range(len(texts))]):
        if said in names:
            return names.index(said)
    raise InputError(f"expected one of the {len(texts)} choices, found {said!r}", path=path, line=number, field=field)
