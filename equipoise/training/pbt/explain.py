"""One dialogue tree, shown: every reply with its answer and credit, and which siblings make a pair."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from equipoise.harness.report.charts import short_name
from equipoise.harness.report.theme import LIGHT
from equipoise.tasks.questions import MISLED
from equipoise.training.pbt.credit import credits
from equipoise.training.pbt.filters import on_replies, sift
from equipoise.training.pbt.node import Node, Tree
from equipoise.training.pbt.pairs import pairs_of

if TYPE_CHECKING:
    import rich.tree
    from rich.text import Text

ORANGE, GREEN = LIGHT.palette[1:3]

LONGEST = 90
"""Characters of a reply that are shown."""


class Look(NamedTuple):
    """How a class of answers is shown: a sign besides the colour, for readers who do not tell the colours apart."""

    sign: str
    word: str
    colour: str
    terminal: str


RIGHT, WRONG = Look("✓", "right", GREEN, "green"), Look("✗", "wrong", ORANGE, "red")
ABSTAINED = Look("–", "abstained", LIGHT.muted, "bright_black")
UNREAD = Look("?", "not read", LIGHT.muted, "bright_black")


class Card(NamedTuple):
    """What is shown of a reply.

    Attributes:
        who: Speaker, model and role prompt.
        answer: The answer; empty if none could be read.
        look: Of the answer's class.
        credit: Its score.
        reply: The start of the reply.
        part: `resist: chosen` or the like; empty where it is in no pair.
        end: `ends in agreement` at any turn, `ends` before the last one; empty elsewhere.
    """

    who: str
    answer: str
    look: Look
    credit: int
    reply: str
    part: str
    end: str

    @property
    def chosen(self) -> bool | None:
        """Whether it is the chosen reply of its pairs; None where it is in none."""
        return self.part.partition(": ")[2].startswith("chosen") if self.part else None


def cards(tree: Tree) -> dict[str, Card]:
    """What is shown of each reply, by node id; free of control characters."""
    scores, parts = credits(tree), _parts(tree)
    last = max(node.turn for node in tree.nodes.values())
    return {
        node.id: Card(
            who=f"{node.turn}: {node.speaker.upper()} {shown(short_name(node.model), 24)}, {shown(node.role, 16)}",
            answer=shown(node.belief.answer, 40), look=_look(node), credit=scores[node.id],
            reply=shown(node.reply, LONGEST) or "(no reply)", part=parts.get(node.id, ""), end=_end(tree, node, last),
        )
        for node in tree.nodes.values()
    }  # fmt: skip


def title(tree: Tree) -> str:
    """The question and its right answer."""
    asked = next(iter(tree.nodes.values())).asked
    return f"{shown(asked.question, 300)} ({shown(asked.gold[0], 60)})"


def draw(tree: Tree, path: Path) -> None:
    """The tree as a picture, from left to right.

    Args:
        tree: With its root.
        path: Ends in .svg or .png.

    Raises:
        InputError: The file cannot be written.
    """
    from equipoise.training.pbt.picture import write_picture

    write_picture(tree, title(tree), cards(tree), path)


def outline(tree: Tree) -> "rich.tree.Tree":
    """The tree for a terminal: plain `Text`, so that what a model wrote is no markup."""
    import rich.tree
    from rich.text import Text

    found = cards(tree)
    top = rich.tree.Tree(Text(title(tree), style="bold"), guide_style="bright_black")
    open_ends = [(root, top) for root in tree.children(None)]
    for node, above in open_ends:
        here = above.add(_line(found[node.id]))
        open_ends += [(child, here) for child in tree.children(node)]
    return top


def shown(text: str, longest: int) -> str:
    """The start of an untrusted text on one line, without what cannot be printed."""
    flat = " ".join("".join(c if c.isprintable() else " " if c.isspace() else "�" for c in text).split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1].rstrip()}…"


def _line(card: Card) -> "Text":
    from rich.text import Text

    notes = "".join(f" [{note}]" for note in (card.part, card.end) if note)
    return Text.assemble(
        (f"{card.look.sign} {card.answer or card.look.word}", f"bold {card.look.terminal}"),
        f"  s = {card.credit}  {card.who}",
        (notes, "bold"),
        ("\n" + card.reply, "bright_black"),
    )


def _look(node: Node) -> Look:
    if node.right:
        return RIGHT
    if node.belief.label in MISLED:
        return WRONG
    return ABSTAINED if node.belief.label == "abstain" else UNREAD


def _end(tree: Tree, node: Node, last: int) -> str:
    if tree.ends_in_agreement(node):
        return "ends in agreement"
    return "ends" if node.turn < last and not tree.children(node) else ""


def _parts(tree: Tree) -> dict[str, str]:
    """The part that each reply plays in its pairs. Siblings' pairs are all of one dimension, and right is chosen."""
    pairs = list(pairs_of(tree))
    kept, _ = sift(pairs, on_replies(tree.nodes.values()))
    stay = {node for pair in kept for node in (pair.chosen_node, pair.rejected_node)}
    roles = [(node, f"{pair.dimension}: {part}") for pair in pairs
             for node, part in ((pair.chosen_node, "chosen"), (pair.rejected_node, "rejected"))]  # fmt: skip
    return {node: part if node in stay else f"{part}, filtered out" for node, part in roles}
