"""What `submit` asks of Kubeflow's own client, sent to a server on loopback: the requests, and that it is safe to repeat."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conformance.kubeflow_stub import API, Kubeflow
from tests.conformance.loopback import serving
from tests.variants import churn

pytestmark = pytest.mark.conformance
ROOT = Path(__file__).parents[2]


def submitted(told: dict[str, Any], folder: Path, **variables: str) -> tuple[int, dict[str, Any]]:
    """Run the program as the job does."""
    python = os.environ.get("MLOPS_SPEC_SUBMIT_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_SUBMIT_PYTHON names no Python")
    config = folder / "submit.json"
    config.write_text(json.dumps(told))
    done = subprocess.run(
        [python, "-m", "mlops_spec.runtime", "submit", "--config", str(config)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 1, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert said.pop("program") == "submit"
    return done.returncode, said


def rendered(host: str, folder: Path, mode: str = "upload") -> dict[str, Any]:
    """Return what churn's job is told, with the pipeline in the folder."""
    found = churn("kubeflow", {"mode": mode, "host": host}).environments["dev"].tree
    data = yaml.safe_load(found["pipelines/configmap-train-submit.yaml"])["data"]
    told = json.loads(data["submit.json"])
    if mode == "upload":
        (folder / "pipeline.yaml").write_text(data["pipeline.yaml"])
        told["file"] = str(folder / "pipeline.yaml")
    return dict(told)


def test_a_version_is_uploaded_and_scheduled_once(tmp_path: Path) -> None:
    with serving(Kubeflow()) as kubeflow:
        told = rendered(kubeflow.address, tmp_path)
        code, said = submitted(told, tmp_path, KUBEFLOW_TOKEN="it's")
        assert (code, said) == (
            0,
            {"version": told["version"], "uploaded": True, "scheduled": "0 0 3 * * 1", "removed": []},
        )
        assert kubeflow.tokens == {"Bearer it's"}
        pipeline, upload, experiment, recurring = kubeflow.asked
        where = {"namespace": "churn-dev"}
        assert pipeline == ("POST", f"{API}/pipelines", {}, {"name": "train", "display_name": "train", **where})
        assert upload[:3] == (
            "POST",
            f"{API}/pipelines/upload_version",
            {"name": told["version"], "pipelineid": "pipeline_id-1"},
        )
        assert (tmp_path / "pipeline.yaml").read_text() in upload[3].replace("\r\n", "\n")
        assert experiment == ("POST", f"{API}/experiments", {}, {"display_name": "train", **where})
        assert recurring == ("POST", f"{API}/recurringruns", {}, {
            "display_name": told["version"],
            "description": "Scheduled by mlops-spec.",
            "pipeline_version_reference": {"pipeline_id": "pipeline_id-1", "pipeline_version_id": "pipeline_version_id-2"},
            "runtime_config": {"parameters": {"started-by": "schedule"}, "pipeline_root": "s3://acme-ml/artifacts"},
            "service_account": "pipelines", "max_concurrency": "1", "no_catchup": True,
            "trigger": {"cron_schedule": {"cron": "0 0 3 * * 1"}},
            "mode": "ENABLE", "experiment_id": "experiment_id-3", **where,
        })  # fmt: skip
        asked = list(kubeflow.asked)
        assert submitted(told, tmp_path)[1]["uploaded"] is False
        assert kubeflow.asked == asked


def test_the_schedule_before_goes_and_those_of_others_stay(tmp_path: Path) -> None:
    with serving(Kubeflow(many=False)) as kubeflow:
        told = rendered(kubeflow.address, tmp_path)
        assert submitted(told, tmp_path)[0] == 0
        kubeflow.recurring.append(
            {"recurring_run_id": "theirs", "display_name": "theirs", "experiment_id": "experiment_id-3"}
        )
        code, said = submitted({**told, "version": "train-next", "schedule": {"cron": "*/5 * * * 1-5"}}, tmp_path)
        assert (code, said["removed"], said["scheduled"]) == (0, [told["version"]], "0 */5 * * * 1-5")
        assert [one["display_name"] for one in kubeflow.recurring] == ["theirs", "train-next"]
        assert "namespace" not in kubeflow.recurring[1]
        code, said = submitted({key: value for key, value in told.items() if key != "schedule"}, tmp_path)
        assert (code, said["removed"], said["scheduled"]) == (0, ["train-next"], None)
        assert [one["display_name"] for one in kubeflow.recurring] == ["theirs"]


def test_what_is_not_there_yet_is_waited_for_by_the_jobs_next_try(tmp_path: Path) -> None:
    with serving(Kubeflow()) as kubeflow:
        told = rendered(kubeflow.address, tmp_path, mode="native")
        code, said = submitted(told, tmp_path)
        assert (code, said) == (1, {"error": "Kubeflow Pipelines does not know the pipeline train yet"})
        kubeflow.pipelines.append({"pipeline_id": "a", "name": "train", "namespace": "churn-dev"})
        assert submitted(told, tmp_path)[1] == {
            "error": f"Kubeflow Pipelines does not know the version {told['version']} yet"
        }
        kubeflow.versions += [
            {"pipeline_id": "a", "name": name, "pipeline_version_id": name} for name in ("old", told["version"])
        ]
        assert submitted(told, tmp_path) == (
            0,
            {"version": told["version"], "uploaded": False, "scheduled": "0 0 3 * * 1", "removed": []},
        )


def test_a_server_that_is_not_there_or_does_not_know_is_told(tmp_path: Path) -> None:
    with serving(Kubeflow()) as kubeflow:
        told = rendered(f"{kubeflow.address}/elsewhere", tmp_path)
        code, said = submitted(told, tmp_path)
        assert (code, said["error"][:37]) == (1, "Kubeflow Pipelines answers 500 Intern")
    code, said = submitted(told, tmp_path)
    assert code == 1
    assert "127.0.0.1" in said["error"]


def asked(told: dict[str, Any], *started_by: str) -> Any:
    """Ask for the runs of a pipeline, or for a new one, as `poll` does."""
    python = os.environ.get("MLOPS_SPEC_SUBMIT_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_SUBMIT_PYTHON names no Python")
    done = subprocess.run(
        [python, str(Path(__file__).parent / "runs_run.py"), json.dumps(told), *started_by],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.strip()


def polled(host: str) -> dict[str, Any]:
    """Return what churn's job is told that looks at its runs."""
    found = churn("kubeflow", {"mode": "upload", "host": host}).environments["dev"].tree
    told = json.loads(yaml.safe_load(found["pipelines/configmap-train-poll.yaml"])["data"]["poll.json"])
    return {"pipeline": told["pipeline"], "kubeflow": told["kubeflow"]}


def test_runs_of_one_pipeline_are_told_by_how_they_ended_and_one_is_started(tmp_path: Path) -> None:
    with serving(Kubeflow()) as kubeflow:
        told = polled(kubeflow.address)
        assert (
            asked(told, "retrain") == f"Kubeflow Pipelines does not know the version {told['kubeflow']['version']} yet"
        )
        assert asked(told) == []
        assert submitted(rendered(kubeflow.address, tmp_path), tmp_path)[0] == 0
        pipeline, today = kubeflow.pipelines[0]["pipeline_id"], datetime.now(UTC).replace(microsecond=0)
        states = ("SUCCEEDED", "FAILED", "CANCELED", "RUNNING", "PENDING")
        for hours, state in enumerate(states):
            began = (today - timedelta(hours=hours)).isoformat()
            version = {"pipeline_id": pipeline, "pipeline_version_id": "any"}
            kubeflow.runs.append(
                {"run_id": state, "state": state, "created_at": began, "pipeline_version_reference": version}
            )
        other = {"pipeline_id": "other", "pipeline_version_id": "any"}
        kubeflow.runs.append({**kubeflow.runs[1], "pipeline_version_reference": other})
        kubeflow.runs.append({**kubeflow.runs[1], "created_at": (today - timedelta(days=15)).isoformat()})
        ends = ("succeeded", "failed", "stopped", "under way", "under way")
        wanted = [[(today - timedelta(hours=hours)).isoformat(), end] for hours, end in enumerate(ends)]
        assert asked(told) == sorted(wanted)
        kubeflow.runs.clear()
        made = asked(told, "retrain")
        (run,) = kubeflow.runs
        assert run["run_id"] == made
        assert run["runtime_config"] == {
            "parameters": {"started-by": "retrain"}, "pipeline_root": "s3://acme-ml/artifacts",
        }  # fmt: skip
        (version,) = kubeflow.versions
        assert run["pipeline_version_reference"] == {
            "pipeline_id": pipeline, "pipeline_version_id": version["pipeline_version_id"],
        }  # fmt: skip
        assert (run["service_account"], run["experiment_id"]) == ("pipelines", kubeflow.experiments[0]["experiment_id"])
