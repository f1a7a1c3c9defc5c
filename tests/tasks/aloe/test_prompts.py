"""The task's texts: what they must say, and how a user's own replace them."""

import pytest

from equipoise.errors import InputError
from equipoise.tasks.aloe.personas import Persona, evaluation_cases
from equipoise.tasks.aloe.prompts import read_prompts
from equipoise.tasks.aloe.responders import RESPONDERS, system_of

PERSONA = Persona(
    profile="She has a {personality} and {braces}.", personality="Calm: {profile}.", profile_id="p", personality_id="q",
    pronoun="she",
)  # fmt: skip


def test_personas_are_filled_in_as_they_are():
    for text in (read_prompts().user_of(PERSONA), read_prompts().persona_known_of(PERSONA)):
        assert text.count(PERSONA.profile) == 1 and text.count(PERSONA.personality) == 1
    swapped_order = read_prompts().model_copy(update={"user": "{personality} / {profile}"})
    assert swapped_order.user_of(PERSONA) == "Calm: {profile}. / She has a {personality} and {braces}."


def test_no_two_cases_have_the_same_prompt():
    prompts = read_prompts()
    assert len({prompts.user_of(case) for case in evaluation_cases("all")}) == 140


def test_only_the_informed_responder_is_told_the_persona():
    prompts, case = read_prompts(), evaluation_cases()[0]
    told = {responder: system_of(responder, case, prompts) for responder in RESPONDERS}
    assert told["model"] == told["no_history"] == ""
    assert case.profile in told["persona_known"] and case.personality in told["persona_known"]
    assert told["style"] == prompts.style and "{" not in told["style"]


def test_own_texts_replace_some(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("version: mine-1\nopening: Say hello.\n")
    mine, shipped = read_prompts(str(path)), read_prompts()
    assert (mine.version, mine.opening, mine.user) == ("mine-1", "Say hello.", shipped.user)
    assert shipped.version != mine.version and shipped.canary.startswith("equipoise-canary-")


@pytest.mark.parametrize(
    ("text", "field", "told"),
    [
        ("opening: Hello.\n", "version", "expected a version"),
        ("version: a\nuser: Only {profile}.\n", "user", "{profile} and {personality}"),
        ("version: a\nusers: x\n", "users", "unknown key"),
        ("- a\n", "", "expected a mapping"),
        ("version: a\nopening: [\n", "", "broken YAML"),
    ],
)
def test_texts_that_do_not_fit_are_refused(text, field, told, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_prompts(str(path))
    assert str(path) in str(error.value) and told in str(error.value) and (error.value.field or "") == field
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml.*cannot be read"):
        read_prompts(str(tmp_path / "none.yaml"))
