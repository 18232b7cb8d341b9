"""Run by an engine's own Python: launches scorings by Dataflow's client, on a Dataflow of this machine.

What that is asked to launch it runs, by the template's own main program and Beam's runner of this machine.
``FOLDER DIGEST`` prints what the program said in each case, and what Dataflow was asked.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import google.auth
from google.auth.credentials import AnonymousCredentials
from google.cloud import dataflow_v1beta3 as dataflow

from mlops_spec.runtime import flex, launch
from mlops_spec.runtime.program import Failed
from mlops_spec.runtime.scores import Folder

Asked = list[tuple[str, dict[str, Any]]]


class Dataflow(BaseHTTPRequestHandler):
    """The two services of Dataflow's that the program talks to; ``ends`` is how the next job ends."""

    ends = "JOB_STATE_DONE"
    jobs: dict[str, dict[str, Any]] = {}
    asked: Asked = []
    looks = 0

    def do_POST(self) -> None:
        """Launch."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append((self.path.partition("?")[0], body))
        told = body["launchParameter"]
        if self.ends == "JOB_STATE_DONE":
            spec = json.loads(Path(told["containerSpecGcsPath"].removeprefix("file://")).read_text())
            assert {p["name"] for p in spec["metadata"]["parameters"]} == told["parameters"].keys()
            given = [f"--{name}={value}" for name, value in told["parameters"].items()]
            flex.main([*given, "--runner=DirectRunner", "--unknown=1"])
        job = {"id": str(len(self.jobs)), "name": told["jobName"], "currentState": self.ends}
        self.jobs[job["id"]] = job
        self._answer({"job": {**job, "currentState": "JOB_STATE_QUEUED"}})

    def do_GET(self) -> None:
        """Tell of one job, which runs for a while, or of all."""
        found = re.search(r"/jobs/(\d+)", self.path)
        if found is None:
            self._answer({"jobs": list(self.jobs.values())})
            return
        type(self).looks += 1
        job = self.jobs[found[1]]
        self._answer({**job, "currentState": "JOB_STATE_RUNNING" if self.looks % 3 else job["currentState"]})

    def do_PUT(self) -> None:
        """Cancel."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append((self.path.partition("?")[0], body))
        self._answer({})

    def _answer(self, said: dict[str, Any]) -> None:
        text = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


def told(folder: Path, digest: str, **changes: Any) -> dict[str, Any]:
    schedule = {"cron": "0 5 * * *", "timezone": "Europe/Berlin"}
    score = {
        "model": {"name": "churn", "version": 6, "uri": f"file://{folder}/model", "digest": digest},
        "input": {"uri": f"file://{folder}/rows"}, "output": f"file://{folder}/out/ds=${{{{ run.date }}}}",
        "schedule": schedule, "engine": "beam",
    }  # fmt: skip
    parameters = [{"name": name, "label": name, "helpText": name} for name in ("config", "scheduled_at", "run")]
    return {
        "folder": f"file://{folder}/templates", "schedule": schedule,
        "request": {
            "projectId": "acme-ml", "location": "europe-west3",
            "launchParameter": {
                "jobName": "churn", "parameters": {"config": json.dumps(score)}, "environment": {"maxWorkers": 3},
            },
        },
        "template": {
            "image": "registry.acme.example/x", "sdkInfo": {"language": "PYTHON"},
            "metadata": {"name": "churn", "parameters": parameters},
        },
        **changes,
    }  # fmt: skip


def tried(configuration: dict[str, Any], day: str) -> dict[str, Any]:
    try:
        return launch.run(configuration, (), {**os.environ, "MLOPS_SCHEDULED_AT": f"{day}T05:00:00+01:00"})
    except Failed as problem:
        return {"error": str(problem), **problem.said}


def main(folder: Path, digest: str) -> dict[str, Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Dataflow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    google.auth.default = lambda *words, **options: (AnonymousCredentials(), None)
    options = {"api_endpoint": f"http://127.0.0.1:{server.server_port}"}
    for name in ("JobsV1Beta3Client", "FlexTemplatesServiceClient"):
        setattr(dataflow, name, partial(getattr(dataflow, name), client_options=options))
    launch._LOOK = 0.01
    said: Callable[[str], dict[str, Any]] = partial(tried, told(folder, digest))
    found = {"first": said("2026-03-04"), "again": said("2026-03-04")}
    Dataflow.ends = "JOB_STATE_FAILED"
    found |= {"failed": said("2026-03-05"), "failed again": said("2026-03-05")}
    Dataflow.ends = "JOB_STATE_RUNNING"
    found["too long"] = tried(told(folder, digest, timeout=1), "2026-03-06")
    server.shutdown()
    whole = Folder(f"file://{folder}/out/ds=2026-03-04", "", {}).whole()
    return {
        **found,
        "asked": Dataflow.asked,
        "whole": whole,
        "templates": len(list((folder / "templates").rglob("*.json"))),
    }


if __name__ == "__main__":
    out, sys.stdout = sys.stdout, sys.stderr  # the template's own program says what it did too
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])), file=out)
