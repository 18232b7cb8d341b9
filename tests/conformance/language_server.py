"""yaml-language-server over stdio, as an editor speaks to it (Language Server Protocol 3.17)."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 120.0


class LanguageServer:
    """A server that was started for one editor; ``schemas`` are files of schemas, and the names that they are for."""

    def __init__(self, process: subprocess.Popen[bytes], schemas: dict[str, str]) -> None:
        self._process, self._schemas = process, schemas
        self._asked = 0
        self._arrived: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._receive, daemon=True).start()
        wanted = {"workspace": {"configuration": True}, "textDocument": {"hover": {"contentFormat": ["markdown"]}}}
        self._ask("initialize", {"processId": None, "rootUri": None, "capabilities": wanted})
        self._send({"method": "initialized", "params": {}})

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Open a file with a text; return what is wrong with it."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while True:
            message = self._next()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri():
                found: list[dict[str, Any]] = message["params"]["diagnostics"]
                return found

    def completions(self, path: Path, line: int, column: int) -> set[str]:
        """Return what may be written at a place, counted from 0."""
        answer = self._ask("textDocument/completion", _at(path, line, column))
        return {item["label"] for item in answer["items"]}

    def hover(self, path: Path, line: int, column: int) -> str:
        """Return what is told of a place, counted from 0, as Markdown; nothing where nothing is."""
        answer = self._ask("textDocument/hover", _at(path, line, column))
        return str(answer["contents"]["value"]) if answer else ""

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == self._asked and "method" not in message:
                return message["result"]

    def _next(self) -> dict[str, Any]:
        message = self._arrived.get(timeout=PATIENCE)
        if "id" in message and "method" in message:
            is_settings = message["method"] == "workspace/configuration"
            self._send({"id": message["id"], "result": self._settings(message) if is_settings else None})
        return message

    def _settings(self, message: dict[str, Any]) -> list[Any]:
        ours = {"schemas": self._schemas, "schemaStore": {"enable": False}, "completion": True, "hover": True}
        return [ours if item.get("section") == "yaml" else None for item in message["params"]["items"]]

    def _send(self, message: dict[str, Any]) -> None:
        raw = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n" % len(raw) + raw)
        stream.flush()

    def _receive(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        length = 0
        while line := stream.readline():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif not line.strip():
                self._arrived.put(json.loads(stream.read(length)))


def _at(path: Path, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": column}}


@contextmanager
def started(program: str, schemas: dict[str, str]) -> Iterator[LanguageServer]:
    """Start the server, and end it."""
    command = [program, "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield LanguageServer(process, schemas)
        finally:
            process.kill()
