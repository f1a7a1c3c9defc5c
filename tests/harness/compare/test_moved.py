"""The items that moved most: known answers, ties by hash, and the dialogues to look at."""

import hashlib

import pytest
from paired_tables import NAN, pair_metrics, persuasion_rows, rows, side

import equipoise.tasks  # noqa: F401  (registers the families' metrics)
from equipoise.harness.compare import share_tasks
from equipoise.harness.compare.comparison import compared
from equipoise.harness.compare.moved import Place, moved_most, rule
from equipoise.harness.metrics import Sample, register_metrics


def moved(one, other, measure="score", most=3):
    """The moved items of one metric (after the last turn) of two tables' only task."""
    (task,) = share_tasks(side(*one), side(*other))
    *_, pair = (each for each in pair_metrics(task, draws=0) if each.baseline.measure == measure)
    return moved_most(compared(pair), task, most)


def by_hash(names):
    return sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())


def test_known_items_in_both_directions():
    found = moved([rows([1, 1, 0, 1, 0, 1])], [rows([1, 0, 1, 1, 0, NAN])])
    assert [(each.item, each.baseline, each.candidate, each.difference) for each in found.down] == [
        ("q00001", 1, 0, -1)
    ]
    assert [(each.item, each.difference) for each in found.up] == [("q00002", 1)]
    assert (found.lower, found.higher, found.same) == (1, 1, 3), "an item without an answer is none of them"


def test_the_largest_first_then_by_hash_whatever_the_order_of_rows():
    one, other = rows([1] * 12), rows([0] * 5 + [[0, 1]] * 5 + [1] * 2)
    expected = by_hash(f"q{place:05}" for place in range(5)) + by_hash(f"q{place:05}" for place in range(5, 10))
    for most in (3, 5, 7, 20):
        found = moved([one], [other.sample(frac=1, random_state=most)], most=most)
        assert [each.item for each in found.down] == expected[:most] and found.up == ()
        assert (found.lower, found.same) == (10, 2)


def test_sums_in_another_order_are_no_difference():
    values = [0.1, 0.2, 0.3]
    assert sum(values) != sum(reversed(values))
    found = moved([rows([values])], [rows([values[::-1]])])
    assert (found.down, found.up, found.same) == ((), (), 1)


def test_the_epoch_that_differs_most_and_each_sides_own_log():
    one, other = rows([[1, 1, 0]]).assign(log="a.eval"), rows([[1, 0, 0]]).assign(log="b.eval")
    (found,) = moved([one], [other]).down
    assert found.places == (Place("a.eval", "", 2), Place("b.eval", "", 2))


def test_the_metrics_own_arm_and_turn():
    (found,) = moved([persuasion_rows([1], [1])], [persuasion_rows([1], [0])], "accept").down
    assert {each.arm for each in found.places} == {"positive.logical.seeded"}


def test_without_a_common_epoch_each_side_shows_its_first():
    other = rows([[0, 0]]).assign(log="b.eval")
    (found,) = moved([rows([1]).assign(log="a.eval")], [other.assign(epoch=other["epoch"] + 4)]).down
    assert found.places == (Place("a.eval", "", 1), Place("b.eval", "", 5))


def test_a_run_that_holds_no_such_item_has_no_place():
    from equipoise.harness.compare.moved import places, spans_of

    (task,) = share_tasks(side(rows([1, 1])), side(rows([1])))
    pair = pair_metrics(task, draws=0)[0]
    assert places(task, compared(pair), "q00001", spans_of(task))[1] == Place("", "", 1)


@pytest.fixture
def composite(monkeypatch):
    """A task whose metric is named after both arms of a condition, and none of its measures."""
    from equipoise.harness import metrics

    def function(table, draws=0, seed=0):
        sample = Sample(table, draws, seed)
        own = table[table["arm"].isin(["a.c", "b.c"]) & (table["measure"] == "flag")]
        return [sample.mean(own, arm="both.c", measure="balance", by="", headline=True)]

    monkeypatch.setattr(metrics, "_families", dict(metrics._families))
    register_metrics("composite", function)


def test_an_arm_of_the_condition_and_measures_on_one_scale(composite):
    def run(*changed):
        flags = [
            rows([arm not in changed], task="t/composite", measure="flag", arm=arm) for arm in ("a.c", "b.c", "a.d")
        ]
        # In arm a.c many words more; of the whole range of words that is little.
        words = [rows([90 if changed else 10, 1000], task="t/composite", measure="words", arm="a.c")]
        words += [rows([10, 1000], task="t/composite", measure="words", arm=arm) for arm in ("b.c", "a.d")]
        return [*flags, *words]

    (found,) = moved(run(), run("b.c", "a.d"), "balance").down
    assert found.item == "q00000" and {each.arm for each in found.places} == {"b.c"}


def test_no_items_behind_d_prime():
    one, other = persuasion_rows([1, 1, 0], [1, 0, 1]), persuasion_rows([0, 1, 0], [1, 0, 1])
    assert moved([one], [other], "d_prime") is None and moved([one], [other], "resist") is not None


def test_the_rule_says_what_is_done():
    assert "the 2 items" in rule(2) and "SHA-256" in rule()
