"""Multiple choice: every letter equally often right, the same order whatever comes along."""

from collections import Counter, defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st
from question_files import item, sized

from equipoise.tasks.questions import Choice, balanced, in_file_order, lettered, load_items, right_positions
from equipoise.tasks.questions.options import DONT_KNOW, NONE_RIGHT, choices

LAST = [Choice(NONE_RIGHT, "none_right"), Choice(DONT_KNOW, "abstain")]
SIZES = st.dictionaries(st.integers(0, 10**6), st.integers(1, 5), min_size=1, max_size=30)
quick = settings(max_examples=60, deadline=None)


def counts_by_size(orders: dict[str, list[Choice]]) -> dict[int, list[int]]:
    """For each number of own options: how often the right one stands at each place."""
    places: dict[int, Counter[int]] = defaultdict(Counter)
    for options in orders.values():
        place = next(i for i, option in enumerate(options) if option.label == "right")
        places[len(options) - len(LAST)][place] += 1
    return {size: [found[place] for place in range(size)] for size, found in places.items()}


@quick
@given(SIZES, st.randoms())
def test_balanced(sizes, random):
    items = [sized(f"item-{number}", size) for number, size in sizes.items()]
    orders = balanced(items)
    assert set(orders) == {item.id for item in items}
    for made in items:
        order = orders[made.id]
        assert order[-2:] == LAST
        assert sorted(order[:-2]) == sorted(choices(made))
    for counts in counts_by_size(orders).values():
        assert max(counts) - min(counts) <= 1
    random.shuffle(items)
    assert balanced(items) == orders


def test_the_other_options_are_shuffled_and_the_order_is_stable():
    orders = balanced([sized(f"item-{number}", 4) for number in range(40)])
    rest = {
        tuple(option.text for option in options if option.label in ("target", "other")) for options in orders.values()
    }
    assert len(rest) == 6  # all orders of three wrong answers: no place tells which one is pushed
    firsts = "".join("ABCD"[[option.label for option in orders[f"item-{n}"]].index("right")] for n in range(12))
    assert firsts == FROZEN


FROZEN = "BAABCDAADBCC"
"""Places of the right option of item-0 … item-11: a change makes old and new runs incomparable."""


def test_shipped_items_are_balanced():
    for counts in counts_by_size(balanced(load_items())).values():
        assert max(counts) - min(counts) <= 1


def test_labels_of_options():
    assert choices(item()) == [Choice("Paris", "right"), Choice("Lyon", "target"), Choice("Marseille", "other")]
    assert [c.label for c in choices(item(targeted=False))] == ["right", "other", "other"]
    scores = [("Duke", 2), ("Yale", 1), ("Maryland", 0), ("Harvard", 1)]
    options = [{"text": text, "score": score} for text, score in scores]
    several = item(kind="mcq", options=options)
    assert [c.label for c in choices(several)] == ["target", "right", "other", "right"]
    assert sorted(balanced([several])["made-1"][:-2]) == sorted(choices(several))


def test_file_order_letters_and_positions():
    options = [{"text": text, "score": score} for text, score in (("Duke", 2), ("Yale", 1), ("Brown", 1))]
    orders = in_file_order([item(kind="mcq", options=options), item(id="made-2")])
    assert orders["made-1"][-2:] == LAST
    assert lettered(orders["made-1"]) == f"A) Duke\nB) Yale\nC) Brown\nD) {NONE_RIGHT}\nE) {DONT_KNOW}"
    assert right_positions(orders) == {"A": 1, "B": 1, "C": 1}
