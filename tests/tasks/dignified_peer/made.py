"""Made-up items: one per mask and number, with texts that name what they are."""

import csv
import json
from itertools import combinations

from equipoise.tasks.dignified_peer.items import PeerItem

MASKS = ["".join(mask) for size in (1, 2, 3, 4) for mask in combinations("ATEC", size)]


def row(mask: str, number: int = 0, /, **changes) -> dict[str, str]:
    """A row in PersonaKnob's columns."""
    name = f"{mask.lower()}{number}"
    cells = {
        "mask": json.dumps(list(reversed(mask))),
        "seed_scene": f"Scene of {name}.",
        "context": f"Context of {name}.",
        "trigger": f"Trigger of {name}.",
        "prompt": f"What should I do about {name}?",
        "golden": f"Golden answer to {name}, with every quality there is.",
        **{f"reject_{d}": f"Answer to {name} that fails {d} alone, of equal length." for d in mask},
    }
    return {**cells, **changes}


def item(mask: str, number: int = 0) -> PeerItem:
    """The same as an item of ours."""
    cells = {key: text for key, text in row(mask, number).items() if key != "mask"}
    name = f"made-{mask.lower()}-{number}"
    return PeerItem(**cells, id=name, family=name, domain=mask, mask=tuple(mask))


def write_csv(path, rows):
    """A CSV file with the columns of all rows."""
    columns = list(dict.fromkeys(key for each in rows for key in each))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_items(path, items):
    """A file in our own schema."""
    path.write_text("\n".join(each.model_dump_json(exclude_defaults=True) for each in items), encoding="utf-8")
    return path
