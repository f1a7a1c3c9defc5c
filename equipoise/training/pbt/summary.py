"""What a data set holds, in numbers: of the trees, of what the filters dropped, and of the rows that are left."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from equipoise.tasks.questions import MISLED
from equipoise.training.common.preference import Split
from equipoise.training.pbt.arms import DIMENSIONS, drawn, rows_of_an_arm
from equipoise.training.pbt.filters import Drop
from equipoise.training.pbt.node import Node, Tree
from equipoise.training.pbt.pairs import PbtPair, contrasts, label
from equipoise.training.pbt.split import SHARES, split_of

COVERAGE = 0.95
"""Least share of replies whose answer can be read; below it the answers that are missing may bend the pairs."""

SPLITS: tuple[Split, ...] = tuple(split for split, _ in SHARES)


class Place(BaseModel):
    """Replies at one turn under one role prompt, by the class of their answers."""

    turn: int
    role: str
    right: int
    wrong: int
    abstained: int
    unread: int


class Coverage(BaseModel):
    """How many of an agent's replies have an answer that can be read."""

    agent: str
    model: str
    replies: int
    read: int

    @property
    def share(self) -> float:
        """Of the replies, from 0 to 1."""
        return self.read / self.replies

    @property
    def low(self) -> bool:
        """Whether it is below what the spec asks for."""
        return self.share < COVERAGE


class Dropped(BaseModel):
    """Pairs that a filter dropped for one reason, by dimension."""

    filter: str
    reason: str
    resist: int
    accept: int


class Rows(BaseModel):
    """What one split holds.

    Attributes:
        families: Of the questions whose trees are in the data, with pairs or without.
        resist, accept: Pairs after all filters.
        resist_drawn, accept_drawn: Of these, those within the limit per question.
        arm: Rows that every arm has.
    """

    split: Split
    families: int
    resist: int
    accept: int
    resist_drawn: int
    accept_drawn: int
    arm: int


class Summary(BaseModel):
    """One `summary.json`.

    Attributes:
        trees, nodes, questions, families: How many.
        calls: Made to `agents`, `extractor` and `filter` (for the filter: distinct readings).
        agreed: Branches that end in agreement, whatever ended them: their last two answers are the same.
        places: Replies by turn and role prompt.
        coverage: By agent.
        contrasts: Siblings of which one is right and one wrong.
        unlabelled: Of these, those where the speaker needed neither to resist nor to accept.
        labelled: Pairs before the filters, by dimension.
        dropped: By filter and reason, in the order of the filters.
        per_question: Most pairs of a question and dimension in an arm.
        rows: By split.
    """

    trees: int
    nodes: int
    questions: int
    families: int
    calls: dict[str, int]
    agreed: int
    places: list[Place]
    coverage: list[Coverage]
    contrasts: int
    unlabelled: int
    labelled: dict[str, int]
    dropped: list[Dropped]
    per_question: int
    rows: list[Rows]

    def warnings(self) -> list[str]:
        """What stands in the way of training, or of trusting it."""
        found = [
            f"agent {cover.agent} ({cover.model}): only {cover.share:.1%} of its answers could be read (below "
            f"{COVERAGE:.0%}); an --extractor reads more"
            for cover in self.coverage
            if cover.low
        ]
        if not any(place.right for place in self.places):
            found.append("no reply at all gave a right answer, so there are no pairs; take easier questions or agents "
                         "that know more")  # fmt: skip
        train = self.rows[0]
        for dimension in DIMENSIONS:
            count = getattr(train, f"{dimension}_drawn")
            if count < 2:
                found.append(
                    f"too few {dimension!r} pairs in split 'train' for any arm ({count}); make trees of more "
                    "questions, two of each (--first both), or take agents that know different things"
                )
        return found

    def lines(self) -> list[str]:
        """For a terminal; names of models and roles are as they came, so make them harmless first."""
        out = [f"{self.trees} trees of {self.questions} questions: {self.nodes} replies, {self.agreed} branches "
               "end in agreement"]  # fmt: skip
        out += [f"agent {c.agent} ({c.model}): {c.share:.1%} of {c.replies} answers read{' (low)' if c.low else ''}"
                for c in self.coverage]  # fmt: skip
        out += ["", f"{'pairs':<44}{'resist':>8}{'accept':>8}", _row("labelled", self.labelled)]
        out += [_row(f"- {drop.filter}: {drop.reason}", drop.model_dump()) for drop in self.dropped]
        out.append(_row("kept", {name: sum(getattr(rows, name) for rows in self.rows) for name in DIMENSIONS}))
        out += ["", f"{'split':<12}{'families':>10}{'resist':>8}{'accept':>8}{'rows of every arm':>20}"]
        out += [f"{r.split:<12}{r.families:>10}{r.resist:>8}{r.accept:>8}{r.arm:>20}" for r in self.rows]
        return [*out, *(f"warning: {warning}" for warning in self.warnings())]


def summarise(
    trees: Sequence[Tree], pairs: Sequence[PbtPair], drops: Iterable[Drop], *,
    per_question: int, filter_calls: int = 0,
) -> Summary:  # fmt: skip
    """The numbers of a data set.

    Args:
        trees: All.
        pairs: After the filters, with their splits.
        drops: Of the filters.
        per_question: Most pairs of a question and dimension in an arm.
        filter_calls: Distinct readings of the filter model.
    """
    nodes = [node for tree in trees for node in tree.nodes.values()]
    opposed = [(tree, chosen) for tree in trees for chosen, _ in contrasts(tree)]
    labels = Counter(label(tree, chosen) for tree, chosen in opposed)
    families = sorted({node.asked.family for node in nodes})
    return Summary(
        trees=len(trees), nodes=len(nodes), questions=len({node.asked.item for node in nodes}), families=len(families),
        calls={"agents": len(nodes), "extractor": sum(bool(node.extracted) for node in nodes), "filter": filter_calls},
        agreed=sum(tree.ends_in_agreement(node) for tree in trees for node in tree.nodes.values()),
        places=_places(nodes), coverage=_coverage(nodes), contrasts=len(opposed), unlabelled=labels[None],
        labelled={dimension: labels[dimension] for dimension in DIMENSIONS}, dropped=_dropped(drops),
        per_question=per_question,
        rows=[_rows(pairs, split, sum(split_of(f) == split for f in families), per_question) for split in SPLITS],
    )  # fmt: skip


def _places(nodes: Iterable[Node]) -> list[Place]:
    found: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for node in nodes:
        found[node.turn, node.role][node.belief.label] += 1
    return [
        Place(
            turn=turn, role=role, right=labels["right"], wrong=sum(labels[wrong] for wrong in MISLED),
            abstained=labels["abstain"], unread=labels["unparsed"],
        )
        for (turn, role), labels in sorted(found.items())
    ]  # fmt: skip


def _coverage(nodes: Iterable[Node]) -> list[Coverage]:
    found: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for node in nodes:
        found[node.speaker, node.model].append(not node.belief.missing)
    return [
        Coverage(agent=agent, model=model, replies=len(read), read=sum(read))
        for (agent, model), read in sorted(found.items())
    ]


def _dropped(drops: Iterable[Drop]) -> list[Dropped]:
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for drop in drops:
        found[drop.filter, drop.reason][drop.dimension] += 1
    return [
        Dropped(filter=name, reason=reason, resist=counts["resist"], accept=counts["accept"])
        for (name, reason), counts in found.items()
    ]


def _rows(pairs: Sequence[PbtPair], split: Split, families: int, per_question: int) -> Rows:
    counts = Counter(pair.dimension for pair in pairs if pair.split == split)
    pool = drawn(pairs, split, 0, per_question)
    return Rows(
        split=split, families=families, resist=counts["resist"], accept=counts["accept"],
        resist_drawn=len(pool["resist"]), accept_drawn=len(pool["accept"]), arm=rows_of_an_arm(pool),
    )  # fmt: skip


def _row(name: str, counts: dict[str, Any]) -> str:
    return f"{name:<44}{counts['resist']:>8}{counts['accept']:>8}"
