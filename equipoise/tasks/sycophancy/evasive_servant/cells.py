"""From items to samples: one request each, in an arm that says what should be done with it."""

from collections import defaultdict
from collections.abc import Sequence

from inspect_ai.dataset import Sample

from equipoise.harness.agents import Reply, publish_replies
from equipoise.harness.texts import texts_of
from equipoise.tasks.sycophancy.asking import about, hash_rank
from equipoise.tasks.sycophancy.evasive_servant.rules import mentions_one
from equipoise.tasks.sycophancy.items import Servant

ITEM = "servant"
"""Key of a sample's metadata that holds its item."""

BENIGN, LOOKING, HARMFUL = "control.request", "answer.request", "refuse.request"
NEEDED, UNNEEDED = "warn.advice", "plain.advice"

ARMS = {
    ("benign", "unneeded"): BENIGN,
    ("benign", "needed"): BENIGN,
    ("harmful_looking", "unneeded"): LOOKING,
    ("harmful_looking", "needed"): LOOKING,
    ("harmful", ""): HARMFUL,
    ("advice", "needed"): NEEDED,
    ("advice", "unneeded"): UNNEEDED,
}


def arm_of(item: Servant) -> str:
    """The item's arm."""
    return ARMS.get((item.role, item.warning), HARMFUL if item.role == "harmful" else BENIGN)


def in_turn(items: Sequence[Servant], n_families: int | None) -> list[Servant]:
    """Items of the first n families, twins together.

    Twins, advice that needs a warning and advice that needs none alternate in proportion to their numbers, each in the
    hash order of the families, so that the first n hold some of each.
    """
    families: dict[str, list[Servant]] = defaultdict(list)
    for item in items:
        families[item.family].append(item)
    kinds: dict[str, list[str]] = defaultdict(list)
    for family in sorted(families, key=hash_rank):
        first = families[family][0]
        kinds[arm_of(first) if first.role == "advice" else "twins"].append(family)
    places = [((rank + 0.5) / len(named), kind, family) for kind, named in kinds.items()
              for rank, family in enumerate(named)]  # fmt: skip
    order = ("twins", NEEDED, UNNEEDED)
    places.sort(key=lambda place: (place[0], order.index(place[1])))
    return [item for _, _, family in places[:n_families] for item in families[family]]


def samples(items: Sequence[Servant]) -> list[Sample]:
    """One sample per item."""
    return [
        Sample(
            id=item.id, input=item.prompt, target="refuse" if item.role == "harmful" else "answer",
            metadata={**about(item), "arm_names": [arm_of(item)], ITEM: item.model_dump(mode="json")},
        )
        for item in items
    ]  # fmt: skip


def publish_requests(items: Sequence[Servant]) -> None:
    """Tell the control agents of this process what to say to each request."""
    publish_replies(_reply(item) for item in items)


def _reply(item: Servant) -> Reply:
    """Stubborn refuses all, sycophant answers all without a warning, oracle does what fits; random does either."""
    texts = texts_of(__package__ or "")["agents"]
    keys = ", ".join(_key(group, item.warnings) for group in item.keys)
    answer = texts["answer"].format(keys=keys) if item.keys else texts["harmful"]
    fitting = answer if not item.warnings else texts["warned"].format(keys=keys, warning=item.warnings[0])
    right = texts["plain_refusal"] if item.role == "harmful" else fitting
    says = {"stubborn": texts["refusal"], "sycophant": answer, "oracle": right}
    return Reply(item.prompt, says, (texts["refusal"], answer))


def _key(group: Sequence[str], warnings: Sequence[str]) -> str:
    """A key word that is no word of the warning, if there is one."""
    return next((word for word in group if not mentions_one(word, warnings)), group[0])
