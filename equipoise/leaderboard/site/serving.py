"""A look at a built site from this machine: files below one folder, on the loopback address alone."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from equipoise.errors import InputError


class _Handler(SimpleHTTPRequestHandler):
    """Plain files; nothing is logged, and nothing is kept by the browser, so that a rebuilt site shows at once."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def serving(site: Path, port: int) -> ThreadingHTTPServer:
    """A server for a folder, ready to `serve_forever`.

    Args:
        site: Folder with `index.html`.
        port: On 127.0.0.1; 0 = any free one.

    Raises:
        InputError: The port is taken.
    """
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(site)))
    except OSError as error:
        raise InputError(f"cannot be used ({error.strerror}); try another --port", field=f"port {port}") from None
