"""From the nodes of all trees to a data set: pairs, numbers and a data card."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from equipoise.harness.files import write_text
from equipoise.harness.markdown import cell
from equipoise.tasks.questions import content_hash, load_items
from equipoise.training.common.preference import write_pairs
from equipoise.training.pbt.arms import PER_QUESTION
from equipoise.training.pbt.credit import credits, share, sizes
from equipoise.training.pbt.filters import by_credit, by_verdicts, duplicates, on_replies, sift
from equipoise.training.pbt.node import Node, Tree, trees_of
from equipoise.training.pbt.pairs import PbtPair, pairs_of
from equipoise.training.pbt.plan import Plan
from equipoise.training.pbt.split import split_of
from equipoise.training.pbt.stances import Watch, verdicts_on
from equipoise.training.pbt.summary import Summary, summarise

if TYPE_CHECKING:
    from inspect_ai.model import Model

PAIRS_FILE, SUMMARY_FILE, CARD_FILE, STANCES_FILE = "pairs.jsonl", "summary.json", "README.md", "stances.jsonl"


async def write_dataset(
    nodes: Iterable[Node], folder: Path, plan: Plan, *,
    per_question: int = PER_QUESTION, stance: "Model | None" = None, credit: bool = False,
    watch: Watch | None = None,
) -> Summary:  # fmt: skip
    """Label, filter and split the pairs of all trees, and write them with their numbers and a data card.

    Args:
        nodes: Of all trees, in any order.
        folder: Where the files go.
        plan: What was asked for, for the card.
        per_question: Most pairs of a question and dimension in an arm.
        stance: A model that reads whether each reply agrees with the partner; None = answers and words tell.
        credit: Whether pairs that the credit per reply contradicts are dropped, too.
        watch: Told how many of the filter's calls are done.

    Raises:
        InputError: The folder cannot be written, or the filter model failed (its verdicts are kept).
    """
    trees = trees_of(sorted(nodes, key=lambda node: (node.tree, node.turn, node.id)))
    filters = {"duplicate": duplicates(), **on_replies(node for tree in trees for node in tree.nodes.values())}
    if credit:
        filters["credit"] = by_credit({node: part for tree in trees for node, part in _shares(tree)})
    pairs, drops = sift((pair for tree in trees for pair in pairs_of(tree)), filters)
    calls = 0
    if stance:
        replies = _replies(trees, pairs)
        folder.mkdir(parents=True, exist_ok=True)
        verdicts = await verdicts_on(replies, stance, folder / STANCES_FILE, watch)
        calls = len(verdicts)
        pairs, more = sift(pairs, {"filter model": by_verdicts(verdicts)})
        drops += more
    pairs = [pair.model_copy(update={"split": split_of(pair.family)}) for pair in pairs]
    summary = summarise(trees, pairs, drops, per_question=per_question, filter_calls=calls)
    write_pairs(folder / PAIRS_FILE, pairs)
    write_text(folder / SUMMARY_FILE, f"{summary.model_dump_json(indent=1)}\n")
    write_text(folder / CARD_FILE, card(summary, plan))
    return summary


def card(summary: Summary, plan: Plan) -> str:
    """The data card: what is in the folder, where it comes from, and what it is not."""
    templates = Environment(loader=PackageLoader(__package__ or "", "."), undefined=StrictUndefined, trim_blocks=True,
                            autoescape=False)  # fmt: skip
    templates.filters["cell"] = cell
    return templates.get_template("card.md.j2").render(summary=summary, plan=plan, licences=_licences(plan))


def _licences(plan: Plan) -> Counter[str]:
    """Questions by licence; only those that ship with this package are known by their content."""
    known = {item.hash or content_hash(item): item.licence for item in load_items("all")}
    return Counter(known.get(content, "as in their own file") for content in plan.questions.values())


def _shares(tree: Tree) -> list[tuple[str, float]]:
    scores, size = credits(tree), sizes(tree)
    return [(node.id, share(node, scores, size)) for node in tree.nodes.values()]


def _replies(trees: Sequence[Tree], pairs: Sequence[PbtPair]) -> list[tuple[Node, Node]]:
    """The replies of the pairs, each behind the partner's reply that it answers."""
    wanted = {node for pair in pairs for node in (pair.chosen_node, pair.rejected_node)}
    found = ((tree.heard(node), node) for tree in trees for node in tree.nodes.values() if node.id in wanted)
    return [(heard, node) for heard, node in found if heard]
