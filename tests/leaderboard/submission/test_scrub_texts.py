"""Secrets in texts: found in every form, and nothing else touched."""

import io
import json
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.leaderboard.submission.scrub import Scrubber, chunks_of

HEX = "0123456789abcdef" * 4
BODY = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5hJ7kL9nP1"

PLANTED = {
    "openai-key": [f"sk-{BODY}", f"sk-proj-{BODY[:20]}_{BODY[20:]}-x9", f"sk-or-v1-{HEX}", f"sk-{HEX[:32]}"],
    "anthropic-key": [f"sk-ant-api03-{BODY}-{BODY[:10]}AA"],
    "huggingface-token": [f"hf_{'aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH'}"],
    "google-key": [f"AIza{BODY[:35]}", f"ya29.{BODY}"],
    "aws-key": ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"],
    "github-token": [f"ghp_{BODY[:36]}", f"github_pat_{BODY[:22]}_{BODY}"],
    "gitlab-token": [f"glpat-{BODY[:20]}"],
    "slack-token": [f"xoxb-123456789012-{BODY[:24]}"],
    "groq-key": [f"gsk_{BODY}"],
    "provider-key": [f"xai-{BODY}", f"nvapi-{BODY}", f"pplx-{BODY}", f"r8_{BODY[:37]}"],
    "jwt": [f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{BODY}"],
}
EVERY = [(kind, secret) for kind, secrets in PLANTED.items() for secret in secrets]

SURROUNDINGS = (
    "{}",
    "the key is {}.",
    "KEY={}",
    '"{}"',
    "('{}',)",
    "a\n{}\nb",
    "line\\n{}\\n",
    "https://x.org/?k={}&a=1",
)


@pytest.fixture
def scrubber() -> Scrubber:
    return Scrubber({})


def through_json(scrubber: Scrubber, value: object, size: int = 1 << 20, **how) -> tuple[object, Counter[str]]:
    raw, found = json.dumps(value, **how).encode(), Counter()
    parts = [raw[start : start + size] for start in range(0, len(raw), size)]
    return json.loads(b"".join(scrubber.json(parts, found))), found


@pytest.mark.parametrize(("kind", "secret"), EVERY)
def test_a_provider_s_key_is_taken_out_wherever_it_stands(scrubber, kind, secret):
    for around in SURROUNDINGS:
        found = Counter()
        assert scrubber.text(around.format(secret), found) == around.format(f"[removed:{kind}]")
        assert found == {kind: 1}


def test_private_keys_with_and_without_their_end(scrubber):
    body = "\n".join([BODY + BODY[:19]] * 3)
    whole = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    assert scrubber.text(f"see {whole} here") == "see [removed:private-key] here"
    assert scrubber.text(f"cut off: -----BEGIN PRIVATE KEY-----\n{body}") == "cut off: [removed:private-key]"
    assert scrubber.text(json.dumps(whole)) == '"[removed:private-key]"'
    talk = "A file that begins with -----BEGIN PRIVATE KEY----- holds a key, and should not be sent to anybody."
    assert scrubber.text(talk) == talk


def test_passwords_in_urls_and_headers(scrubber):
    assert scrubber.text("postgres://joe:pa55!x@db:5432/a") == "postgres://[removed:url-password]@db:5432/a"
    assert scrubber.text(f"Authorization: Bearer {HEX}") == "Authorization: Bearer [removed:bearer-token]"
    assert scrubber.text("Authorization: Basic am9lOnNlY3JldA==") == "Authorization: Basic [removed:bearer-token]"
    assert scrubber.text("https://x.org/a:b/@joe") == "https://x.org/a:b/@joe"


@pytest.mark.parametrize(
    "named", ["api_key='{}'", 'MISTRAL_API_KEY="{}"', "aws_secret_access_key = {}", '{{"password": "{}"}}',
              '{{\\"client_secret\\": \\"{}\\"}}', "?access_token={}&x=1"],
)  # fmt: skip
def test_a_secret_that_only_its_name_betrays_is_found_without_it_from_then_on(scrubber, named):
    secret = "wJalrXUtnFEMI7K7MDENGbPxRfiCYEX4MPLE8KEY"
    assert scrubber.text(f"before {secret}") == f"before {secret}"
    assert scrubber.text(named.format(secret)) == named.format("[removed:named-secret]")
    assert scrubber.text(f"after {secret}") == "after [removed:named-secret]"


def test_values_of_secret_variables_are_found_in_every_spelling():
    value = 'p"q/r s\\t0é'
    scrubber = Scrubber({"MY_SERVICE_TOKEN": value, "SHORT_SECRET": "1234567", "EDITOR": "editor-value", "N_TOKEN": ""})
    for text in (value, json.dumps(value), json.dumps({"a": [value]}), repr(value), "p%22q%2Fr%20s%5Ct0%C3%A9"):
        clean = scrubber.text(f"<{text}>")
        assert "[removed:environment-variable]" in clean and "q" not in clean.replace("environment", "")
    for how in ({"ensure_ascii": True}, {"ensure_ascii": False}):
        assert through_json(scrubber, [value], **how) == (
            ["[removed:environment-variable]"],
            {"environment-variable": 1},
        )
    assert scrubber.text("1234567 editor-value") == "1234567 editor-value"


def test_folders_of_a_person():
    scrubber = Scrubber({}, "/home/ada", "ada")
    for text, expected in {
        "/home/ada/x.py": "~/x.py",
        'File "/home/ada/a/b.py", line 3': 'File "~/a/b.py", line 3',
        "/home/ada": "~",
        "file:///home/ada/x": "file://~/x",
        "/scratch/ada/models/m": "/scratch/~/models/m",
        "/home/adam/x": "/home/adam/x",
        "Canada/ada/Nevada": "Canada/ada/Nevada",
        "https://github.com/ada/repo": "https://github.com/ada/repo",
        "ada/model-1": "ada/model-1",
        "Ada said: ada is a name.": "Ada said: ada is a name.",
    }.items():
        assert scrubber.text(text) == expected
    assert Scrubber({}, "C:\\Users\\ada", "ada").text("C:\\Users\\ada\\x") == "~\\x"
    assert Scrubber({}, "/root", "root").text("/root/x") == "/root/x"


def test_keys_of_json_tell_secrets_but_words_of_a_vocabulary_are_none(scrubber):
    value = {
        "api_key": "correct-horse", "x-api-key": "short", "Authorization": "Basic x", "password": "swordfish",
        "token": "Internationalization", "tokens": [{"token": "12345678", "logprob": -0.1}], "secret": "friendship",
        "n": 1.0, "other": "correct-horse", "max_tokens": 5, "api_base": "http://localhost:8000",
    }  # fmt: skip
    clean, found = through_json(scrubber, value)
    assert clean == {**value, "api_key": "[removed:named-secret]", "password": "[removed:named-secret]"}
    assert found == {"named-secret": 2}


def test_headers_as_pairs(scrubber):
    clean, _ = through_json(scrubber, {"headers": [["X-Auth-Token", BODY[:24]], ["accept", "application/json"]]})
    assert clean == {"headers": [["X-Auth-Token", "[removed:named-secret]"], ["accept", "application/json"]]}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_json_is_scrubbed_alike_however_it_is_cut(data):
    secret = st.sampled_from([secret for _, secret in EVERY])
    texts = st.one_of(st.text(), secret, st.tuples(st.text(), secret).map(" ".join))
    value = data.draw(
        st.recursive(texts | st.integers() | st.none(), lambda v: st.lists(v) | st.dictionaries(texts, v), max_leaves=8)
    )
    size, ascii_only = data.draw(st.integers(1, 60)), data.draw(st.booleans())
    clean, found = through_json(Scrubber({}), value, size, ensure_ascii=ascii_only)
    assert (clean, found) == through_json(Scrubber({}), value, ensure_ascii=ascii_only)
    dumped = json.dumps(clean)
    assert not any(secret in dumped for _, secret in EVERY)
    assert through_json(Scrubber({}), clean) == (clean, Counter())


PROSE = """
the key to a secret: password token Bearer of news, api keys; basic authorization risk-based sk-learn hf_ask
task-specific disk- 2026-11-22T12:03:15 12345678 https://example.org/a/b?c=d&key=value ask: desk-research-2024
credentials = good access_token sig= xoxo ghp gsk_ AKIA eyJ -----BEGIN /home/bob/x :// user@host a:b@c {}
secret_key=settings.SECRET_KEY password: correct-horse-battery-staple token=0123456789 $API_KEY <password>
0xdeadbeef 3.14159265358979 ISBN-978-3-16-148410-0 counter-revolutionaries A1B2 Lake Baikal (1,642 m) key=true;
token: Internationalization
"""
WORDS = st.sampled_from([*PROSE.split(), "\n"])


@settings(max_examples=250, deadline=None)
@given(st.lists(WORDS | st.text(max_size=12), max_size=30).map(" ".join))
def test_ordinary_texts_stay_as_they_are(text):
    scrubber = Scrubber({"OPENAI_API_KEY": BODY, "A_TOKEN": "disabled"}, "/home/ada", "ada")
    found = Counter()
    assert scrubber.text(text, found) == text and not found
    assert through_json(scrubber, {"content": text, "token": "Ġkey", "name": [text]})[1] == {}


def test_bytes_outside_of_scrubbed_strings_are_the_same(scrubber):
    raw = f'{{ "a":1.50, "b" : NaN,"c":"\\u00e9\\/", "d":"sk-{BODY}" ,\n"e":-Infinity}}\n'.encode()
    found = Counter()
    clean = b"".join(scrubber.json(chunks_of(io.BytesIO(raw)), found))
    assert clean == re.sub(rb"sk-\w+", b"[removed:openai-key]", raw)
