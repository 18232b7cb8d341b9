"""What ``status`` says while Kubernetes' own controllers act on what was delivered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cluster import Cluster, eventually
from tests.conformance.live import PROD, Live, churn

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("cluster")]

DEPLOYMENT, JOB = "logging/deployment-mlops-collect.yaml", "tracking/job-mlops-sync.yaml"


def said(live: Live) -> dict[str, dict[str, Any]]:
    (environment,) = json.loads(live.status(*PROD, "--format", "json").out)["environments"]
    return {each["path"]: each for each in environment["objects"]}


def test_what_the_controllers_bring_about_becomes_ready_and_what_they_write_is_no_drift(
    simulated_cluster: Cluster, tmp_path: Path
) -> None:
    live = churn(simulated_cluster, tmp_path / "live")
    live.deliver()
    assert eventually(lambda: all(said(live)[path]["ready"] for path in (DEPLOYMENT, JOB)))
    found = said(live)
    assert found[DEPLOYMENT]["why"] == "2 of 2"
    assert found[JOB]["why"].startswith("completed 2")
    assert {each["sync"] for each in found.values()} == {"in sync"}
    assert not found["serving/inferenceservice-churn.yaml"]["ready"], "no controller of KServe runs here"
    live.kubectl("scale", "deployment/mlops-collect", "--replicas=3")
    assert eventually(lambda: said(live)[DEPLOYMENT]["why"] == "3 of 3")
    assert (said(live)[DEPLOYMENT]["sync"], said(live)[DEPLOYMENT]["fields"]) == ("differs", ["spec.replicas"])


def test_a_change_of_a_job_that_argo_cd_makes_anew_is_no_error_and_runs_it(
    simulated_cluster: Cluster, tmp_path: Path
) -> None:
    live = churn(simulated_cluster, tmp_path / "live")
    live.deliver()
    live.patch(
        "kind: Job, name: mlops-sync",
        "{op: add, path: /spec/template/spec/containers/0/env/-, value: {name: LOUD, value: yes please}}",
    )
    ran = live.diff()
    assert ran.code == 0, ran.err
    assert f"  ~ {JOB}  runs a Job\n" in ran.out or f"  ~ {JOB}  re-creates\n" in ran.out, ran.out
    assert f"(mlops.yaml:{live.line('reason: To see')})" in ran.out
    assert "MS512" not in ran.err
