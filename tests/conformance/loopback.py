"""APIs that tests play in memory, served on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit


class Api(Protocol):
    """An API: where it is served, what it answers, and the tokens that opened it."""

    address: str
    tokens: set[str | None]

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """Return a status and what is sent as JSON; ``body`` is data where it came as JSON, else text, None for none."""
        ...


Served = TypeVar("Served", bound=Api)


@contextmanager
def serving(api: Served) -> Iterator[Served]:
    """Serve it on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            body = json.loads(text) if text and "json" in (self.headers.get("Content-Type") or "") else text or None
            asked = urlsplit(self.path)
            api.tokens.add(self.headers.get("Authorization"))
            status, answer = api.answer(self.command, asked.path, dict(parse_qsl(asked.query)), body)
            sent = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *said: object) -> None:
            return

    for method in ("GET", "POST", "DELETE"):
        setattr(Handler, f"do_{method}", Handler._answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    api.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
