"""Recursive credit: what a reply is worth by itself and by what follows from it."""

from equipoise.training.pbt.node import Node, Tree


def credits(tree: Tree) -> dict[str, int]:
    """Score of every node: s(y) = correct(y) + the sum of s over the replies to y.

    A node's correctness is that of the speaker's own answer; a missing answer is not right and blocks nothing.

    Returns:
        Scores by node id, whole numbers from 0 to the size of the subtree.

    Source: Stengel-Eskin et al. (arXiv 2410.14596), Figure 2.
    """
    scores: dict[str, int] = {}
    for node in reversed(tree.nodes.values()):  # deepest first
        scores[node.id] = node.right + sum(scores[child.id] for child in tree.children(node))
    return scores


def sizes(tree: Tree) -> dict[str, int]:
    """Number of replies in the subtree of every node, itself included."""
    found: dict[str, int] = {}
    for node in reversed(tree.nodes.values()):
        found[node.id] = 1 + sum(found[child.id] for child in tree.children(node))
    return found


def share(node: Node, scores: dict[str, int], size: dict[str, int]) -> float:
    """Credit per reply of the subtree, in [0, 1]: comparable between siblings of different size."""
    return scores[node.id] / size[node.id]
