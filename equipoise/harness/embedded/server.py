"""One llama.cpp server per process, on a loopback port, started on first use and gone with the process."""

import atexit
import os
import secrets
import socket
import threading
from typing import Any, NamedTuple

from equipoise.errors import InputError
from equipoise.harness.embedded.weights import weights

HOST = "127.0.0.1"


class Settings(NamedTuple):
    """How the server runs.

    Attributes:
        context: Tokens a slot can hold (prompt and reply together).
        slots: Requests decoded at the same time.
        threads: CPU threads; 0 = all cores.
        port: Loopback port; 0 = any free one.
    """

    context: int = 2048
    slots: int = 16
    threads: int = 0
    port: int = 0


class Running(NamedTuple):
    """A started server: the handle that keeps it alive, where it listens and the key it asks for."""

    handle: Any
    settings: Settings
    base_url: str
    api_key: str


_lock = threading.Lock()
_running: Running | None = None


def serve(settings: Settings) -> Running:
    """The process's server, started if it is not up yet.

    The key keeps other users of the machine out of the port.

    Raises:
        InputError: `xllamacpp` is not installed, the port is taken, the settings differ from those of the running
            server, or the file cannot be loaded.
    """
    global _running
    with _lock:
        if _running is None:
            _running = _start(settings)
            atexit.register(stop)
        elif _running.settings != settings:
            raise InputError(f"the embedded model already runs with {_running.settings}; one server per process")
        return _running


def stop() -> None:
    """Shut the server down; the next use starts a new one."""
    global _running
    with _lock:
        _running = None


def _start(settings: Settings) -> Running:
    try:
        import xllamacpp
    except ImportError:
        raise InputError("equipoise/embedded needs xllamacpp: pip install 'equipoise[embedded]'") from None
    path = weights()
    if settings.port:
        _require_free(settings.port)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = settings.context * settings.slots
    params.n_parallel = settings.slots
    params.cpuparams.n_threads = settings.threads or os.cpu_count() or 1
    params.hostnames = [HOST]
    params.port = settings.port
    params.api_keys = [secrets.token_urlsafe(24)]
    params.cache_ram_mib = 256  # the default keeps up to 8 GB of old prompts
    params.ui = False
    params.verbosity = -1
    try:
        handle = xllamacpp.Server(params)
    except Exception as error:  # the extension raises bare RuntimeErrors
        raise InputError(f"the embedded model does not start: {error}", path=path) from None
    return Running(handle, settings, f"{handle.listening_address}/v1", params.api_keys[0])


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise InputError(f"port {port} on {HOST} cannot be used ({error.strerror})", field="port") from None
