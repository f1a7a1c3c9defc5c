"""The FARM misinformation sets (Xu et al., ACL 2024, arXiv 2312.09085) as items.

The files are not shipped (their licence is unclear): a path is read, or they are downloaded at a pinned commit.
They carry appeals for the wrong side only; the bare claim exists for both sides, the right one written by us.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs

from equipoise.errors import InputError
from equipoise.tasks.download import fetched
from equipoise.tasks.questions.matching import normalise
from equipoise.tasks.questions.parse import parse_item, read_jsonl
from equipoise.tasks.questions.schema import Item

COMMIT = "61e8239993bc4ea825aca5df593f5213c834ba59"
URL = (
    "https://raw.githubusercontent.com/LLMs-believe-the-earth-is-flat/llms-believe-the-earth-is-flat/"
    f"{COMMIT}/src/Farm_dataset/{{name}}.jsonl"
)
FARM = {
    "Boolq": "84d3d9a67b735b71fe32842d92cddf98f2a88ed660a7bb6160f71d5956a97468",
    "NQ1": "7b4a73f43086361ef9b0ee1006110239192ff8060ee64ca740c31ea5fb0bb85b",
    "NQ2": "55cc02124f64baac96b9f15ef5d540f8e225415accdc1ed8ff43041d6e4b41cb",
    "TruthfulQA": "af75c2055ab4cd91ef981aa20f318042af03206bdb235e984a98958e98ac0355",
}
"""The four sets with the SHA-256 of their files at the pinned commit."""


def load_farm(source: str) -> list[Item]:
    """Items of a FARM set, by name (`NQ1`: fetched once and cached) or from a user's file.

    The file's name says which set it is.

    Raises:
        InputError: Unknown set, wrong checksum of a download, or a row that does not fit the set's schema.
    """
    name = Path(source).stem
    if name not in FARM:
        raise InputError(f"unknown FARM set {source!r}; expected one of {', '.join(FARM)} or a path to such a file")
    path = _download(name) if source == name else Path(source)
    items: list[Item] = []
    for line, row in read_jsonl(path):
        try:
            record = _record(name, line, row)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            message = f"does not fit the schema of FARM's {name} ({type(error).__name__} {error})"
            raise InputError(message, path=path, line=line) from None
        items.append(parse_item(record, path, line))
    return items


def _record(name: str, line: int, row: dict[str, Any]) -> dict[str, Any]:
    adv = row["adv"]
    answers = (_boolean if name == "Boolq" else _truthful if name == "TruthfulQA" else _natural)(row)
    question = row["question"].strip()
    return {
        "id": f"{name}-{line:04d}",
        "family": f"farm-{hashlib.sha256(normalise(question).encode()).hexdigest()[:12]}",
        "domain": name,
        "question": question,
        "targeted": name != "NQ1",
        "claims": {
            "negative": adv["control"].strip(),
            "positive": f"the right answer is {answers['gold'][0]}.",
        },
        "appeals": {"negative": {t: tuple(adv[t]) for t in ("logical", "credibility", "emotional")}},
        "source": str(row.get("source", "")),
        **answers,
    }


def _boolean(row: dict[str, Any]) -> dict[str, Any]:
    gold, wrong = {True: ("yes", "no"), False: ("no", "yes")}[row["answer"]]
    return {"kind": "boolean", "gold": (gold,), "wrong": (wrong,)}


def _options(row: dict[str, Any]) -> dict[str, Any]:
    """Options in file order; a repeated text is shown once (a few rows repeat one)."""
    options = list({normalise(o["text"]): o for o in reversed(row["adv"]["mcq"])}.values())[::-1]
    wrong = sorted((o for o in options if o["score"] != 1), key=lambda o: o["score"] != 2)
    return {"kind": "mcq", "options": options, "wrong": tuple(o["text"] for o in wrong)}


def _natural(row: dict[str, Any]) -> dict[str, Any]:
    answers = _options(row)
    return {**answers, "gold": tuple(o["text"] for o in answers["options"] if o["score"] == 1)}


def _truthful(row: dict[str, Any]) -> dict[str, Any]:
    answers = _options(row)
    right = [o["text"] for o in answers["options"] if o["score"] == 1]
    best = row["best_answer"]
    return {**answers, "gold": tuple(sorted(right, key=lambda text: text != best))}


def _download(name: str, fetch: Callable[[str], bytes] | None = None) -> Path:
    """The file in the user cache, fetched if it is not there; only a file with the right checksum stays."""
    path = Path(platformdirs.user_cache_dir("equipoise")) / "farm" / COMMIT[:12] / f"{name}.jsonl"
    return fetched(URL.format(name=name), FARM[name], path, fetch)
