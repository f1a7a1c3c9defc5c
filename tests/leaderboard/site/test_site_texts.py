"""Small parts of the site: texts made visible, scripts of data, numbers, names of files, fields, citations."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.leaderboard.manifest import Manifest, manifest_schema
from equipoise.leaderboard.site.cite import bibtex, plain_citation
from equipoise.leaderboard.site.fields import forms
from equipoise.leaderboard.site.inert import HIDDEN, script, slugs, soft, visible, web_link
from equipoise.leaderboard.site.numbers import interval, number, place, rank_set
from equipoise.leaderboard.site.pages import moment


@settings(max_examples=300)
@given(st.text(st.one_of(st.characters(), st.sampled_from('\\u20e"<>\r\n\t\b\x7f\u202e\u2028\ud800\U000e0041'))))
def test_a_script_hands_over_the_visible_text(text: str) -> None:
    made = script("name", [text, {"key": text}])
    assert made.isascii() and "<" not in made and ">" not in made
    assert json.loads(made[len("equipoise.put(...") : -3]) == ["name", [visible(text), {"key": visible(text)}]]
    assert not HIDDEN.search(visible(text))


def test_a_script_has_no_number_that_json_lacks() -> None:
    made = script("name", [float("nan"), {"a": (float("inf"), 1.5)}])
    assert json.loads(made[len("equipoise.put(...") : -3])[1] == [None, {"a": [None, 1.5]}]


def test_long_names_may_break_behind_their_joints_only() -> None:
    assert str(soft("false_presupposition at 0.5")) == "false_<wbr>presupposition at 0.5"
    assert str(soft("a/<b>_\u202e")) == "a/&lt;b&gt;_⟨U+202E⟩"


def test_times_are_told_to_the_minute() -> None:
    assert moment("2026-10-01T10:00:30+02:00") == "2026-10-01 08:00" and moment("once") == "once"


def test_joiners_and_other_scripts_stay() -> None:
    text = "नमस्ते 👩\u200d🔬 שלום\tو\nok"
    assert visible(text) == text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//example.org", "http://a b", "http://[", ""]
)
def test_only_addresses_of_the_web_become_links(url: str) -> None:
    assert web_link(url) == ""
    assert web_link("https://example.org/a?b=c") == "https://example.org/a?b=c"


def test_names_of_files_are_safe_and_different() -> None:
    found = slugs(["Persuasion a", "persuasion/A", "../../x", "", "Ж" * 300, "a" * 300])
    assert found == ["persuasion-a", "persuasion-a-2", "x", "task", "task-2", "a" * 60]


def test_numbers_read_well() -> None:
    assert [number(value) for value in (0.125, -0.001, -0.5, None, float("nan"))] == ["0.13", "0.00", "−0.50", "–", "–"]
    assert interval(0.1, 0.25) == "[0.10, 0.25]" and interval(None, 0.2) == ""
    assert rank_set(2, 4) == "2–4" and rank_set(3, 3) == "3–3" and rank_set(0, 0) == "–"
    assert (place(3, 1, 5), place(9, 1, 5), place(None, 0, 1)) == (50.0, 100.0, 0.0)


def test_every_field_of_the_manifest_is_explained() -> None:
    found = forms(manifest_schema())
    assert [field.name for field in found[0].fields] == list(Manifest.model_fields)
    assert {form.name for form in found} == {"Manifest", "ModelCard", "Disclosure", "Code", "File", "Scrubbed"}
    plain = {"kind", "count"}  # said by the form itself
    assert all(field.about for form in found for field in form.fields if field.name not in plain)
    access = next(field for form in found for field in form.fields if field.name == "access")
    assert access.kind == '"open" | "api" | "closed" | "scripted"' and access.required


def test_citations_name_the_edition_and_the_log() -> None:
    board = {"title": "A & B {board}", "maintainers": "C_D", "url": "https://x.org/}", "citation": ""}
    board |= {"edition": "2026.1", "head": "ab" * 32}
    assert plain_citation(board, "2026").endswith("Edition 2026.1, event log " + "ab" * 8 + ".")
    entry = bibtex(board, "2026")
    assert r"A \& B \{board\}" in entry and r"\url{https://x.org/}" in entry
    assert bibtex(board | {"citation": "@misc{own}"}, "2026") == "@misc{own}"
