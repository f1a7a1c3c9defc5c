"""`equipoise/embedded`: its settings, and the real model behind it (a few short replies on one thread)."""

import asyncio
import gc
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import httpx
import pytest
from inspect_ai.model import GenerateConfig, get_model

from equipoise.errors import InputError
from equipoise.harness.embedded import api, server
from equipoise.harness.embedded.server import Settings, serve, stop

SETTINGS = {"context": 512, "slots": 2, "threads": 1}
PROMPT = "Name a colour."


@pytest.fixture
def no_weights(monkeypatch):
    monkeypatch.setattr(api, "weights", lambda: None)


@pytest.fixture(scope="module")
def model():
    """The model on a server of its own, whatever other tests left running."""
    pytest.importorskip("xllamacpp")
    stop()
    yield get_model("equipoise/embedded", memoize=False, **SETTINGS)
    stop()


def reply(model, max_tokens=8, **config):
    config = GenerateConfig(temperature=1.0, max_tokens=max_tokens, **config)
    return asyncio.run(model.generate(PROMPT, config=config))


def is_open(base_url):
    url = urlsplit(base_url)
    with socket.socket() as probe:
        return probe.connect_ex((url.hostname, url.port)) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("context", 255), ("context", 0), ("context", "2048"), ("context", 512.0), ("slots", 0), ("slots", -1),
        ("threads", -1), ("threads", None), ("port", -1), ("port", 65536), ("port", "http"),
    ],
)  # fmt: skip
def test_a_bad_setting_is_an_input_error_that_names_the_field(field, value, no_weights):
    with pytest.raises(InputError, match=f"found {value!r}") as caught:
        get_model("equipoise/embedded", memoize=False, **{field: value})
    assert caught.value.field == field


def test_the_smallest_and_largest_settings_are_accepted(no_weights):
    settings = {"context": 256, "slots": 1, "threads": 0, "port": 65535}
    model = get_model("equipoise/embedded", memoize=False, **settings)
    assert model.api.settings == Settings(**settings)
    assert model.api.max_connections() == 1


def test_without_arguments_the_defaults_of_the_server_hold(no_weights):
    assert get_model("equipoise/embedded", memoize=False).api.settings == Settings()


def test_only_one_embedded_model_is_known(no_weights):
    with pytest.raises(InputError, match="'equipoise/embedded/large'"):
        get_model("equipoise/embedded/large", memoize=False)


def test_missing_weights_are_told_when_the_model_is_made(monkeypatch):
    def missing():
        raise InputError("no such file", path="model.gguf")

    monkeypatch.setattr(api, "weights", missing)
    with pytest.raises(InputError, match="no such file"):
        get_model("equipoise/embedded", memoize=False)


@pytest.mark.embedded
def test_making_the_model_starts_no_server(model):
    stop()
    get_model("equipoise/embedded", memoize=False, **SETTINGS)
    assert server._running is None


@pytest.mark.embedded
def test_a_seed_settles_the_text_and_other_seeds_differ(model):
    texts = [reply(model, seed=seed).completion for seed in (1, 2, 3, 1)]
    assert all(text.strip() for text in texts)
    assert texts[0] == texts[3]
    assert len(set(texts)) > 1


@pytest.mark.embedded
def test_logprobs_and_usage_are_passed_through(model):
    output = reply(model, max_tokens=2, seed=1, logprobs=True, top_logprobs=3)
    tokens = output.choices[0].logprobs.content
    assert len(tokens) == 2
    assert "".join(token.token for token in tokens).strip() == output.completion.strip()
    for token in tokens:
        assert token.logprob <= 0
        shares = [candidate.logprob for candidate in token.top_logprobs]
        assert len(shares) == 3
        assert shares == sorted(shares, reverse=True)
    assert output.usage.output_tokens >= 2


@pytest.mark.embedded
def test_requests_at_the_same_time_are_all_answered(model):
    async def ask():
        config = GenerateConfig(max_tokens=1)
        return await asyncio.gather(*(model.generate(f"{i}?", config=config) for i in range(3)))

    assert all(output.completion for output in asyncio.run(ask()))


@pytest.mark.embedded
def test_a_prompt_beyond_the_context_is_an_error_and_never_cut(model):
    with pytest.raises(RuntimeError, match="exceeds the available context size"):
        asyncio.run(model.generate("word " * 600, config=GenerateConfig(max_tokens=1)))


@pytest.mark.embedded
def test_a_second_server_is_refused(model):
    reply(model, max_tokens=1)
    other = get_model("equipoise/embedded", memoize=False, **{**SETTINGS, "context": 1024})
    with pytest.raises(InputError, match="one server per process"):
        reply(other, max_tokens=1)


@pytest.mark.embedded
def test_a_request_without_the_key_is_refused(model):
    running = serve(Settings(**SETTINGS))
    body = {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": 1}
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = httpx.post(f"{running.base_url}/chat/completions", json=body, headers=headers)
        assert answer.status_code == 401
    headers = {"Authorization": f"Bearer {running.api_key}"}
    assert httpx.post(f"{running.base_url}/chat/completions", json=body, headers=headers).status_code == 200


@pytest.mark.embedded
def test_stop_closes_the_port_and_the_next_use_starts_a_new_server(model):
    reply(model, max_tokens=1)
    first = serve(Settings(**SETTINGS)).base_url
    assert is_open(first)
    stop()
    gc.collect()
    assert not is_open(first)
    assert reply(model, max_tokens=1).completion


@pytest.mark.embedded
def test_the_server_is_gone_with_its_process(model):
    """Also checks that a process that never called stop() ends cleanly."""
    program = (
        "from equipoise.harness.embedded.server import Settings, serve\n"
        f"running = serve(Settings(**{SETTINGS}))\n"
        "import httpx\n"
        "key = {'Authorization': 'Bearer ' + running.api_key}\n"
        "print(httpx.get(running.base_url + '/models', headers=key).status_code, running.base_url)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    status, base_url = done.stdout.split()
    assert status == "200"
    assert not is_open(base_url)
