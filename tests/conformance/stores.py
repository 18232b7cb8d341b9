"""An object store on loopback (moto), and what is sent to servers there."""

from __future__ import annotations

import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conformance.conftest import named
from tests.conformance.test_signals import free_port


def waited(running: subprocess.Popen[bytes], url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url).close()
            return
        except OSError:
            assert running.poll() is None
            subprocess.run(["sleep", "0.1"], check=True)


@contextmanager
def bucket(name: str, log: Path) -> Iterator[dict[str, str]]:
    """Yield the variables of an object store that has a bucket of that name."""
    port = free_port()
    command = [named("MLOPS_SPEC_MOTO"), "-H", "127.0.0.1", "-p", str(port)]
    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as running:
        try:
            waited(running, f"http://127.0.0.1:{port}/")
            sent(f"http://127.0.0.1:{port}/{name}", b"", "application/octet-stream")
            yield {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any",
            }  # fmt: skip
        finally:
            running.terminate()


def sent(url: str, body: bytes, kind: str, method: str = "PUT") -> Any:
    request = urllib.request.Request(url, body, {"Content-Type": kind}, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.headers
