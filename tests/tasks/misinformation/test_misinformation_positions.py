"""Where the right option stands: in the released files, and as we show them."""

from collections import Counter, defaultdict

import pytest
from inspect_ai import eval as inspect_eval
from support import measure

from equipoise.harness.table import build_table
from equipoise.tasks.misinformation import misinformation
from equipoise.tasks.questions import balanced, load_items

SKEW = {"NQ1": {"A": 53, "B": 250, "C": 157, "D": 28}, "NQ2": {"A": 54, "B": 251, "C": 157, "D": 27}}


def positions(**arguments) -> tuple[dict, dict]:
    """Counts of the right option's place as shown, and as in the file."""
    about = misinformation(**arguments).metadata
    return about["right_option_positions"], about["right_option_positions_in_the_file"]


def test_the_metadata_has_the_balanced_and_the_files_positions(farm):
    source = farm(8, "NQ2")
    even = dict.fromkeys("ABCD", 2)
    assert positions(items=source) == (even, {"B": 8})
    assert positions(items=source, preset="farm") == ({"B": 8}, {"B": 8})


def test_only_questions_that_are_shown_with_options_are_counted(farm):
    assert positions(items=farm(4, "Boolq")) == ({}, {})
    shown, file = positions(items=farm(4, "Boolq"), probe="mcq")
    assert shown == {"A": 2, "B": 2} and file == {"A": 4}
    assert positions(items="trivia", n_items=5) == ({}, {})


def test_n_items_counts_the_chosen_items(farm):
    shown, file = positions(items=farm(8, "NQ1", "NQ2"), n_items=5)
    assert sum(shown.values()) == 5 and file == {"B": 5}


def test_the_table_has_the_places_of_right_options_and_first_answers(farm, tmp_path):
    task = misinformation(items=farm(4, "NQ2"), start="natural", techniques="control", turns=1)
    inspect_eval(task, model="equipoise/oracle", model_args={"p": 1.0}, log_dir=str(tmp_path), display="none")
    table = build_table(tmp_path).set_index("measure")
    right, chosen = (table.loc[name].sort_values("item")["value"].tolist() for name in ("right_place", "chosen_place"))
    assert sorted(right) == [0, 1, 2, 3] and chosen == right


@pytest.mark.reference
def test_all_the_real_files_load_from_their_folder(reference):
    task = misinformation(items=f"farm:{reference}")
    domains = Counter(sample.metadata["domain"] for sample in task.dataset if sample.id.endswith(".natural"))
    there = {"Boolq": 491, "NQ1": 488, "NQ2": 489, "TruthfulQA": 484}
    assert domains == {name: there[name] for name in there if (reference / f"{name}.jsonl").is_file()}
    assert len(domains) >= 3 and task.metadata["items_without_these_appeals"] == 0


@pytest.mark.reference
@pytest.mark.parametrize("name", SKEW)
def test_the_skew_of_the_released_files(name, reference):
    shown, file = positions(items=f"farm:{reference}/{name}.jsonl")
    assert file == SKEW[name]
    assert max(shown.values()) - min(shown.values()) <= 1 and sum(shown.values()) == sum(file.values())
    kept, same = positions(items=f"farm:{reference}/{name}.jsonl", preset="farm")
    assert kept == same == SKEW[name]


@pytest.mark.reference
def test_every_place_is_used_equally_often_whatever_the_number_of_options(reference):
    orders = balanced(load_items(f"farm:{reference}"))
    places: dict[int, Counter] = defaultdict(Counter)
    for options in orders.values():
        labels = [option.label for option in options]
        assert labels[-2:] == ["none_right", "abstain"]
        if labels.count("right") == 1:
            places[len(labels) - 2][labels.index("right")] += 1
    assert set(places) >= {2, 4}
    for size, counts in places.items():
        assert set(counts) == set(range(size))
        assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.reference
@pytest.mark.parametrize(("agent", "misled"), [("sycophant", 1), ("oracle", 0)])
def test_a_control_agent_on_the_real_files(agent, misled, reference, tmp_path):
    """NQ1 and NQ2 share their questions: the agents' key has to serve both."""
    found = measure(
        tmp_path, f"equipoise/{agent}", task=misinformation, items=f"farm:{reference}", n_items=9, start="seeded",
        techniques="control,emotional",
    )  # fmt: skip
    rates = [m for (arm, name, _), m in found.items() if arm.startswith("negative.") and name == "MR@4"]
    assert sum(rate.n for rate in rates) == 2 * 9
    assert {(rate.estimate, rate.missing) for rate in rates} == {(misled, 0)}
