"""What `poll` learns from Airflow's own API server of runs that Airflow has made, and what it starts there.

New data is an event of an asset, of which Airflow's own scheduler makes a run; what else asks is a run at once.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from mlops_spec.diagnostic import failed
from tests.conformance.test_airflow import AIRFLOW, IMAGE, ROOT, Airflow, airflow, installed, ran
from tests.conformance.test_loop import eventually
from tests.conformance.test_poll import aws, scripted
from tests.conformance.test_runtime import Programs, program, python, server
from tests.conformance.test_signals import free_port
from tests.readers.airflow import sources
from tests.readers.test_readers import compiled

__all__ = ["airflow", "aws", "installed", "program", "python", "server"]
pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("mlflow")]
DAG, EXPERIMENT = "x_default_train", "airflow-api"
KNOWN_AS = {":": ".", "+": "_"}
ASSET = f"{DAG}.dataset-lying"
PUT = "import botocore.session as b; b.get_session().create_client('s3').put_object(Bucket='acme', Key='lying/a', Body=b'1')"
OWN = {
    "MLFLOW_EXPERIMENT_NAME": EXPERIMENT, "MLOPS_PROJECT": "x", "MLOPS_ENVIRONMENT": "default", "MLOPS_PIPELINE": "train",
}  # fmt: skip
WHO = {"AIRFLOW_USERNAME": "poll", "AIRFLOW_PASSWORD": 'it\'s "4b"'}


class Api:
    """Airflow's API server on a port of its own, asked here as its administrator."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.token = self("POST", "/auth/token", username="admin", password="admin")["access_token"]

    def __call__(self, method: str, path: str, **body: Any) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {getattr(self, 'token', '')}"}
        data = json.dumps(body).encode() if body else None
        asked = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(asked) as answer:
            return json.loads(answer.read() or "null")

    def events(self) -> list[dict[str, Any]]:
        """Return what the asset's events say."""
        return [event["extra"] for event in self("GET", "/api/v2/assets/events")["asset_events"]]

    def runs(self) -> dict[str, Any]:
        """Return the runs that Airflow has, each by its id."""
        found: dict[str, Any] = {}
        while page := self("GET", f"/api/v2/dags/{DAG}/dagRuns?offset={len(found)}")["dag_runs"]:
            found |= {run["dag_run_id"]: run for run in page}
        return found


@contextmanager
def serving(installed: dict[str, str], **settings: str) -> Iterator[Api]:
    """Serve the API of an Airflow whose database is there, to an administrator and to who may run DAGs."""
    home, port = Path(installed["AIRFLOW_HOME"]), free_port()
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({"admin": "admin", WHO["AIRFLOW_USERNAME"]: WHO["AIRFLOW_PASSWORD"]}))
    environment = {
        **installed, "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"admin:admin,{WHO['AIRFLOW_USERNAME']}:op",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}", **settings,
    }  # fmt: skip
    command = ["airflow", "api-server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with (
        (home / "api-server.log").open("w") as log,
        subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log) as process,
    ):
        try:
            yield eventually(lambda: Api(f"http://127.0.0.1:{port}"), home)
        finally:
            process.terminate()


def tree(server: str) -> Mapping[str, str]:
    """Return what is rendered of a pipeline that its schedule and new data start, and which fails where it is quick."""
    fails = {"image": IMAGE, "command": ["false"], "when": {"parameter": "mode", "is": "quick"}}
    spec = {
        "apiVersion": "mlops-spec/v1", "project": {"name": "x"}, "experiments": {EXPERIMENT: {}},
        "platform": {
            "artifacts": {"uri": "s3://acme/artifacts"}, "tracking": {"uri": server},
            "runtime": {"image": "registry.acme.example/runtime"}, "secrets": {"backend": "existing"},
        },
        "secrets": {"airflow": {"path": "airflow", "keys": ["username", "password"]}},
        "datasets": {"lying": {"uri": "s3://acme/lying", "version": "per-run", "changes": {"poll": "5m"}}},
        "pipelines": {"train": {
            "experiment": EXPERIMENT, "parameters": {"mode": "full"}, "schedule": {"cron": "0 3 * * *", "timezone": "UTC"},
            "triggers": {"lying": {"dataset": "lying"}},
            "steps": {"fit": {"image": IMAGE, "command": ["true"]}, "fails": fails},
        }},
    }  # fmt: skip
    options = {**AIRFLOW.options, "host": "https://airflow.acme.example", "secret": "airflow"}
    found = compiled(AIRFLOW._replace(options=options), spec)
    assert not failed(found.diagnostics), found.diagnostics
    return found.environments["default"].tree


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, str]:
    """Return the variables of a container's process that finds the runtime."""
    folder = tmp_path / "bin"
    folder.mkdir()
    starter, runtime = folder / "mlops-spec-runtime", os.environ["MLOPS_SPEC_RUNTIME_PYTHON"]
    starter.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {runtime} -m mlops_spec.runtime "$@"\n')
    starter.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(tmp_path)}


@pytest.fixture
def ended(
    aws: dict[str, str], airflow: Airflow, server: str, programs: dict[str, str], tmp_path: Path
) -> dict[str, str]:
    """Have Airflow run a pipeline once so that it succeeds, once so that it fails, both after data came; return their ids."""
    assert scripted(aws, PUT)
    files, said = sources(tree(server)), {}
    for mode, state in (("full", "success"), ("quick", "failed")):
        folder = tmp_path / mode
        folder.mkdir()
        done = airflow(files, dag=DAG, conf={"mode": mode}, folder=str(folder), environment=programs)
        assert done["state"] == state, done
        said[state] = done["run"]
    return said


def told(host: str, **more: Any) -> dict[str, Any]:
    """Return what a job is told of the pipeline's runs, and of data that asks for a new one, which no asset tells of."""
    where = {"host": host, "dag": DAG, "known_as": KNOWN_AS, **more}
    return {"pipeline": "train", "airflow": where, "asks": [{"name": "dataset-lying", "data": "s3://acme/lying"}]}


def listed(told: dict[str, Any]) -> list[list[str]]:
    """Return when runs began and how they are, as `poll` learns it."""
    done = subprocess.run(
        [os.environ["MLOPS_SPEC_RUNTIME_PYTHON"], str(Path(__file__).parent / "runs_run.py"), json.dumps(told)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **WHO}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found


def test_runs_that_airflow_made_are_told_and_new_data_starts_one(
    ended: dict[str, str], installed: dict[str, str], aws: dict[str, str], program: Programs
) -> None:
    """The server gives out two runs at a time at most, as one may that has to serve many."""
    ran(["airflow", "dags", "reserialize"], installed)
    with serving(installed, AIRFLOW__API__MAXIMUM_PAGE_LIMIT="2") as api:

        def looked() -> tuple[int, dict[str, Any]]:
            return program("poll", told(api.address), **WHO, **OWN, **aws)

        def wanted() -> list[list[str]]:
            names = {"success": "succeeded", "failed": "failed", "queued": "under way"}
            return sorted(
                [datetime.fromisoformat(run["start_date"] or run["queued_at"]).isoformat(), names[run["state"]]]
                for run in api.runs().values()
            )

        before = api.runs()
        assert {run: one["state"] for run, one in before.items()} == {name: state for state, name in ended.items()}
        assert listed(told(api.address)) == wanted()

        long_ago = datetime.now(UTC) - timedelta(days=15)
        api("POST", f"/api/v2/dags/{DAG}/dagRuns", logical_date=None, run_after=long_ago.isoformat(), dag_run_id="old")
        assert len(listed(told(api.address))) == 2, "what is older than two weeks is not asked for"
        api("DELETE", f"/api/v2/dags/{DAG}/dagRuns/old")

        code, said = looked()
        assert (code, said["runs"]) == (0, 2), said
        assert said["why"] == "a run that began after it came has seen to it"
        assert api.runs() == before

        assert scripted(aws, PUT)
        code, said = looked()
        assert (code, said["runs"], said["started_by"]) == (0, 2, "dataset-lying"), said
        (made,) = api.runs().keys() - before.keys()
        started = api.runs()[made]
        assert said["started"] == made
        assert started["conf"] == {"started-by": "dataset-lying"}
        assert (started["state"], started["run_type"], started["logical_date"]) == ("queued", "manual", None)
        assert started["triggering_user_name"] == WHO["AIRFLOW_USERNAME"]
        assert listed(told(api.address)) == wanted()
        assert len(wanted()) == 3

        assert looked() == (0, {"runs": 3, "why": "a run is under way"})
        # No scheduler is here to end it, and the API leaves a run with a teardown to one; this is what it would leave.
        with sqlite3.connect(Path(installed["AIRFLOW_HOME"], "airflow.db")) as database:
            database.execute("UPDATE dag_run SET state = 'failed' WHERE run_id = ?", (made,))
        code, said = looked()
        assert (code, said["runs"], said["why"]) == (0, 3, "a run that began after it came has seen to it")
        assert len(api.runs()) == 3, "one run is started for what came once"

        code, said = program("poll", told(api.address), **{**WHO, "AIRFLOW_PASSWORD": "wrong"}, **OWN)
        assert (code, said) == (1, {"error": 'Airflow answers 401 Unauthorized: {"detail":"Invalid credentials"}'})
        code, said = program("poll", told(api.address, dag="other"), **WHO, **OWN)
        assert (code, said) == (
            1, {"error": 'Airflow answers 404 Not Found: {"detail":"The Dag with ID: `other` was not found"}'},
        )  # fmt: skip
        assert len(api.runs()) == 3

    code, said = program("poll", told(api.address), **WHO, **OWN)
    assert (code, said["error"][:26]) == (1, "Airflow cannot be reached:")


@contextmanager
def scheduling(installed: dict[str, str], address: str) -> Iterator[None]:
    """Have Airflow's scheduler start what is due, by processes of its own that talk to the server."""
    home = Path(installed["AIRFLOW_HOME"])
    environment = {**installed, "AIRFLOW__API__BASE_URL": address, "PYTHONPATH": str(Path(__file__).parent)}
    with (
        (home / "scheduler.log").open("w") as log,
        subprocess.Popen(
            ["airflow", "scheduler"], env=environment, cwd=home, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
            # Now and then it waits for a worker that nobody told to end.
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def test_new_data_is_an_event_of_the_asset_that_starts_the_dag(
    installed: dict[str, str],
    aws: dict[str, str],
    server: str,
    programs: dict[str, str],
    program: Programs,
    tmp_path: Path,
) -> None:
    """The scheduler makes a run of the event, whose containers are processes here; a look in between changes nothing."""
    rendered = tree(server)
    pods = {"folder": str(tmp_path / "pods"), "environment": programs}
    Path(pods["folder"]).mkdir()
    for name, text in sources(rendered).items():
        more = f"\nimport airflow_pods\n\nairflow_pods.instead({pods!r})\n"
        Path(installed["AIRFLOW__CORE__DAGS_FOLDER"], name).write_text(text + more, encoding="utf-8")
    ran(["airflow", "db", "migrate"], installed)
    ran(["airflow", "dags", "reserialize"], {**installed, "PYTHONPATH": str(Path(__file__).parent)})
    (config,) = (yaml.safe_load(text) for path, text in rendered.items() if path.endswith("configmap-train-poll.yaml"))
    asks = json.loads(config["data"]["poll.json"])
    assert asks["airflow"]["assets"] == {"dataset-lying": ASSET}

    with serving(installed, AIRFLOW__API__MAXIMUM_PAGE_LIMIT="2") as api:
        asks["airflow"]["host"] = api.address

        def looked(**more: Any) -> tuple[int, dict[str, Any]]:
            return program("poll", {**asks, "airflow": {**asks["airflow"], **more}}, **WHO, **OWN, **aws)

        assert scripted(aws, PUT)
        code, said = looked(assets={"dataset-lying": "other"})
        assert (code, said) == (1, {"error": f"Airflow does not know yet that the asset other starts {DAG}"})
        code, said = looked()
        assert (code, said["runs"], said["started_by"]) == (0, 0, "dataset-lying"), said
        assert said["started"].endswith(f"of the asset {ASSET}")
        (event,) = api.events()
        assert event.keys() == {"data", "came", "from_rest_api"}
        assert event["data"] == "s3://acme/lying"
        assert timedelta() < datetime.now(UTC) - datetime.fromisoformat(event["came"]) < timedelta(hours=1)
        assert not api.runs()
        assert looked() == (0, {"runs": 1, "why": "a run is under way"}), "its run is to come"
        assert len(api.events()) == 1

        with scheduling(installed, api.address):
            made = eventually(lambda: next((run for run in api.runs().values() if run["end_date"]), None), tmp_path)
        assert (made["state"], made["run_type"], made["conf"]) == ("success", "asset_triggered", {}), made
        consumed = api("GET", f"/api/v2/dags/{DAG}/dagRuns/{quote(made['dag_run_id'])}/upstreamAssetEvents")
        assert [one["extra"] for one in consumed["asset_events"]] == [event]
        recorded = "import sys, mlflow; c = mlflow.MlflowClient(sys.argv[1]); e = c.get_experiment_by_name(sys.argv[2]); r, *_ = c.search_runs([e.experiment_id]); print(r.data.params['mode'], r.data.tags['mlops-spec.started-by'], r.info.status)"
        done = subprocess.run(
            [os.environ["MLOPS_SPEC_RUNTIME_PYTHON"], "-c", recorded, server, EXPERIMENT],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.stdout.split() == ["full", "dataset-lying", "FINISHED"], done.stderr
        code, said = looked()
        assert (code, said["runs"], said["why"]) == (0, 1, "a run that began after it came has seen to it")
        assert (len(api.events()), len(api.runs())) == (1, 1)

        api("PATCH", f"/api/v2/dags/{DAG}", is_paused=True)
        assert scripted(aws, PUT)
        code, said = looked()
        assert (code, said["started_by"]) == (0, "dataset-lying"), said
        waits = api.runs()[said["started"]]
        assert (waits["state"], waits["run_type"], waits["conf"]) == (
            "queued",
            "manual",
            {"started-by": "dataset-lying"},
        )
        assert len(api.events()) == 1, "a DAG that is paused hears none"
        assert looked() == (0, {"runs": 2, "why": "a run is under way"})


def test_a_page_that_is_no_answer_of_the_api_is_told_in_one_line(program: Programs) -> None:
    """What stands before Airflow to have people log in answers with a page, and says that all is well."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Log in</html>")

    with HTTPServer(("127.0.0.1", 0), Page) as stands:
        Thread(target=stands.handle_request, daemon=True).start()
        code, said = program("poll", told(f"http://127.0.0.1:{stands.server_port}"), **WHO)
    assert (code, said) == (1, {"error": "what answers is not Airflow's API: <html>Log in</html>"})
