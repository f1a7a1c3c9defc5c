"""How the server is started, with a stand-in for llama.cpp; the real one is in test_embedded_model.py."""

import socket
import sys
from types import ModuleType, SimpleNamespace

import pytest

from equipoise.errors import InputError
from equipoise.harness.embedded import server
from equipoise.harness.embedded.server import Settings, serve, stop


@pytest.fixture(autouse=True)
def fake(monkeypatch, tmp_path):
    """A module in place of xllamacpp that keeps the parameters it was started with."""
    fake = ModuleType("xllamacpp")
    fake.started = []

    class Server:
        def __init__(self, params):
            fake.started.append(params)
            self.listening_address = f"http://{params.hostnames[0]}:{params.port or 50000}"

    fake.Server = Server
    fake.CommonParams = lambda: SimpleNamespace(model=SimpleNamespace(), cpuparams=SimpleNamespace())
    monkeypatch.setitem(sys.modules, "xllamacpp", fake)
    monkeypatch.setattr(server, "weights", lambda: tmp_path / "model.gguf")
    monkeypatch.setattr(server, "_running", None)
    monkeypatch.setattr(server.atexit, "register", lambda function: None)
    return fake


def test_settings_reach_the_server(fake, tmp_path):
    running = serve(Settings(context=512, slots=3, threads=2))
    [params] = fake.started
    assert params.model.path == str(tmp_path / "model.gguf")
    assert params.n_ctx == 3 * 512
    assert params.n_parallel == 3
    assert params.cpuparams.n_threads == 2
    assert running.base_url == "http://127.0.0.1:50000/v1"


def test_it_listens_on_loopback_only_and_asks_for_a_key(fake):
    running = serve(Settings())
    [params] = fake.started
    assert params.hostnames == ["127.0.0.1"]
    assert params.api_keys == [running.api_key]
    assert len(running.api_key) >= 32


def test_every_start_draws_a_new_key():
    first = serve(Settings()).api_key
    stop()
    assert serve(Settings()).api_key != first


def test_zero_threads_means_every_core(fake, monkeypatch):
    monkeypatch.setattr(server.os, "cpu_count", lambda: 7)
    serve(Settings(threads=0))
    assert fake.started[0].cpuparams.n_threads == 7


def test_one_server_per_process(fake):
    first = serve(Settings(context=512))
    assert serve(Settings(context=512)) is first
    assert len(fake.started) == 1
    with pytest.raises(InputError, match="one server per process") as caught:
        serve(Settings(context=1024))
    assert "context=512" in str(caught.value)
    assert len(fake.started) == 1


def test_after_stop_other_settings_are_welcome(fake):
    serve(Settings(context=512))
    stop()
    assert serve(Settings(context=1024)).settings.context == 1024
    assert len(fake.started) == 2


def test_stop_lets_go_of_the_handle_and_may_be_called_twice():
    serve(Settings())
    stop()
    stop()
    assert server._running is None


def test_a_taken_port_is_one_clear_line(fake):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} on 127.0.0.1 cannot be used") as caught:
            serve(Settings(port=port))
    assert caught.value.field == "port"
    assert "\n" not in str(caught.value)
    assert fake.started == []
    assert server._running is None


def test_a_free_port_is_passed_on(fake):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
    assert serve(Settings(port=port)).base_url.endswith(f":{port}/v1")


def test_a_model_that_does_not_load_is_an_input_error_that_names_the_file(fake, tmp_path):
    def broken(params):
        raise RuntimeError("failed to load model")

    fake.Server = broken
    with pytest.raises(InputError, match="failed to load model") as caught:
        serve(Settings())
    assert caught.value.path == tmp_path / "model.gguf"
    assert server._running is None


def test_without_xllamacpp_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(InputError, match=r"pip install 'equipoise\[embedded\]'"):
        serve(Settings())
