"""ALOE's released files: the real ones where they lie beside the checkout, small ones with their quirks everywhere."""

import hashlib
import json
import re
import warnings
from pathlib import Path

import httpx
import pytest

from equipoise.errors import InputError
from equipoise.tasks.aloe import released
from equipoise.tasks.aloe.load import load_cases, load_pool
from equipoise.tasks.aloe.released import COMMIT, RELEASED, URL, downloaded, read_texts, released_cases, released_pool

REFERENCE = Path(__file__).parents[3].parent / "shared" / "data" / "aloe"
COUNTS = {
    "profile.jsonl": (331, 143, 188),
    "personality.jsonl": (71, 34, 37),
    "profile_eval.jsonl": (20, 6, 14),
    "personality_eval.jsonl": (7, 3, 4),
}
"""Texts, and how many of them begin with She and with He."""

CHANGED = pytest.mark.filterwarnings("ignore:.*is not the file at ALOE's commit")


@pytest.fixture
def real() -> Path:
    for name in RELEASED:
        if not (REFERENCE / name).is_file():
            pytest.skip(f"no {name} beside the checkout")
    return REFERENCE


@pytest.mark.reference
@pytest.mark.parametrize("name", COUNTS)
def test_the_real_files(real, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the checksum is the pinned one
        texts = [text for _, text in read_texts(real / name)]
    assert len(texts) == len(set(texts)) == COUNTS[name][0]
    assert [sum(text.startswith(f"{word} ") for text in texts) for word in ("She", "He")] == list(COUNTS[name][1:])
    assert all(text == text.strip() and "\\u" not in text for text in texts)


@pytest.mark.reference
def test_the_real_cases(real):
    cases = load_cases(str(real))
    assert len(cases) == len({case.id for case in cases}) == 100
    assert [case.id for case in cases] == [
        f"profile{p:02d}.personality{q:02d}" for p in range(1, 21) for q in range(1, 6)
    ]
    profiles, personalities = ([t for _, t in read_texts(real / f"{n}_eval.jsonl")] for n in ("profile", "personality"))
    assert [(case.profile, case.personality) for case in cases] == [(p, q) for p in profiles for q in personalities[:5]]
    assert sum(case.pronoun != case.personality.split()[0].lower() for case in cases) == 46
    everyone = load_cases(str(real), "all")
    assert len(everyone) == 140 and everyone[6].id == "profile01.personality07"


@pytest.mark.reference
def test_the_real_pool(real):
    pool = load_pool(str(real))
    assert [len(texts) for texts in pool] == [331, 71]
    assert (pool.profiles[330].id, pool.personalities[0].id) == ("pool-profile331", "pool-personality01")
    seen = {text for case in released_cases(real, "all") for text in (case.profile, case.personality)}
    assert len(seen) == 27 and not seen & {entry.text for entry in (*pool.profiles, *pool.personalities)}
    ids = {entry.id for entry in (*pool.profiles, *pool.personalities)}
    assert len(ids) == 402 and not ids & {case.profile_id for case in released_cases(real)}


# --- small files ------------------------------------------------------------------------------------------------

QUIRKS = '"She is one.\\n"\n\n  "He says \\u201cno\\u201d."   "They are three."\r\n"He is \\"four\\". "'
"""A trailing line break inside a string, a blank line, two strings on a line, escapes, no final newline."""


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "profile_eval.jsonl").write_bytes(QUIRKS.encode())
    (tmp_path / "personality_eval.jsonl").write_text("".join(f'"He is t{i}."\n' for i in range(1, 8)))
    (tmp_path / "profile.jsonl").write_text('"He is five.""She is six."\n')
    (tmp_path / "personality.jsonl").write_text('"She is calm."')
    return tmp_path


@CHANGED
def test_strings_are_decoded_one_after_the_other(folder):
    assert read_texts(folder / "profile_eval.jsonl") == [
        (1, "She is one."), (3, "He says “no”."), (3, "They are three."), (4, 'He is "four".'),
    ]  # fmt: skip


@CHANGED
def test_small_cases_and_pool(folder):
    cases = load_cases(str(folder))
    assert len(cases) == 20 and len(released_cases(folder, "all")) == 28
    assert [case.pronoun for case in cases[::5]] == ["she", "he", "they", "he"]
    assert [case.id for case in cases[4:6]] == ["profile01.personality05", "profile02.personality01"]
    assert [case.personality for case in cases[:5]] == [f"He is t{i}." for i in range(1, 6)]
    pool = released_pool(folder)
    assert [(p.id, p.text) for p in pool.profiles] == [
        ("pool-profile01", "He is five."), ("pool-profile02", "She is six."),
    ]  # fmt: skip
    assert [(q.id, q.text) for q in pool.personalities] == [("pool-personality01", "She is calm.")]


@CHANGED
def test_a_byte_order_mark_is_allowed(folder):
    path = folder / "profile.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [text for _, text in read_texts(path)] == ["He is five.", "She is six."]


def test_a_file_that_differs_is_read_with_a_warning(folder, monkeypatch):
    path = folder / "personality.jsonl"
    with pytest.warns(UserWarning, match=r"personality\.jsonl is not the file at ALOE's commit b1b8285e3a75"):
        read_texts(path)
    monkeypatch.setitem(RELEASED, path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_texts(path) == [(1, "She is calm.")]


BAD = [
    ('"She is one."\n"She is', 2, "broken JSON"),
    ('"She is one."\n\n\n"She is two.", "He is three."', 4, "broken JSON"),
    ('"She is one."\nHe is two.', 2, "broken JSON"),
    ('"She is\none."', 1, "broken JSON"),
    ("[" * 100_000, 1, "broken JSON"),
    ('"She is one."\n{"text": "She is two."}', 2, "expected a JSON string, found dict"),
    ('["She is one."]', 1, "expected a JSON string, found list"),
    ('"She is one."\nnull', 2, "expected a JSON string, found NoneType"),
    ('"She is one."\n"  "\n', 2, "expected a text, found an empty string"),
    ('"She is one."\n"Ada is two."', 2, "begins with She, He or They, found 'Ada is two.'"),
    ('"Sheila is one."', 1, "begins with She, He or They"),
    ('"She is \\ud800."', 1, "field 'text'"),
]


@CHANGED
@pytest.mark.parametrize(("content", "line", "message"), BAD)
def test_values_that_do_not_fit(folder, content, line, message):
    path = folder / "profile_eval.jsonl"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        released_cases(folder)
    assert str(caught.value).startswith(f"{path}:{line}: ") and message in str(caught.value)
    assert "\n" not in str(caught.value)


@CHANGED
@pytest.mark.parametrize(("content", "message"), [(b" \n", "is empty"), (b"", "is empty"), (b'"\xff"', "is not UTF-8")])
def test_a_file_without_texts(folder, content, message):
    path = folder / "personality_eval.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{re.escape(str(path))}: {message}"):
        released_cases(folder)


@CHANGED
@pytest.mark.parametrize("name", RELEASED)
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    load = released_cases if "eval" in name else released_pool
    with pytest.raises(InputError, match=f"{re.escape(name)}: cannot be read"):
        load(folder)


def test_a_missing_folder(tmp_path):
    with pytest.raises(InputError, match=r"nowhere/profile_eval\.jsonl: cannot be read"):
        load_cases(str(tmp_path / "nowhere"))


# --- the download -----------------------------------------------------------------------------------------------


@pytest.fixture
def cache(monkeypatch, tmp_path) -> Path:
    """An empty user cache."""
    found = tmp_path / "cache"
    monkeypatch.setattr(released.platformdirs, "user_cache_dir", lambda *_: str(found))
    return found


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_download_is_checked_kept_and_not_repeated(cache, monkeypatch):
    texts = {name: json.dumps(f"She is in {name}.").encode() for name in RELEASED}
    for name, content in texts.items():
        monkeypatch.setitem(RELEASED, name, hashlib.sha256(content).hexdigest())
    asked = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return texts[url.rpartition("/")[2]]

    found = downloaded(fetch)
    assert downloaded(fetch) == found and cache in found.parents
    assert asked == [URL.format(name=name) for name in RELEASED] and all(f"/{COMMIT}/datasets/" in url for url in asked)
    assert left_in(cache) == sorted(RELEASED)
    assert [case.id for case in load_cases("released", "all")] == ["profile01.personality01"]  # out of the cache
    assert load_pool("released").profiles[0].text == "She is in profile.jsonl."


def test_a_wrong_checksum_leaves_nothing_behind(cache):
    with pytest.raises(InputError, match=r"wrong checksum of https://.*/profile\.jsonl: expected da50fe0d650f8ec3…"):
        downloaded(lambda url: b"changed")
    assert left_in(cache) == []


def test_an_interrupted_download_leaves_nothing_under_the_final_name(cache):
    def fetch(url: str) -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        downloaded(fetch)
    assert left_in(cache) == []


def no_route(url: str) -> httpx.Response:
    raise httpx.ConnectError("no route to host")


def not_found(url: str) -> httpx.Response:
    return httpx.Response(404, request=httpx.Request("GET", url))


@pytest.mark.parametrize("answer", [no_route, not_found])
def test_no_network_is_one_line(cache, monkeypatch, answer):
    monkeypatch.setattr(httpx, "get", lambda url, **_: answer(url))
    with pytest.raises(InputError, match=r"cannot be fetched .*; give a path to the file instead") as caught:
        load_cases("released")
    assert "\n" not in str(caught.value) and left_in(cache) == []
