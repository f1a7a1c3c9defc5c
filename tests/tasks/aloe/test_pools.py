"""The shipped profiles and personalities: enough, varied, apart, each in one pronoun."""

import json
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from equipoise.tasks.aloe.pools import own_personalities, own_pool, own_profiles
from equipoise.tasks.questions import content_hash

FOLDER = Path(str(files("equipoise.tasks.aloe") / "data"))
PRONOUNS = {
    "she": {"she", "her", "hers", "herself"},
    "he": {"he", "him", "his", "himself"},
    "they": {"they", "them", "their", "theirs", "themselves", "themself"},
}
TRAIT = re.compile(r"(?:^|(?<=\. )|(?<=\.\" ))([A-Z][a-z' -]+): [a-z]")


def tokens(text: str) -> set[str]:
    return set(re.findall(r"[\w']+", text.lower()))


def jaccard(one: str, other: str) -> float:
    return len(tokens(one) & tokens(other)) / len(tokens(one) | tokens(other))


def traits(text: str) -> list[str]:
    return [name.lower() for name in TRAIT.findall(text)]


def test_sizes_of_the_splits():
    assert [len(texts) for texts in own_pool("eval")] == [20, 7]
    assert [len(texts) for texts in own_pool("pool")] == [64, 33]
    assert len(own_profiles()) == 84 and len(own_personalities()) == 40


@pytest.mark.parametrize("name", ["profiles", "personalities"])
def test_every_line_carries_its_provenance(name):
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    items = own_profiles() if name == "profiles" else own_personalities()
    assert len(lines) == len(items)
    assert len({json.loads(line)["canary"] for line in lines}) == 1
    assert all(item.licence == "CC-BY-4.0" and re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", item.canary)
               for item in items)  # fmt: skip
    assert [item.hash for item in items] == [content_hash(item) for item in items]
    assert len({item.hash for item in items}) == len({item.text for item in items}) == len(items)


@pytest.mark.parametrize("texts", [own_profiles(), own_personalities()], ids=["profiles", "personalities"])
def test_no_two_texts_are_close(texts):
    pairs = [(one, other) for i, one in enumerate(texts) for other in texts[:i]]
    across = [jaccard(one.text, other.text) for one, other in pairs if one.split != other.split]
    within = [jaccard(one.text, other.text) for one, other in pairs if one.split == other.split]
    assert len(across) == {84: 20 * 64, 40: 7 * 33}[len(texts)] and max(across) < 0.4
    assert within and max(within) < 0.5


def test_profiles_speak_of_one_person_in_one_pronoun():
    for profile in own_profiles():
        assert profile.text.lower().startswith(f"{profile.pronoun} "), profile.id
        for pronoun, forms in PRONOUNS.items():
            if pronoun != profile.pronoun:
                assert not tokens(profile.text) & forms, (profile.id, pronoun)
    # `they` takes the plural of the verb; none of the words that may follow it ends in s
    plural = [profile for profile in own_profiles() if profile.pronoun == "they"]
    assert len(plural) == 12
    assert not [profile.id for profile in plural if re.search(r"\bthey \w+s\b", profile.text.lower())]


def test_personalities_have_no_pronoun_of_a_third_person():
    for personality in own_personalities():
        assert not tokens(personality.text) & set.union(*PRONOUNS.values()), personality.id


def test_profiles_are_varied():
    for split, profiles in (("eval", own_pool("eval").profiles), ("pool", own_pool("pool").profiles)):
        shares = {pronoun: count / len(profiles) for pronoun, count in Counter(p.pronoun for p in profiles).items()}
        assert shares["she"] == shares["he"] >= 0.4 and shares["they"] >= 0.1, split
        ages = [profile.age for profile in profiles]
        assert min(ages) == 16 and max(ages) >= 84
        assert all(sum(low <= age < low + 18 for age in ages) >= 0.1 * len(ages) for low in (16, 34, 52, 70)), split
    assert len({profile.country for profile in own_profiles()}) >= 40


def test_profiles_are_short_sentences_with_the_age():
    for profile in own_profiles():
        sentences = re.split(r"(?<=\.) ", profile.text)
        assert 6 <= len(sentences) <= 9 and all(s.endswith(".") for s in sentences), profile.id
        assert max(len(sentence.split()) for sentence in sentences) <= 20, profile.id
        assert re.search(rf"\b{profile.age}\b", sentences[0]), profile.id


def test_personalities_are_five_to_eight_traits():
    unflattering = {"impatient", "sceptical", "blunt", "secretive", "pedantic", "lazy", "arrogant", "jealous", "vain"}
    named = [traits(personality.text) for personality in own_personalities()]
    assert all(5 <= len(names) <= 8 for names in named)
    assert all(len(re.findall(r":", p.text)) == len(names) for p, names in zip(own_personalities(), named, strict=True))
    everything = [name for names in named for name in names]
    assert len(set(everything)) == len(everything) > 200
    assert unflattering <= set(everything)


def test_no_trait_stands_in_a_profile():
    named = {name for personality in own_personalities() for name in traits(personality.text)}
    assert "impatient" in named
    found = [
        (profile.id, name)
        for profile in own_profiles()
        for name in named
        if re.search(rf"\b{re.escape(name)}\b", profile.text.lower())
    ]
    assert found == []
