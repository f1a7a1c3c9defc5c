"""Files in PersonaKnob's columns: every rule of the specification on synthetic rows, and errors that say where."""

import json
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.errors import InputError
from equipoise.tasks.dignified_peer.dimensions import DIMENSIONS, ordered
from equipoise.tasks.dignified_peer.load import in_turn, load_peer
from equipoise.tasks.dignified_peer.public import parse_mask

from .made import MASKS, item, row, write_csv, write_items


def write_jsonl(path, rows):
    path.write_text("\n".join(json.dumps(each) for each in rows), encoding="utf-8")
    return path


WRITERS = {"csv": write_csv, "jsonl": write_jsonl}


@pytest.mark.parametrize("ending", list(WRITERS))
def test_all_fifteen_masks_are_read_and_counted(ending, tmp_path):
    path = WRITERS[ending](tmp_path / f"test.{ending}", [row(mask, i) for mask in MASKS for i in range(2)])
    loaded = load_peer(path)
    assert loaded.counts == {"test": dict.fromkeys(MASKS, 2)} and len(loaded.items) == 30
    first = loaded.items[0]
    assert (first.id, first.domain, first.mask, first.reject_T) == ("test-00001", "A", ("A",), None)
    assert loaded.items[-1].mask == ("A", "T", "E", "C")
    assert loaded.items[-1].reject_C == "Answer to atec1 that fails C alone, of equal length."


@given(st.lists(st.sampled_from(DIMENSIONS), min_size=1), st.sampled_from([json.dumps, repr, list, tuple, str]))
def test_masks_are_read_as_json_or_as_a_python_literal(mask, write):
    assert parse_mask(write(mask)) == ordered(mask)


@pytest.mark.parametrize("cell", ["[]", "", "A", '"A"', "['A', 'X']", '["a"]', "{'A': 1}", "A, E", "[", 3, ["A", ["E"]],
                                  "__import__('os')", "[" * 10_000])  # fmt: skip
def test_what_is_no_mask(cell):
    with pytest.raises(ValueError, match=r"non-empty list out of A, T, E, C"):
        parse_mask(cell)


BROKEN = {
    "mask of another letter": ({"mask": '["A", "B"]'}, "mask", 'found \'["A", "B"]\''),
    "empty mask": ({"mask": "[]"}, "mask", "non-empty list"),
    "no mask": ({"mask": ""}, "mask", "empty or absent"),
    "no golden": ({"golden": ""}, "golden", "empty or absent"),
    "NaN as golden": ({"golden": "NaN"}, "golden", "empty or absent"),
    "blank prompt": ({"prompt": "   "}, "prompt", "empty or absent"),
    "no reject of the mask": ({"reject_E": ""}, "reject_E", "fails E only"),
    "reject is golden": ({"reject_A": row("AE", 1)["golden"] + " "}, "reject_A", "is the golden answer"),
}


@pytest.mark.parametrize("ending", list(WRITERS))
@pytest.mark.parametrize("case", list(BROKEN))
def test_errors_name_file_line_and_field(case, ending, tmp_path):
    change, field, expected = BROKEN[case]
    rows = [row("AE", 0), row("AE", 1, **change)]
    path = WRITERS[ending](tmp_path / f"broken.{ending}", rows)
    with pytest.raises(InputError) as caught:
        load_peer(path)
    message = str(caught.value)
    line = 3 if ending == "csv" else 2
    assert message.startswith(f"{path}:{line}: field '{field}': ") and expected in message and "\n" not in message


def test_a_line_is_the_first_of_a_record_with_line_breaks(tmp_path):
    path = write_csv(tmp_path / "long.csv", [row("AE", 0, golden="One.\nTwo.\nThree."), row("AE", 1, prompt="")])
    with pytest.raises(InputError, match=r"long\.csv:5: field 'prompt'"):
        load_peer(path)


@pytest.mark.parametrize("absent", ["", "nan", "NaN", None, float("nan")])
def test_absent_cells(absent, tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", [row("AE", reject_T=absent, seed_scene=absent, context=absent)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [found] = load_peer(path).items
    assert (found.reject_T, found.seed_scene, found.context, found.family) == (None, "", "", found.id)


def test_rejects_outside_the_mask_are_left_out_with_one_warning(tmp_path):
    rows = [row("AE"), row("AE", 1, reject_T="Stray."), row("T", 2, reject_C="Stray.")]
    path = write_csv(tmp_path / "stray.csv", rows)
    with pytest.warns(UserWarning, match=r"stray\.csv: 2 rejects .* first in line 3, field 'reject_T'") as caught:
        found = load_peer(path).items
    assert len(caught) == 1 and [each.reject_T for each in found] == [None, None, rows[2]["reject_T"]]


def test_unknown_columns_and_a_byte_order_mark_do_no_harm(tmp_path):
    path = write_csv(tmp_path / "more.csv", [row("AE", reject_Z="?", score="3")])
    path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert len(load_peer(path).items) == 1


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("mask,prompt\n", r"bad\.csv:1: field 'golden': column is absent"),
        ("mask,prompt,golden\n", "holds no items"),
        ('mask,prompt,golden\n"[""A""]",p,g,extra\n', r"bad\.csv:2: expected 3 cells"),
        ('mask,prompt,golden\n"[""A""]",p,"never closed\n', r"bad\.csv:2: broken CSV"),
        ("", "column is absent"),
    ],
)
def test_broken_csv(text, named, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=named):
        load_peer(path)


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv.*cannot be read"):
        load_peer(tmp_path / "gone.csv")
    with pytest.raises(InputError, match="ends with"):
        load_peer(tmp_path / "items.parquet")
    with pytest.raises(InputError, match="holds no file"):
        load_peer(tmp_path)


def test_a_folder_gives_the_test_split_and_counts_both(tmp_path):
    write_csv(tmp_path / "PersonaKnob_train.csv", [row("AE", i) for i in range(3)])
    write_csv(tmp_path / "PersonaKnob_test.csv", [row("TC", 9)])
    loaded = load_peer(tmp_path)
    assert [each.domain for each in loaded.items] == ["TC"]
    assert loaded.counts == {"train": {"AE": 3}, "test": {"TC": 1}}
    assert len(load_peer(f"{tmp_path}?split=train").items) == 3
    assert len({each.id for each in load_peer(f"{tmp_path}?split=all").items}) == 4
    with pytest.raises(InputError, match=r"split.*all, train, test.*'dev'"):
        load_peer(f"{tmp_path}?split=dev")
    write_csv(tmp_path / "test2.csv", [row("A", 5)])
    with pytest.raises(InputError, match=r"test2\.csv.*second file of the split 'test'"):
        load_peer(tmp_path)


def test_a_scene_in_two_splits_fails_unless_allowed(tmp_path):
    write_csv(tmp_path / "train.csv", [row("AE", 0, seed_scene="A bus  stop."), row("AE", 1, seed_scene="")])
    write_csv(tmp_path / "test.csv", [row("TC", 1, seed_scene="a bus stop."), row("TC", 2, seed_scene="")])
    with pytest.raises(
        InputError, match=r"field 'seed_scene': the scene of item test-00001 is in .*'train' and 'test'"
    ):
        load_peer(tmp_path)
    assert len(load_peer(f"{tmp_path}?shared_seeds=allow").items) == 2
    with pytest.raises(InputError, match="shared_seeds"):
        load_peer(f"{tmp_path}?shared_seeds=maybe")
    with pytest.raises(InputError, match="colour"):
        load_peer(f"{tmp_path}?colour=red")


def test_rows_of_one_scene_are_one_family(tmp_path):
    rows = [row("AE", i, seed_scene="The same.") for i in range(2)] + [row("AE", 2)]
    families = [each.family for each in load_peer(write_csv(tmp_path / "f.csv", rows)).items]
    assert families[0] == families[1] != families[2]


def test_files_in_our_own_schema(tmp_path):
    path = write_items(tmp_path / "mine.jsonl", [item("AT"), item("EC")])
    assert [each.id for each in load_peer(path).items] == ["made-at-0", "made-ec-0"]
    path = write_items(tmp_path / "twice.jsonl", [item("AT"), item("AT")])
    with pytest.raises(InputError, match=r"twice\.jsonl:2: field 'id': duplicate"):
        load_peer(path)


def test_the_first_items_hold_as_many_masks_as_they_can():
    own = load_peer().items
    assert len({each.domain for each in in_turn(own, 11)}) == 11
    assert [len({each.domain for each in in_turn(own, n)}) for n in (1, 5)] == [1, 5]
    assert in_turn(own, 5) == in_turn(own, 20)[:5] and sorted(each.id for each in in_turn(own, None)) == sorted(
        each.id for each in own
    )
