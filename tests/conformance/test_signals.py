"""The server writes the series that rules, routes and dashboards name: MLServer itself, asked and read."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_spec.backends.serving.kserve import KServe
from mlops_spec.blueprint.types import Signals
from tests.backends.conftest import service

pytestmark = pytest.mark.conformance

RUNTIME = """
from mlserver import MLModel
from mlserver.types import InferenceResponse

class Echo(MLModel):
    async def load(self):
        return True

    async def predict(self, payload):
        if payload.inputs[0].name == "broken":
            raise RuntimeError("broken")
        return InferenceResponse(model_name=self.name, outputs=[])
"""
SAMPLE = re.compile(r"(\w+)\{(.*)\} (\S+)")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def fetch(url: str, body: object = None) -> tuple[int, str]:
    data = json.dumps(body).encode() if body else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, {"content-type": "application/json"})) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, ""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Start MLServer; yield the ports of its API and of its series."""
    python = os.environ.get("MLOPS_SPEC_MLSERVER_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_MLSERVER_PYTHON names no Python")
    folder, ports = tmp_path_factory.mktemp("mlserver"), (free_port(), free_port(), free_port())
    names = ("http_port", "metrics_port", "grpc_port")
    (folder / "settings.json").write_text(
        json.dumps({"host": "127.0.0.1", "parallel_workers": 0, **dict(zip(names, ports))})
    )
    (folder / "model-settings.json").write_text(json.dumps({"name": "churn", "implementation": "echo.Echo"}))
    (folder / "echo.py").write_text(RUNTIME)
    log = (folder / "log").open("w")
    with subprocess.Popen(
        [Path(python).parent / "mlserver", "start", "."], cwd=folder, stdout=log, stderr=log
    ) as running:
        try:
            for _ in range(3000):
                try:
                    fetch(f"http://127.0.0.1:{ports[0]}/v2/health/ready")
                    break
                except OSError:
                    assert running.poll() is None, (folder / "log").read_text()
                    time.sleep(0.1)
            yield ports[0], ports[1]
        finally:
            running.terminate()
            log.close()


@pytest.fixture(scope="module")
def series(server: tuple[int, int]) -> list[tuple[str, str, float]]:
    """Ask the model twice and once in vain, ask for its health, and return every sample: name, labels, value."""
    api, metrics = server
    asked = f"http://127.0.0.1:{api}/v2/models/churn/infer"
    for name, status in (("a", 200), ("b", 200), ("broken", 500)):
        body = {"inputs": [{"name": name, "shape": [1], "datatype": "FP32", "data": [1]}]}
        assert fetch(asked, body)[0] == status
    assert fetch(f"http://127.0.0.1:{api}/v2/models/churn/ready")[0] == 200
    _, text = fetch(f"http://127.0.0.1:{metrics}{signals().path}")
    return [(name, labels, float(value)) for name, labels, value in SAMPLE.findall(text)]


def signals() -> Signals:
    return KServe(address="platform.serving", mode="standard").signals(service())


def matched(labels: str, matcher: str) -> bool:
    key, pattern = matcher.removesuffix('"').split('=~"')
    return re.search(rf'(?:^|,){key}="{pattern}"', labels) is not None


def test_requests_are_counted_by_those_that_ask_and_those_that_fail(series: list[tuple[str, str, float]]) -> None:
    found = signals()
    counted = [(labels, value) for name, labels, value in series if name == found.requests]
    asked = [(labels, value) for labels, value in counted if matched(labels, found.asked)]
    assert sum(value for _, value in asked) == 3
    assert sum(value for _, value in counted) == 4
    assert sum(value for labels, value in asked if matched(labels, found.failed)) == 1


def test_latency_is_a_histogram_in_seconds_with_these_bounds(series: list[tuple[str, str, float]]) -> None:
    found = signals()
    bounds = {
        bound
        for name, labels, _ in series
        if name == f"{found.latency}_bucket"
        for bound in re.findall(r'le="(.*?)"', labels)
    }
    assert bounds == {*(repr(float(bucket)) for bucket in found.buckets), "+Inf"}
    counted = [v for name, labels, v in series if name == f"{found.latency}_count" and matched(labels, found.asked)]
    assert sum(counted) == 3
