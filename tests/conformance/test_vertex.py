"""What `submit` asks of Vertex AI by Google's own client, sent to a server on loopback: the requests, and safe to repeat."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from mlops_spec.diagnostic import failed
from tests.conformance.test_kubeflow import kfp
from tests.readers.test_readers import REAL, compiled

pytestmark = pytest.mark.conformance
ROOT = Path(__file__).parents[2]
VERTEX = next(real for real in REAL if real.name == "vertex")
PARENT = "projects/acme-ml/locations/europe-west3"
IMAGE = f"registry.acme.example/x@sha256:{'4b' * 32}"
SPEC: dict[str, Any] = {
    "apiVersion": "mlops-spec/v1", "project": {"name": "churn"},
    "platform": {"artifacts": {"uri": "gs://acme-ml/artifacts"}, "runtime": {"image": "registry.acme.example/runtime"}},
    "compute": {"gpu": {"cpu": "8", "memory": "32Gi", "accelerator": {"model": "nvidia-l4", "count": 1}}},
    "pipelines": {"train": {
        "parameters": {"depth": 3}, "schedule": {"cron": "0 3 * * 1", "timezone": "Europe/Berlin"}, "retries": {"limit": 2, "backoff": "1m"},
        "steps": {
            "fit": {"image": IMAGE, "command": ["fit", "--depth", "${{ parameters.depth }}"], "outputs": {"model": {"type": "model"}}, "compute": "gpu"},
            "card": {"image": IMAGE, "command": ["card"], "inputs": {"model": "steps.fit.outputs.model"}, "when": {"parameter": "depth", "is": 3}},
        },
    }},
}  # fmt: skip


class Vertex:
    """What Vertex AI holds, and the requests that change something: method, path, body."""

    def __init__(self) -> None:
        self.schedules: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, Any]] = []
        self.address = ""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        where = path.split("/", 2)[2]
        if method != "GET":
            self.asked.append((method, where, body))
        if where == f"{PARENT}/schedules" and method == "GET":
            return 200, {"schedules": self.schedules}
        if where == f"{PARENT}/schedules" and method == "POST":
            self.schedules.append({**body, "name": f"{PARENT}/schedules/{len(self.asked)}", "state": "ACTIVE"})
            return 200, self.schedules[-1]
        for one in self.schedules:
            if where == one["name"] and method == "GET":
                return 200, one
            if where == one["name"] and method == "DELETE":
                self.schedules.remove(one)
                done = {"@type": "type.googleapis.com/google.protobuf.Empty"}
                return 200, {"name": f"{PARENT}/operations/1", "done": True, "response": done}
        return 404, {"error": {"code": 404, "message": f"{method} {path} is not known here", "status": "NOT_FOUND"}}


@contextmanager
def serving(vertex: Vertex) -> Iterator[Vertex]:
    """Serve it on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = vertex.answer(self.command, urlsplit(self.path).path, json.loads(text) if text else None)
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
    vertex.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield vertex
    finally:
        server.shutdown()
        server.server_close()


def rendered() -> tuple[dict[str, Any], str]:
    """Return what the job is told, and the pipeline that it reads."""
    found = compiled(VERTEX, SPEC)
    assert not failed(found.diagnostics), found.diagnostics
    data = yaml.safe_load(found.environments["default"].tree["pipelines/configmap-train-submit.yaml"])["data"]
    return json.loads(data["submit.json"]), data["pipeline.yaml"]


def submitted(vertex: Vertex, told: dict[str, Any], folder: Path) -> tuple[int, dict[str, Any]]:
    """Run the program as the job does."""
    python = os.environ.get("MLOPS_SPEC_VERTEX_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_VERTEX_PYTHON names no Python")
    config = folder / "submit.json"
    config.write_text(json.dumps(told))
    script = str(Path(__file__).parent / "vertex_run.py")
    done = subprocess.run(
        [python, "-W", "ignore", script, vertex.address, "submit", "--config", str(config)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(lines) == 1, done.stdout + done.stderr
    said = json.loads(lines[0])
    assert said.pop("program") == "submit"
    return done.returncode, said


def test_a_pipeline_is_scheduled_once_in_its_own_zone(tmp_path: Path) -> None:
    told, text = rendered()
    (tmp_path / "pipeline.yaml").write_text(text)
    told["file"] = str(tmp_path / "pipeline.yaml")
    told["vertex"] |= {
        "service_account": "pipelines@acme-ml.iam.gserviceaccount.com",
        "network": "projects/1/global/networks/ml",
    }
    cron = "TZ=Europe/Berlin 0 3 * * 1"
    with serving(Vertex()) as vertex:
        code, said = submitted(vertex, told, tmp_path)
        assert (code, said) == (0, {"version": told["version"], "scheduled": cron, "removed": []})
        ((method, where, body),) = vertex.asked
        assert (method, where) == ("POST", f"{PARENT}/schedules")
        assert (body["displayName"], body["cron"], body["maxConcurrentRunCount"]) == (told["version"], cron, "1")
        assert not body.get("allowQueueing")
        request = body["createPipelineJobRequest"]
        assert request["parent"] == PARENT
        job = request["pipelineJob"]
        assert job["serviceAccount"] == "pipelines@acme-ml.iam.gserviceaccount.com"
        assert job["network"] == "projects/1/global/networks/ml"
        assert job["runtimeConfig"]["gcsOutputDirectory"] == "gs://acme-ml/artifacts"
        assert job["pipelineSpec"] == yaml.safe_load(text)

        assert submitted(vertex, told, tmp_path)[1]["removed"] == []
        assert len(vertex.asked) == 1

        vertex.schedules.append(
            {"name": f"{PARENT}/schedules/theirs", "displayName": "churn-default-train-theirs", "cron": "* * * * *"}
        )
        code, said = submitted(vertex, {**told, "version": "churn-default-train-0123456789"}, tmp_path)
        assert (code, said["removed"]) == (0, [told["version"]])
        assert [one["displayName"] for one in vertex.schedules] == [
            "churn-default-train-theirs",
            "churn-default-train-0123456789",
        ]
        code, said = submitted(vertex, {key: value for key, value in told.items() if key != "schedule"}, tmp_path)
        assert (code, said["removed"], said["scheduled"]) == (0, ["churn-default-train-0123456789"], None)


def test_a_server_that_is_refused_is_told(tmp_path: Path) -> None:
    told, _ = rendered()
    told["vertex"]["project"] = "other"
    with serving(Vertex()) as vertex:
        code, said = submitted(vertex, told, tmp_path)
    assert code == 1
    assert said["error"].startswith("Vertex AI refuses, or cannot be reached: 404")


def test_kfp_takes_the_pipeline_strictly() -> None:
    kfp([[yaml.safe_load(rendered()[1]), {}]])
