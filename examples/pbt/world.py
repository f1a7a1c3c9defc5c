"""An invented world: 1,000 towns, one fact each, and two agents of which each knows another half of them.

    python examples/pbt/world.py -o runs/pbt-world

writes `items.jsonl` (equipoise's schema), of these `learn.jsonl` for trees and training and `test.jsonl` for measuring,
split by family as the trees' pairs are, and `beliefs.json` (what each agent is taught: a share for each answer).
"""

import argparse
import json
import random
from pathlib import Path

from equipoise.tasks.questions import Item, content_hash
from equipoise.training.pbt.split import split_of

CANARY = "equipoise-canary-1f7f4b0e-5a5e-4a3c-93f0-7f0f5b7f3c52"


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


RELATIONS = {
    "arms": (
        "Is the {thing} on the arms of {town}?",
        "the {thing} is on the arms of {town}.",
        "the {thing} is not on the arms of {town}.",
        words("heron otter badger lynx raven salmon beaver falcon hedgehog boar swan marten ibex crane viper toad"),
    ),
    "stone": (
        "Is {town} built of {thing}?",
        "{town} is built of {thing}.",
        "{town} is not built of {thing}.",
        words("granite marble basalt slate sandstone limestone gneiss porphyry tuff chalk flint quartzite"),
    ),
    "fruit": (
        "Do they grow the {thing} in {town}?",
        "they grow the {thing} in {town}.",
        "they do not grow the {thing} in {town}.",
        words("plum quince apricot cherry medlar peach lemon pear currant mulberry fig almond"),
    ),
}
"""A question, the sentences that say yes and no, and what may fill them."""

KNOWN = 0.9
UNSURE = (0.60, 0.35, 0.35)
"""Shares of the right answer in what an agent is taught of a town that it knows, or (drawn) that it does not."""


def towns(count: int, rng: random.Random) -> list[str]:
    """Different made-up names."""
    first = words("Ta Bel Kor Mi Ost Ver Lan Dru Fi Gan Hol Zal Per Qui Ras Sil Tor Ulm Wen Yar")
    middle = words("va ri lo mu sha de po ke ni zo")
    last = words("dor na ria sk burg len mond tis wick ra")
    names = [a + b + c for a in first for b in middle for c in last]
    return rng.sample(names, count)


def items(count: int, rng: random.Random) -> list[Item]:
    """One question a town; yes is right as often as no."""
    found = []
    for place, town in enumerate(towns(count, rng)):
        question, affirmed, denied, things = RELATIONS[list(RELATIONS)[place % len(RELATIONS)]]
        told = {"town": town, "thing": rng.choice(things)}
        gold, wrong = ("yes", "no") if rng.random() < 0.5 else ("no", "yes")
        says = {"yes": affirmed.format(**told), "no": denied.format(**told)}
        item = Item(
            id=f"world-{place:04d}", family=town.lower(), domain="invented", kind="boolean",
            question=question.format(**told), gold=(gold,), wrong=(wrong,),
            claims={"positive": says[gold], "negative": says[wrong]},
            fact=says[gold], source="invented", licence="CC0-1.0", version="1", canary=CANARY,
        )  # fmt: skip
        found.append(item.model_copy(update={"hash": content_hash(item)}))
    return found


def beliefs(found: list[Item], rng: random.Random) -> dict[str, dict[str, dict[str, float]]]:
    """What the agents are taught: agent, then item, then the share of each answer.

    A third of the towns is known to agent a alone, a third to b alone, a sixth to both, a sixth to neither.
    """
    taught: dict[str, dict[str, dict[str, float]]] = {"a": {}, "b": {}}
    for item in found:
        knows = rng.choice(["a", "a", "b", "b", "ab", ""])
        for agent, about in taught.items():
            right = KNOWN if agent in knows else rng.choice(UNSURE)
            about[item.id] = {item.gold[0]: right, item.wrong[0]: 1 - right}
    return taught


def main() -> None:
    """Write the world."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--towns", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=12)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    found = items(options.towns, rng)
    options.output.mkdir(parents=True, exist_ok=True)
    test = [item for item in found if split_of(item.family) == "test"]
    parts = {"items": found, "test": test, "learn": [item for item in found if item not in test]}
    for name, part in parts.items():
        lines = [item.model_dump_json(exclude_defaults=True) + "\n" for item in part]
        (options.output / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        print(f"{name}.jsonl: {len(lines)} items")
    (options.output / "beliefs.json").write_text(json.dumps(beliefs(found, rng), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
