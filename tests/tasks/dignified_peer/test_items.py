"""The shipped items, the rules of the schema, and the star-shaped order of the answers."""

from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from equipoise.tasks.dignified_peer.checks import (
    central_is_golden,
    length_ratio,
    longest_is_golden,
    shortcuts,
    shortest_is_golden,
    words,
)
from equipoise.tasks.dignified_peer.dimensions import DIMENSIONS, definitions, ordered
from equipoise.tasks.dignified_peer.items import PeerItem
from equipoise.tasks.dignified_peer.load import load_peer
from equipoise.tasks.dignified_peer.order import answers, compare, triples
from equipoise.tasks.questions import content_hash

from .made import MASKS, item

OWN = load_peer().items


def test_every_mask_of_two_or_more_is_there_equally_often():
    masks = [mask for mask in MASKS if len(mask) > 1]
    assert len(masks) == 11 and load_peer().counts == {"own": dict.fromkeys(masks, 8)}
    assert len(OWN) == 88 >= 80


def test_shipped_items_are_whole_and_unlike_each_other():
    texts = [text for each in OWN for text in (each.prompt, *each.answers.values())]
    assert len(texts) == 88 + 88 + sum(len(each.mask) for each in OWN) == len(set(texts))
    assert len({each.seed_scene for each in OWN}) == 88
    for each in OWN:
        assert each.hash == content_hash(each), each.id
        assert each.canary and each.licence == "CC-BY-4.0" and each.source and each.version
        assert each.seed_scene and each.context and each.trigger
        assert 50 <= words(each.prompt) <= 110 and 90 <= words(each.golden) <= 150, each.id
        for dimension in each.mask:
            assert 0.75 <= length_ratio(each, dimension) <= 1.35, (each.id, dimension)


def test_no_shipped_answer_is_told_by_boilerplate_or_by_length_alone():
    assert shortcuts(OWN) == {"pairs": 224, "length_outside": 0, "boilerplate_on_one_side": 0}
    chance = sum(1 / len(each.answers) for each in OWN) / len(OWN)
    for picked in (longest_is_golden, shortest_is_golden):
        assert sum(map(picked, OWN)) / len(OWN) < chance + 0.1


def test_shortcuts_are_seen():
    made = item("AT").model_copy(update={"golden": "As an AI I cannot say. " + "word " * 30})
    assert shortcuts([made]) == {"pairs": 2, "length_outside": 2, "boilerplate_on_one_side": 2}
    assert (longest_is_golden(made), shortest_is_golden(made)) == (1, 0)
    level = item("AT").model_copy(update={"golden": "a b c", "reject_A": "a b x", "reject_T": "y b c"})
    assert longest_is_golden(level) == shortest_is_golden(level) == 1 / 3
    assert central_is_golden(level) == 1  # shares two words with each; the others share one
    assert central_is_golden(level.model_copy(update={"golden": "q r s"})) == 0
    uneven = {"golden": "a b", "reject_A": "a and much that nobody else says", "reject_T": "b it is"}
    assert central_is_golden(level.model_copy(update=uneven)) == 1  # its own length does not count


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mask": ()}, "mask"),
        ({"mask": ("T", "A")}, "in the order"),
        ({"mask": ("A", "A", "T")}, "each dimension once"),
        ({"mask": ("A", "X")}, "mask"),
        ({"golden": ""}, "golden"),
        ({"reject_A": None}, "reject_A"),
        ({"reject_E": "text"}, "reject_E: expected none"),
        ({"reject_T": "  Golden answer to at0, with every quality there is."}, "reject_T: is the golden answer"),
        ({"domain": "TA"}, "domain"),
    ],
)
def test_what_the_schema_refuses(change, named):
    fields = item("AT").model_dump()
    PeerItem.model_validate(fields)
    with pytest.raises(ValidationError, match=named):
        PeerItem.model_validate({**fields, **change})


@given(st.sets(st.sampled_from(DIMENSIONS), min_size=1))
def test_golden_is_above_every_reject_and_no_two_rejects_compare(mask):
    found = answers(item("".join(ordered(mask))))
    golden = found.pop("golden")
    assert golden.satisfies == mask and len(found) == len(mask)
    assert compare(golden, golden) is None
    for reject in found.values():
        assert compare(golden, reject) == 1 and compare(reject, golden) == -1 and compare(reject, reject) is None
    for one, other in permutations(found.values(), 2):
        assert compare(one, other) is None


def test_the_specifications_example_of_the_order():
    found = answers(item("ATEC"))
    assert compare(found["reject_A"], found["reject_E"]) is None


def test_triples_pair_the_golden_answer_with_one_reject_each():
    found = [(each, triple) for each in OWN for triple in triples(each)]
    assert len(found) == sum(len(each.mask) for each in OWN) == 224
    for each, triple in found:
        rejects = [each.rejected(d) for d in each.mask]
        assert triple.chosen == each.golden and triple.chosen not in rejects
        assert triple.rejected == each.rejected(triple.dimension) and triple.prompt == each.prompt


def test_definitions_name_the_mask_and_nothing_else():
    for size in range(1, 5):
        for mask in combinations(DIMENSIONS, size):
            lines = definitions(reversed(mask)).splitlines()
            assert [line[2] for line in lines] == list(mask)  # "- Anti-sycophancy: …"
