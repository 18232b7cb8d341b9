"""A real MLflow server with tracking and registry on SQLite."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conformance.test_signals import free_port


class Server:
    """A server whose books stay in ``folder`` while it is stopped and started."""

    def __init__(self, python: str, folder: Path) -> None:
        self.python, self.folder, self.port = python, folder, free_port()
        self.uri = f"http://127.0.0.1:{self.port}"
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        store = ("--backend-store-uri", f"sqlite:///{self.folder}/mlflow.db")
        options = (*store, "--artifacts-destination", str(self.folder / "kept"), "--workers", "1")
        command = [self.python, "-m", "mlflow", "server", *options, "--host", "127.0.0.1", "--port", str(self.port)]
        quick = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        with (self.folder / "log").open("a") as log:
            self.running = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, env={**os.environ, **quick}, start_new_session=True
            )
        for _ in range(3000):
            try:
                urllib.request.urlopen(f"{self.uri}/health").close()
                return
            except OSError:
                assert self.running.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, and all that it has started."""
        if self.running is not None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
            self.running = None

    def ask(self, path: str, told: dict[str, Any] | None = None) -> Any:
        """Call its API: with ``told`` as a POST."""
        data = None if told is None else json.dumps(told).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.uri}/api/2.0/mlflow/{path}", data, headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


@contextmanager
def served(python: str, folder: Path) -> Iterator[Server]:
    """Start a server for as long as the block lasts."""
    server = Server(python, folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
