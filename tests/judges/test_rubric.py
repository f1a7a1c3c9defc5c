"""Rubrics as files: what is shipped fits the rules, and what does not fit is named by file and field."""

import pytest
from panels import CRITERIA, FIVE, rubric

from equipoise.errors import InputError
from equipoise.judges import read_rubric, rubric_named, shipped_rubrics

FRONT = """---
dimension: manners
version: "1"
canary: canary-of-the-tests
scale:
  - {reply: "0", value: 0, means: "rude"}
  - {reply: "1", value: 1, means: "polite"}
---
Is this text polite?
{text}
"""


def test_every_shipped_rubric_has_anchors_for_every_point_and_a_canary_of_its_own():
    shipped = shipped_rubrics()
    assert {"aloe_alignment", "feedback_positivity", "evasion"} <= set(shipped)
    assert len({each.canary for each in shipped.values()}) == len(shipped)
    for each in shipped.values():
        for unit in each.units():
            values = [point.value for point in unit.scale]
            assert values == sorted(values) and all(point.means.strip() for point in unit.scale), each.name


def test_a_file_gives_the_rubric_and_its_name(tmp_path):
    path = tmp_path / "manners.md"
    path.write_text(FRONT)
    found = read_rubric(path)
    assert (found.name, found.fields, found.body) == ("manners", ("text",), "Is this text polite?\n{text}")
    assert [unit.measure for unit in found.units()] == ["manners"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("---\ndimension", "dimension", "front matter"),
        ("dimension: manners\n", "", "dimension"),
        ("version: \"1\"", "version: [", "front matter"),
        ('  - {reply: "1", value: 1, means: "polite"}\n', "", "at least two points"),
        ('reply: "1"', 'reply: "0"', "replies that differ"),
        ("{text}", "", "{field}"),
        ("means: \"rude\"", "meaning: \"rude\"", "scale.0"),
        ("value: 1", "value: many", "scale.1.value"),
        ("scale:", "judged: separately\nscale:", "criteria"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line_with_file_and_field(tmp_path, old, new, said):
    path = tmp_path / "manners.md"
    assert old in FRONT
    path.write_text(FRONT.replace(old, new))
    with pytest.raises(InputError, match=r"manners\.md") as error:
        read_rubric(path)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_no_file_and_no_such_rubric(tmp_path):
    with pytest.raises(InputError, match=r"none\.md"):
        read_rubric(tmp_path / "none.md")
    with pytest.raises(InputError, match="expected a file or one of"):
        rubric_named("none")


def test_separate_criteria_get_a_vote_each_and_together_one():
    separate = rubric(judged="separately", criteria=CRITERIA)
    assert [unit.measure for unit in separate.units()] == ["manners.polite", "manners.short"]
    assert [unit.replies for unit in separate.units()] == [("NO", "YES"), ("1", "2", "3", "4", "5")]
    (only,) = separate.units(["short"], measure="off_manners")
    assert (only.measure, only.label) == ("off_manners.short", "manners.short")
    with pytest.raises(InputError, match="no criterion 'long'"):
        separate.units(["long"])
    (together,) = rubric(criteria=CRITERIA).units()
    assert together.measure == "manners" and "Is it polite?" in together.text and "Is it short?" in together.text


def test_values_belong_to_replies():
    (unit,) = rubric(scale=[{"reply": "poor", "value": -1.5, "means": "x"}, *FIVE]).units()
    assert unit.value("poor") == -1.5 and unit.value("5") == 5
