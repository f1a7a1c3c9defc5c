"""Where items come from: the shipped set, a file in our schema, or the public set as a user has it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qsl

from equipoise.errors import InputError
from equipoise.tasks.arguments import one_of
from equipoise.tasks.dignified_peer.items import PeerItem
from equipoise.tasks.dignified_peer.public import ENDINGS, read_public
from equipoise.tasks.questions.parse import read_items, read_jsonl
from equipoise.tasks.sycophancy.asking import hash_rank

SPLITS = ("train", "validation", "test")
"""A file belongs to the split that its name contains, else to one of its own name."""


@dataclass(frozen=True)
class Loaded:
    """Items, and what was read to find them.

    Attributes:
        items: Those of the chosen splits.
        counts: Split -> mask -> rows read. Reported, never asserted.
    """

    items: list[PeerItem]
    counts: dict[str, dict[str, int]]


def load_peer(source: str | Path = "own") -> Loaded:
    """Items by the name of their source.

    | source | items |
    | --- | --- |
    | `own` | shipped |
    | `FILE.jsonl` whose records have an `id` | our schema |
    | `FILE.csv`, `FILE.jsonl` | the columns of PersonaKnob |
    | `FOLDER` | the same, one file per split; the split `test` if there is one, else all |

    Options stand behind a question mark: `FOLDER?split=train`, `FOLDER?split=all&shared_seeds=allow`.

    Raises:
        InputError: No such source or split, a row that does not fit, or a seed scene in two splits.
    """
    if str(source) == "own":
        items = read_items(Path(str(files(__package__) / "data" / "items.jsonl")), PeerItem)
        return Loaded(items, {"own": _masks(items)})
    path, options = _options(str(source))
    splits = _splits(path)
    if options.get("shared_seeds") != "allow":
        _check_seeds(splits, path)
    chosen = options.get("split", "test" if "test" in splits else "all")
    one_of("split", chosen, ["all", *splits])
    items = [item for name, found in splits.items() if chosen in (name, "all") for item in found]
    return Loaded(items, {name: _masks(found) for name, found in splits.items()})


def in_turn(items: Sequence[PeerItem], n_items: int | None) -> list[PeerItem]:
    """The first n items (None: all), masks alternating in proportion to their numbers, each in hash order.

    So the first n hold as many masks as they can.
    """
    by_mask: dict[str, list[PeerItem]] = {}
    for item in sorted(items, key=lambda item: hash_rank(item.id)):
        by_mask.setdefault(item.domain, []).append(item)
    places = [((rank + 0.5) / len(found), hash_rank(mask), item)
              for mask, found in by_mask.items() for rank, item in enumerate(found)]  # fmt: skip
    return [item for _, _, item in sorted(places, key=lambda place: place[:2])][:n_items]


def _options(source: str) -> tuple[Path, dict[str, str]]:
    name, _, query = source.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    for field in options:
        one_of("items", field, ("split", "shared_seeds"))
    if "shared_seeds" in options:
        one_of("shared_seeds", options["shared_seeds"], ("allow", "refuse"))
    return Path(name), options


def _splits(path: Path) -> dict[str, list[PeerItem]]:
    """The items of each split, in the order of `SPLITS`."""
    found: dict[str, Path] = {}
    for file in [path] if not path.is_dir() else sorted(f for f in path.rglob("*") if f.suffix.lower() in ENDINGS):
        name = next((split for split in SPLITS if split in file.stem.lower()), file.stem)
        if name in found:
            raise InputError(f"is a second file of the split {name!r}, beside {found[name]}", path=file)
        found[name] = file
    if not found:
        raise InputError(f"holds no file that ends with {' or '.join(ENDINGS)}", path=path)
    order = sorted(found, key=lambda name: (SPLITS.index(name) if name in SPLITS else len(SPLITS), name))
    return {name: _read(found[name]) for name in order}


def _read(file: Path) -> list[PeerItem]:
    own = file.suffix.lower() == ".jsonl" and any("id" in record for _, record in islice(read_jsonl(file), 1))
    return read_items(file, PeerItem) if own else read_public(file)


def _check_seeds(splits: Mapping[str, Sequence[PeerItem]], path: Path) -> None:
    """Training on a scene and testing on it are no two things."""
    first: dict[str, str] = {}
    for name, items in splits.items():
        for item in items:
            seed = " ".join(item.seed_scene.split()).casefold()
            if seed and first.setdefault(seed, name) != name:
                raise InputError(
                    f"the scene of item {item.id} is in the splits {first[seed]!r} and {name!r}; expected every scene "
                    "in one split (to go on all the same: ?shared_seeds=allow)",
                    path=path, field="seed_scene",
                )  # fmt: skip


def _masks(items: Sequence[PeerItem]) -> dict[str, int]:
    return dict(sorted(Counter(item.domain for item in items).items(), key=lambda entry: (len(entry[0]), entry[0])))
