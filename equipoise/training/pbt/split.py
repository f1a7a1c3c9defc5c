"""Train, dev and test: by a question's family alone, so that no order of files or questions moves anything."""

import hashlib

from equipoise.training.common.preference import Split

SHARES: tuple[tuple[Split, float], ...] = (("train", 0.70), ("dev", 0.15), ("test", 0.15))
"""Of the families, in expectation; those of Stengel-Eskin et al. (of the questions, there)."""


def split_of(family: str) -> Split:
    """The split of a family: the same in every data set, so that no training meets another's test questions."""
    place = int.from_bytes(hashlib.sha256(family.encode()).digest()[:8]) / 2**64
    for split, share in SHARES:
        if place < share:
            return split
        place -= share
    return SHARES[-1][0]
