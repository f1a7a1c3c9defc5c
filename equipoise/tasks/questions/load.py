"""Where items come from: the sets that are shipped, FARM, or a user's file."""

from importlib.resources import files
from pathlib import Path

from equipoise.tasks.questions.farm import load_farm
from equipoise.tasks.questions.parse import read_items
from equipoise.tasks.questions.schema import Item

SHIPPED = ("trivia", "commonsense")
"""Item sets that come with the package; each is also a domain."""


def load_items(source: str | Path = "all") -> list[Item]:
    """Items of a shipped set (`trivia`, `commonsense`, `all`), of FARM (`farm:NQ1`) or of a JSONL file.

    Raises:
        InputError: No such file, an empty file, a broken line, a field that does not fit, a duplicate id.
    """
    name = str(source)
    if name == "all":
        return [item for shipped in SHIPPED for item in load_items(shipped)]
    if name in SHIPPED:
        return read_items(Path(str(files(__package__) / "data" / f"{name}.jsonl")))
    if name.startswith("farm:"):
        return load_farm(name.removeprefix("farm:"))
    return read_items(Path(source))
