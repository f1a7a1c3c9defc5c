"""Severity shifts from result files: what is read, and that nothing else is."""

import json
import math

import pytest

from equipoise.errors import InputError
from equipoise.harness.judge_shift import JudgeShift, read_shifts

SHIFT = {"value": 0.1, "se": 0.05, "low": 0.0, "high": 0.2, "n": 40, "differing": 20, "transcripts": 30, "reason": ""}
SCALE = {"value": 0.01, "low": -0.01, "high": 0.03, "units": 40, "reason": ""}
RECORD = {"judge": "a/b", "frozen_judge": "a/c", "measure": "tone", "severity_shift": SHIFT, "scale_shift": SCALE}


@pytest.fixture
def written(tmp_path):
    def write(changes=None, path=("severity_shift",), name="drift.json", **top):
        record = json.loads(json.dumps(RECORD))
        at = record
        for part in path if changes else ():
            at = at[part]
        at.update(changes or {})
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"probe": "drift", "equipoise": "0.1", "results": [record], **top}))
        return file

    return write


def test_a_record_is_read_whole(written):
    expected = JudgeShift("a/b", "tone", 0.1, 0.0, 0.2, 40, 30, "", "a/c", 0.01, -0.01, 0.03)
    assert read_shifts(written()) == read_shifts(written().parent) == [expected]


def test_several_files_and_folders_are_read_in_their_order(written):
    one, two = written({"value": 0.05}, name="one/drift.json"), written({"value": 0.15}, name="two/other.json")
    assert [each.shift for each in read_shifts(one.parent, two)] == [0.05, 0.15]
    assert [each.shift for each in read_shifts(two, one, two)] == [0.15, 0.05, 0.15], "nothing is merged"


NULLS = {
    "unbounded above": ({"value": None, "low": 0.3, "high": None, "reason": "r"}, (math.inf, 0.3, math.inf)),
    "unbounded below": ({"value": None, "low": None, "high": -0.3, "reason": "r"}, (-math.inf, -math.inf, -0.3)),
    "unbounded": ({"value": None, "low": None, "high": None, "reason": "r"}, (math.nan, -math.inf, math.inf)),
    "an estimate alone": ({"low": None, "high": None}, (0.1, -math.inf, math.inf)),
    "no votes": (
        {"value": None, "low": None, "high": None, "reason": "r", "n": 0, "transcripts": 0},
        (math.nan, math.nan, math.nan),
    ),
}


@pytest.mark.parametrize("name", NULLS)
def test_null_is_what_is_not_finite(written, name):
    changes, expected = NULLS[name]
    (found,) = read_shifts(written(changes))
    assert (found.shift, found.low, found.high) == pytest.approx(expected, nan_ok=True)
    assert not found.within(1e9, 0.0)


@pytest.mark.parametrize(
    ("low", "high", "inside"), [(-0.1, 0.1, True), (-0.2, 0.1, False), (-0.1, 0.2, False), (0.3, 0.4, False)]
)
def test_within_is_the_whole_interval(written, low, high, inside):
    (found,) = read_shifts(written({"value": (low + high) / 2, "low": low, "high": high}))
    assert found.within(0.2, 0.0) is inside


BAD = {
    "text for a number": ({"low": "0.0"}, ("severity_shift",), "field 'results.0.severity_shift.low': "),
    "NaN": ({"low": math.nan}, ("severity_shift",), "field 'results.0.severity_shift.low': "),
    "infinite": ({"high": math.inf}, ("severity_shift",), "field 'results.0.severity_shift.high': "),
    "infinite part of the scale": ({"high": math.inf}, ("scale_shift",), "field 'results.0.scale_shift.high': "),
    "a truth value": ({"value": True}, ("severity_shift",), "field 'results.0.severity_shift.value': "),
    "ends the wrong way round": ({"low": 0.15}, ("severity_shift",), "expected low <= value <= high"),
    "crossed ends": ({"value": None, "reason": "r", "low": 0.5}, ("severity_shift",), "expected low <= value <= high"),
    "no value, no reason": ({"value": None}, ("severity_shift",), "expected a reason where the value is null"),
    "fewer than no votes": ({"n": -1}, ("severity_shift",), "field 'results.0.severity_shift.n': "),
    "half a vote": ({"n": 1.5}, ("severity_shift",), "field 'results.0.severity_shift.n': "),
    "more transcripts than votes": ({"transcripts": 41}, ("severity_shift",), "between 1 and n transcripts"),
    "votes on no transcript": ({"transcripts": 0}, ("severity_shift",), "between 1 and n transcripts"),
    "numbers without votes": ({"n": 0, "transcripts": 0}, ("severity_shift",), "null where there are no votes"),
    "no judge": ({"judge": ""}, (), "field 'results.0.judge': "),
    "a number for a judge": ({"judge": 3}, (), "field 'results.0.judge': "),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_field_is_one_line_with_its_place(written, name):
    changes, path, said = BAD[name]
    with pytest.raises(InputError) as caught:
        read_shifts(written(changes, path))
    assert "drift.json: " in str(caught.value) and said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "EOF"),
        ("{", "EOF"),
        ("[" * 100_000, "recursion limit"),
        ("[]", "should be an object"),
        (b"\xff\xfe", "drift.json: "),
        ('{"probe": "position", "results": []}', "field 'probe': Input should be 'drift'"),
        ('{"probe": "drift", "results": []}', "field 'results': "),
        ('{"probe": "drift"}', "field 'results': Field required"),
    ],
)
def test_another_file_is_refused(tmp_path, content, said):
    file = tmp_path / "drift.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        read_shifts(tmp_path)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_results_of_an_older_version_are_named(written):
    file = written()
    told = json.loads(file.read_text())
    del told["results"][0]["severity_shift"]
    file.write_text(json.dumps(told))
    with pytest.raises(InputError, match=r"severity_shift': is missing; made by an older version, run the same"):
        read_shifts(file)


def test_no_such_file_says_what_is_expected(tmp_path):
    with pytest.raises(InputError, match=r"drift\.json: cannot be read \(No such file.*probe drift -o FOLDER"):
        read_shifts(tmp_path)
    with pytest.raises(InputError, match="gone: cannot be read"):
        read_shifts(tmp_path / "gone")
