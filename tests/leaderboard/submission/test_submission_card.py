"""The card: one list of fields for file, options and prompts; all faults told at once."""

import pytest
import yaml

from equipoise.errors import InputError
from equipoise.leaderboard.manifest import Disclosure, ModelCard
from equipoise.leaderboard.submission.card import ASKED, fill, missing, read_card, template

TOLD = {"model": "hf/a", "provider": "hf", "revision": ""}


def test_every_field_that_logs_cannot_tell_is_asked_for():
    names = [field.name for field in ASKED]
    assert names == [
        *(name for name in ModelCard.model_fields if name not in ("model", "provider")),
        *Disclosure.model_fields, "contact",
    ]  # fmt: skip
    by_name = {field.name: field for field in ASKED}
    assert by_name["access"].choices == ("open", "api", "closed", "scripted") and by_name["attempts"].number
    assert by_name["trained_on_items"].option == "--trained-on-items" and not by_name["weights_sha256"].choices
    assert [field.name for field in missing({})] == [
        "name", "access", "attempts", "private_variants", "trained_on_items", "training_data", "contact"
    ]  # fmt: skip
    assert all(field.about.endswith(".") for field in ASKED)


def test_a_filled_template_is_a_card(tmp_path, card):
    path = tmp_path / "card.yaml"
    text = template()
    assert set(yaml.safe_load(text)) == {field.name for field in ASKED}
    path.write_text(text)
    assert read_card(path) == {}
    for name, value in {**card, "revision": "0123", "notes": "a: b"}.items():
        text = text.replace(f"\n{name}:\n", f"\n{name}: {value!r}\n" if ":" in value else f"\n{name}: {value}\n")
    path.write_text(text)
    answers = read_card(path)
    assert answers == {**card, "revision": "0123", "notes": "a: b"}
    filled = fill(answers, TOLD)
    assert (filled.disclosure.trained_on_items, filled.disclosure.attempts) == ("no", 1)
    assert (filled.model.revision, filled.contact) == ("0123", "ada@example.org")


def test_all_faults_are_told_at_once_by_field(card):
    wrong = {**card, "attempts": "many", "url": "javascript:x", "weights_sha256": "12", "private_variants": "-1"}
    del wrong["name"], wrong["contact"]
    with pytest.raises(InputError) as error:
        fill(wrong, TOLD)
    for name in ("name", "contact", "attempts", "url", "weights_sha256", "private_variants"):
        assert f"{name}" in str(error.value)
    assert "\n" not in str(error.value) and "training_data" not in str(error.value)


def test_the_card_may_add_a_revision_but_not_contradict_the_logs(card):
    told = {**TOLD, "revision": "abc"}
    assert fill(card, told).model.revision == "abc" == fill({**card, "revision": "abc"}, told).model.revision
    with pytest.raises(InputError, match="the logs say 'abc', the card 'abd'"):
        fill({**card, "revision": "abd"}, told)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nam: x", "field 'nam': unknown field"),
        ("name: [x]", "field 'name': expected a text"),
        ("- x", "expected a mapping"),
        ("name: 'x", "broken YAML"),
        ("name: \"a\\0b\"", "U\\+0000"),
    ],
)  # fmt: skip
def test_a_card_that_does_not_fit_is_one_line(tmp_path, card, text, said):
    path = tmp_path / "card.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        fill({**card, **read_card(path)}, TOLD)
