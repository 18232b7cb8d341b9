"""The programs of a pipeline, one after the other as its steps call them, against a real MLflow server."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import named
from tests.conformance.mlflow_server import served

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("mlflow")]

ROOT = Path(__file__).parents[2]
Programs = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def python() -> str:
    return str(named("MLOPS_SPEC_RUNTIME_PYTHON"))


@pytest.fixture(scope="module")
def server(python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a tracking server with a registry; yield its address."""
    with served(python, tmp_path_factory.mktemp("mlflow")) as running:
        yield running.uri


@pytest.fixture
def program(python: str, server: str, request: pytest.FixtureRequest) -> Programs:
    """Run a program as a step does; returns its exit code and what it said. Each test is a pipeline of its own."""

    def program(name: str, told: dict[str, Any], *values: str, **variables: str) -> tuple[int, dict[str, Any]]:
        environment = {
            "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(ROOT),
            "MLFLOW_TRACKING_URI": server, "MLFLOW_EXPERIMENT_NAME": request.node.name, "MLOPS_PROJECT": "it's",
            "MLOPS_ENVIRONMENT": "dev", "MLOPS_PIPELINE": request.node.name, "MLOPS_RUN": "one", **variables,
        }  # fmt: skip
        command = [python, "-m", "mlops_spec.runtime", name, json.dumps(told), *values]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert len(done.stdout.splitlines()) == 1, done.stdout + done.stderr
        said = json.loads(done.stdout)
        assert said.pop("program") == name
        return done.returncode, said

    return program


def begun(program: Programs, folder: Path, experiment: str, **variables: str) -> dict[str, Any]:
    results = {name: folder / name for name in ("run_id", "date", "scheduled_at")}
    left = {f"MLOPS_RESULT_{name.upper()}": str(path) for name, path in results.items()}
    told = {"experiment": experiment, "parameters": ["depth"], "timezone": "Europe/Berlin"}
    started = {"MLOPS_SCHEDULED_AT": "{{workflow.scheduledTime}}", "MLOPS_STARTED_AT": "2026-01-02T23:30:00Z"}
    code, said = program("begin", told, **{"MLOPS_PARAMETER_DEPTH": "3", **started, **left, **variables})
    assert code == 0, said
    assert {name: path.read_text() for name, path in results.items()}.items() <= said.items()
    return said


def gate(folder: Path, metrics: dict[str, Any], absent: str = "pass") -> dict[str, Any]:
    (folder / "metrics").write_text(json.dumps(metrics))
    against = {"model": "churn", "alias": "champion", "absent": absent, "require": {"auc": ">= -0.01"}}
    return {"require": {"auc": ">= 0.8"}, "against": against}


def test_a_pipeline_from_its_beginning_to_a_version_and_each_step_twice(program: Programs, tmp_path: Path) -> None:
    name = "test_a_pipeline_from_its_beginning_to_a_version_and_each_step_twice"
    said = begun(program, tmp_path, name)
    assert (said["date"], said["scheduled_at"], said["created"]) == ("2026-01-03", "2026-01-03T00:30:00+01:00", True)
    again = begun(program, tmp_path, name)
    assert (again["run_id"], again["created"]) == (said["run_id"], False)
    given = {"MLOPS_INPUT_METRICS": str(tmp_path / "metrics"), "MLOPS_INPUT_MODEL": str(tmp_path / "model")}
    run = {"MLFLOW_RUN_ID": said["run_id"], **given}

    code, closed = program("gate", gate(tmp_path, {"auc": 0.9}, absent="fail"), **run)
    assert (code, closed["error"]) == (1, "the gate stays closed: there is no churn@champion to compare with")
    for value, why in ((0.7, "auc is 0.7, not >= 0.8"), (float("nan"), "auc is no number, not >= 0.8")):
        code, closed = program("gate", gate(tmp_path, {"auc": value}), **run)
        assert (code, closed["error"]) == (1, f"the gate stays closed: {why}")
    code, opened = program("gate", gate(tmp_path, {"auc": 0.9}), **run)
    assert (code, opened["against"], [check["holds"] for check in opened["checks"]]) == (0, None, [True])

    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_text("1")
    told = {"name": "churn", "alias": "champion", "flavor": "sklearn"}
    made = [program("register", told, "s3://acme-ml/model", MLOPS_DATA_REVISIONS='{"a": "dvc:1"}', **run) for _ in "ab"]
    assert [(code, said["version"], said["created"]) for code, said in made] == [(0, "1", True), (0, "1", False)]
    assert made[0][1]["digest"].startswith("sha256:")

    run = {"MLFLOW_RUN_ID": begun(program, tmp_path, name, MLOPS_RUN="two")["run_id"], **given}
    code, opened = program("gate", gate(tmp_path, {"auc": 0.895}, absent="fail"), **run)
    assert (code, opened["against"]) == (0, "1")
    code, closed = program("gate", gate(tmp_path, {"auc": 0.8}, absent="fail"), **run)
    assert code == 1
    assert "beside version 1, not >= -0.01" in closed["error"]


def status(server: str, run_id: str) -> str:
    with urllib.request.urlopen(f"{server}/api/2.0/mlflow/runs/get?run_id={run_id}") as answer:
        return str(json.load(answer)["run"]["info"]["status"])


def test_a_run_ends_as_the_orchestrator_says_and_runs_again_where_it_is_begun_again(
    program: Programs, server: str, tmp_path: Path
) -> None:
    name = "test_a_run_ends_as_the_orchestrator_says_and_runs_again_where_it_is_begun_again"
    words = {"Succeeded": "FINISHED", "CANCELLED": "KILLED"}
    told = {"experiment": name, "outcomes": words}
    assert program("end", told, "Failed") == (0, {"outcome": "FAILED", "said": "Failed", "run_ids": []})
    begin = begun(program, tmp_path, name)
    other = begun(program, tmp_path, name, MLOPS_RUN="two")["run_id"]
    run_id = begin["run_id"]
    for said, outcome in (
        ("Failed", "FAILED"), ("Succeeded", "FINISHED"), ("Succeeded", "FINISHED"), ("", "FAILED"), ('["Succeeded"]', "FAILED"),
        ('{"state": "SUCCEEDED"}', "FAILED"), ('{"state": "CANCELLED", "error": {"message": "Succeeded"}}', "KILLED"),
    ):  # fmt: skip
        code, done = program("end", told, said)
        assert (code, done["outcome"], done["run_ids"]) == (0, outcome, [run_id])
        assert status(server, run_id) == outcome
    assert status(server, other) == "RUNNING"
    assert begun(program, tmp_path, name)["run_id"] == run_id
    assert status(server, run_id) == "RUNNING"
    gone = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    code, done = program("end", told, "Succeeded", **gone)
    assert code == 1
    assert "error" in done


def test_a_retraining_waits_for_cooldown_and_budget_and_data_for_what_has_not_read_it(
    program: Programs, tmp_path: Path
) -> None:
    name, result = (
        "test_a_retraining_waits_for_cooldown_and_budget_and_data_for_what_has_not_read_it",
        tmp_path / "start",
    )
    held = {"retraining": {"cooldown": 60, "at_most": 1, "within": 86400}}

    def asked(by: str, later: timedelta, **variables: str) -> tuple[str, str]:
        came = (datetime.now(UTC) + later).isoformat()
        code, said = program("trigger", held, by, came, MLOPS_RUN="two", MLOPS_RESULT_START=str(result), **variables)
        assert code == 0, said
        assert result.read_text() == said["start"]
        return said["start"], said.get("why", "")

    soon, later, earlier = timedelta(seconds=5), timedelta(minutes=5), -timedelta(hours=1)
    assert asked("retrain", soon)[0] == "yes"
    begun(program, tmp_path, name, MLOPS_STARTED_BY="retrain")
    assert asked("manual", soon)[0] == "yes"
    assert asked("schedule", soon)[0] == "yes"
    assert asked("dataset-labels", soon)[0] == "yes"
    assert asked("dataset-labels", earlier) == ("no", "a run that began after it came has seen to it")
    assert "the cooldown is 0:01:00" in asked("retrain", soon)[1]
    assert asked("retrain", later) == ("no", "1 retrainings within 1 day, 0:00:00, of 1 at most")
    assert asked("retrain", timedelta(days=2))[0] == "yes"
    assert asked("retrain", later, MLOPS_PIPELINE="other")[0] == "yes"


COUNTED = """
import json, os, sys
from datetime import UTC, datetime, timedelta
import mlflow
from mlops_spec.runtime import poll, trigger
from mlops_spec.runtime.runs import LOOKED_BACK, SUCCEEDED, Run
from mlops_spec.runtime.tracking import Tracking, tags

now, hour = datetime.now(UTC), timedelta(hours=1)
tracking = Tracking(os.environ)
experiment = tracking.experiment(os.environ["MLFLOW_EXPERIMENT_NAME"])
for number in range(1, 421):  # one every six hours, 105 days back
    at = int((now - number * 6 * hour).timestamp() * 1000)
    said = {**tracking.who(), **tags({"run": f"r{number}", "started-by": "retrain" if number % 4 == 0 else "schedule"})}
    tracking.client.create_run(experiment, start_time=at, tags=said)
seen, asked = [], mlflow.MlflowClient.search_runs

def search(*args, **more):
    page = asked(*args, **more)
    seen.extend(page)
    return page

mlflow.MlflowClient.search_runs = search

def counted(ask):
    seen.clear()
    return [ask(), len(seen)]

held = {"cooldown": 3600, "at_most": 2, "within": 50 * 3600}
print(json.dumps({
    "data": counted(lambda: len(trigger.recorded(os.environ, trigger.counted_from(held, "dataset-a", now - 80 * 24 * hour)))),
    "retrain": counted(lambda: trigger.held(held, "retrain", now, trigger.recorded(os.environ, trigger.counted_from(held, "retrain", now)))),
    "began": counted(lambda: [run.known_as for run in poll._counted(
        [Run(now - days * 24 * hour, SUCCEEDED, name) for days, name in ((0, "decided-no"), (13, "r50"))], os.environ)]),
}))
"""


def test_what_is_counted_is_asked_for_and_not_all_that_ever_ran(python: str, tmp_path: Path) -> None:
    """Of 420 runs the server hands out the first, or those of the budget's time, each up to the end of a page."""
    who = {f"MLOPS_{name}": "x" for name in ("PROJECT", "ENVIRONMENT", "PIPELINE")}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **who}
    environment |= {"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/kept.db", "MLFLOW_EXPERIMENT_NAME": "counted"}
    done = subprocess.run([python, "-c", COUNTED], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said == {
        "data": [1, 50],
        "retrain": ["2 retrainings within 2 days, 2:00:00, of 2 at most", 50],
        "began": [["r50"], 100],
    }


def test_a_server_that_is_not_there_fails_in_one_line(program: Programs, tmp_path: Path) -> None:
    gone = {
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        "MLFLOW_RUN_ID": "a" * 32,
        "MLOPS_INPUT_METRICS": str(tmp_path / "metrics"),
    }
    code, said = program("gate", gate(tmp_path, {"auc": 0.9}), **gone)
    assert code == 1
    assert "error" in said


def test_a_run_records_what_it_read_of_data_that_moves(program: Programs, server: str, tmp_path: Path) -> None:
    run_id = begun(program, tmp_path, "test_a_run_records_what_it_read_of_data_that_moves")["run_id"]
    (tmp_path / "source").write_text("1")
    told = {
        "inputs": [{"to": str(tmp_path / "moving"), "version": "per-run"}, {"to": str(tmp_path / "other")}],
    }
    uri = f"file:{tmp_path}/source"
    for _ in "ab":
        code, said = program("fetch", told, uri, uri, MLFLOW_RUN_ID=run_id, MLOPS_STEP="prepare")
        assert code == 0, said
    with urllib.request.urlopen(f"{server}/api/2.0/mlflow/runs/get?run_id={run_id}") as answer:
        tags = {tag["key"]: tag["value"] for tag in json.load(answer)["run"]["data"]["tags"]}
    digest = f"sha256:{hashlib.sha256(b'1').hexdigest()}"
    read = {key: value for key, value in tags.items() if ".read." in key}
    assert read == {"mlops-spec.read.prepare.moving": f"{digest} {uri}"}
    code, said = program("fetch", told, uri, uri, MLFLOW_RUN_ID="0" * 32)
    assert code == 1, "a run that cannot be told is no run that knows what it read"
