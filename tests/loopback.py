"""A real OpenAI-compatible server on loopback that counts its calls, for tests of runs that are cut off."""

import contextlib
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class CountingServer:
    """Answers every chat completion with the same text after a latency, and counts requests by their content.

    Attributes:
        calls: Messages of a request -> how often it was asked.
    """

    def __init__(self, reply: str = "I do not know", latency: float = 0.02) -> None:
        self.calls: Counter[str] = Counter()
        self._changed = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(latency)  # the latency of a remote model
                with outer._changed:
                    outer.calls[json.dumps(body["messages"])] += 1
                    outer._changed.notify_all()
                message = {"role": "assistant", "content": reply}
                choice = {"index": 0, "message": message, "finish_reason": "stop"}
                usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
                payload = {"id": "x", "object": "chat.completion", "created": 0, "model": "counted",
                           "choices": [choice], "usage": usage}  # fmt: skip
                data = json.dumps(payload).encode()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client was killed
                    self._send(data)

            def _send(self, data: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def total(self) -> int:
        return self.calls.total()

    def wait_for(self, calls: int, timeout: float = 120) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self.total >= calls, timeout):
                raise TimeoutError(f"{self.total} of {calls} calls after {timeout} s")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
