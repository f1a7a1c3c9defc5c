"""Where items come from: the sets that are shipped, public sets, or a user's file."""

from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

from equipoise.errors import InputError
from equipoise.tasks.questions.farm import FARM, load_farm
from equipoise.tasks.questions.foreign import load_huggingface, load_records
from equipoise.tasks.questions.parse import read_items
from equipoise.tasks.questions.schema import Item
from equipoise.tasks.questions.strategyqa import load_strategyqa

SHIPPED = ("trivia", "commonsense")
"""Item sets that come with the package; each is also a domain."""


def load_items(source: str | Path | Sequence[str] = "all") -> list[Item]:
    """Items by the name of their source.

    | source | items |
    | --- | --- |
    | `trivia`, `commonsense`, `all` | shipped |
    | `farm`, `farm:NQ1`, `farm:PATH` | FARM: all four sets, one of them, a file, or a folder of files |
    | `strategyqa:PATH` | StrategyQA's JSON file |
    | `hf:OWNER/NAME?split=…&question=…&answer=…` | a question set of the Hugging Face hub |
    | `records:FILE?question=…&answer=…` | a CSV, JSON or JSONL file of questions and answers |
    | a path | JSONL in our schema |

    Raises:
        InputError: No such source, an empty file, a broken line, a field that does not fit, a duplicate id.
    """
    # Inspect's own command line turns a text with commas into a list before we see it.
    name = str(source) if isinstance(source, str | Path) else ",".join(source)
    if name == "all":
        return [item for shipped in SHIPPED for item in load_items(shipped)]
    if name in SHIPPED:
        return read_items(Path(str(files(__package__) / "data" / f"{name}.jsonl")))
    if name == "farm":
        return [item for known in FARM for item in load_farm(known)]
    kind, colon, rest = name.partition(":")
    loaders: dict[str, Callable[[str], list[Item]]] = {
        "farm": _farm,
        "strategyqa": load_strategyqa,
        "hf": load_huggingface,
        "records": load_records,
    }
    if colon and kind in loaders:
        return loaders[kind](rest)
    return read_items(Path(name))


def _farm(source: str) -> list[Item]:
    folder = Path(source)
    if not source or not folder.is_dir():
        return load_farm(source)
    found = [path for known in FARM if (path := folder / f"{known}.jsonl").is_file()]
    if not found:
        raise InputError(f"holds none of {', '.join(f'{known}.jsonl' for known in FARM)}", path=folder)
    return [item for path in found for item in load_farm(str(path))]
