"""What `submit` and `poll` ask of Vertex AI by Google's own client, sent to a server on loopback: the requests, and safe to repeat."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_spec.diagnostic import failed
from tests.blueprint.test_polling import asked as ask_for
from tests.blueprint.test_polling import objects
from tests.conformance.loopback import serving
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
    """What Vertex AI holds, and the requests that change something: method, path, body. Queries of lists are kept, too."""

    def __init__(self) -> None:
        self.schedules: list[dict[str, Any]] = []
        self.jobs: list[dict[str, Any]] = []
        self.listed: list[dict[str, str]] = []
        self.asked: list[tuple[str, str, Any]] = []
        self.tokens: set[str | None] = set()
        self.address = ""

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        where = path.split("/", 2)[2]
        if where == "v1/b/acme-ml" and method == "GET":  # Cloud Storage: the client looks for the bucket of the root
            return 200, {"name": "acme-ml"}
        if method != "GET":
            self.asked.append((method, where, body))
        if where == f"{PARENT}/schedules" and method == "GET":
            return 200, {"schedules": self.schedules}
        if where == f"{PARENT}/schedules" and method == "POST":
            self.schedules.append({**body, "name": f"{PARENT}/schedules/{len(self.asked)}", "state": "ACTIVE"})
            return 200, self.schedules[-1]
        if where == f"{PARENT}/pipelineJobs" and method == "GET":
            return 200, self._jobs(query)
        if where == f"{PARENT}/pipelineJobs" and method == "POST":
            made = {
                **body,
                "name": f"{PARENT}/pipelineJobs/{query['pipelineJobId']}",
                "state": "PIPELINE_STATE_PENDING",
            }
            self.jobs.append({**made, "createTime": datetime.now(UTC).isoformat()})
            return 200, self.jobs[-1]
        for one in self.schedules:
            if where == one["name"] and method == "GET":
                return 200, one
            if where == one["name"] and method == "DELETE":
                self.schedules.remove(one)
                done = {"@type": "type.googleapis.com/google.protobuf.Empty"}
                return 200, {"name": f"{PARENT}/operations/1", "done": True, "response": done}
        return 404, {"error": {"code": 404, "message": f"{method} {path} is not known here", "status": "NOT_FOUND"}}

    def _jobs(self, query: dict[str, str]) -> dict[str, Any]:
        """Return a page of two of the jobs that a filter asks for, newest first."""
        self.listed.append(query)
        asked = re.fullmatch('labels.mlops_pipeline="([^"]+)" AND create_time>="([^"]+)"', query["filter"])
        assert asked, query
        name, since = asked[1], datetime.fromisoformat(asked[2])
        found = [
            job for job in self.jobs
            if job["labels"].get("mlops_pipeline") == name and datetime.fromisoformat(job["createTime"]) >= since
        ]  # fmt: skip
        at = int(query.get("pageToken") or 0)
        page = {"pipelineJobs": sorted(found, key=lambda job: job["createTime"], reverse=True)[at : at + 2]}
        return {**page, "nextPageToken": str(at + 2)} if at + 2 < len(found) else page


def rendered() -> tuple[dict[str, Any], str]:
    """Return what the job is told, and the pipeline that it reads."""
    found = compiled(VERTEX, SPEC)
    assert not failed(found.diagnostics), found.diagnostics
    data = yaml.safe_load(found.environments["default"].tree["pipelines/configmap-train-submit.yaml"])["data"]
    return json.loads(data["submit.json"]), data["pipeline.yaml"]


def client(vertex: Vertex, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    python = os.environ.get("MLOPS_SPEC_VERTEX_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_VERTEX_PYTHON names no Python")
    script = str(Path(__file__).parent / "vertex_run.py")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return subprocess.run(
        [python, "-W", "ignore", script, vertex.address, *arguments],
        env={**environment, "STORAGE_EMULATOR_HOST": vertex.address}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def submitted(vertex: Vertex, told: dict[str, Any], folder: Path) -> tuple[int, dict[str, Any]]:
    """Run the program as the job does."""
    config = folder / "submit.json"
    config.write_text(json.dumps(told))
    done = client(vertex, folder, "submit", "--config", str(config))
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


# -- what `poll` asks for

LABEL = "x-default-train-" + hashlib.sha256(b"x-default-train").hexdigest()[:10]
ROOTED = {
    "platform:\n": "platform:\n  artifacts: {uri: gs://acme-ml/artifacts}\n",
    "location: europe-west3}": "location: europe-west3, service_account: p@acme.example, network: projects/1/global/networks/ml}",
}


def polled(folder: Path) -> tuple[dict[str, Any], str]:
    """Return what the job is told of a pipeline that new data starts, and the pipeline that it reads."""
    result = ask_for("vertex", "lying", **ROOTED)
    told: dict[str, Any] = json.loads(objects(result, "ConfigMap")["train-poll"]["data"]["poll.json"])
    text = objects(result, "ConfigMap")["train-submit"]["data"]["pipeline.yaml"]
    (folder / "pipeline.yaml").write_text(text)
    return {"pipeline": told["pipeline"], "vertex": {**told["vertex"], "file": str(folder / "pipeline.yaml")}}, text


def asked(vertex: Vertex, told: dict[str, Any], folder: Path, *started_by: str) -> Any:
    """Ask for the jobs of a pipeline, or for a new one; the words of what fails."""
    done = client(vertex, folder, "runs", json.dumps(told), *started_by)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else done.stderr.splitlines()


def test_jobs_of_one_pipeline_are_told_by_how_they_ended(tmp_path: Path) -> None:
    told, _ = polled(tmp_path)
    today = datetime.now(UTC).replace(microsecond=0)
    states = ("SUCCEEDED", "FAILED", "CANCELLED", "CANCELLING", "RUNNING", "PENDING", "QUEUED")
    ends = ("succeeded", "failed", "stopped", "under way", "under way", "under way", "under way")

    def job(state: str, began: datetime, label: str = LABEL) -> dict[str, Any]:
        return {
            "name": f"{PARENT}/pipelineJobs/{state.lower()}", "displayName": "any", "labels": {"mlops_pipeline": label},
            "state": f"PIPELINE_STATE_{state}", "createTime": began.isoformat(),
        }  # fmt: skip

    with serving(Vertex()) as vertex:
        assert asked(vertex, told, tmp_path) == []
        vertex.jobs += [job(state, today - timedelta(hours=hours)) for hours, state in enumerate(states)]
        vertex.jobs += [job("FAILED", today, "other"), job("FAILED", today - timedelta(days=15))]
        vertex.listed.clear()
        wanted = [[(today - timedelta(hours=hours)).isoformat(), end] for hours, end in enumerate(ends)]
        assert asked(vertex, told, tmp_path) == sorted(wanted)
        assert [query.get("pageToken") for query in vertex.listed] == [None, "2", "4", "6"]
        assert len({query["filter"] for query in vertex.listed}) == 1
        assert {"state", "createTime"} <= set(vertex.listed[0]["readMask"].split(","))
        assert vertex.asked == []


def test_a_job_is_started_as_the_pipeline_was_rendered_and_is_found_again(tmp_path: Path) -> None:
    told, text = polled(tmp_path)
    with serving(Vertex()) as vertex:
        name = asked(vertex, told, tmp_path, "dataset-on-lying")
        ((method, where, body),) = vertex.asked
        assert (method, where) == ("POST", f"{PARENT}/pipelineJobs")
        assert body.pop("pipelineSpec") == yaml.safe_load(text)
        assert body == {
            "displayName": told["vertex"]["name"],
            "labels": {"mlops_pipeline": LABEL},
            "runtimeConfig": {
                "gcsOutputDirectory": "gs://acme-ml/artifacts", "parameterValues": {"started-by": "dataset-on-lying"},
            },
            "serviceAccount": "p@acme.example", "network": "projects/1/global/networks/ml",
        }  # fmt: skip
        (made,) = vertex.jobs
        assert name == made["name"]
        ((_, state),) = asked(vertex, told, tmp_path)
        assert state == "under way"


def test_jobs_that_a_schedule_starts_are_found_though_it_calls_them_as_it_likes(tmp_path: Path) -> None:
    told, _ = polled(tmp_path)
    data = objects(ask_for("vertex", "lying", **ROOTED), "ConfigMap")["train-submit"]["data"]
    submit = {**json.loads(data["submit.json"]), "file": told["vertex"]["file"]}
    with serving(Vertex()) as vertex:
        assert submitted(vertex, submit, tmp_path)[0] == 0
        ((_, _, body),) = vertex.asked
        job = {
            "displayName": "any",
            **body["createPipelineJobRequest"]["pipelineJob"],
            "state": "PIPELINE_STATE_RUNNING",
        }
        vertex.jobs.append({**job, "name": f"{PARENT}/pipelineJobs/1", "createTime": datetime.now(UTC).isoformat()})
        ((_, state),) = asked(vertex, told, tmp_path)
        assert state == "under way"


@pytest.mark.parametrize("started_by", [(), ("retrain",)], ids=["list", "start"])
def test_jobs_that_may_not_be_asked_for_are_told_in_one_line(started_by: tuple[str, ...], tmp_path: Path) -> None:
    told, _ = polled(tmp_path)
    told["vertex"]["project"] = "other"
    with serving(Vertex()) as vertex:
        (line,) = asked(vertex, told, tmp_path, *started_by)
        assert vertex.jobs == []
    assert line.startswith("Vertex AI refuses, or cannot be reached: 404")
    (line,) = asked(vertex, told, tmp_path, *started_by)  # the server is gone
    assert line.startswith("Vertex AI refuses, or cannot be reached: ")
    assert "127.0.0.1" in line
