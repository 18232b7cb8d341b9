"""DAG files as Airflow itself reads them: they import, wait for what they should, and start the pods of the blueprint."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.types import Pipeline
from mlops_spec.compiler import Compilation
from tests.variants import churn

pytestmark = pytest.mark.conformance

ON_TIME = "on_time"
"""The task that lets a run go on which starts in time, before all others."""

HOSTILE = "a'b\"c\\ {{ params }} {% if %} {# x #} $(HOME) $$ '''é end{"


def read(result: Compilation, environment: str, folder: Path) -> dict[str, Any]:
    """Return what Airflow makes of the DAG files of one environment."""
    python = os.environ.get("MLOPS_SPEC_AIRFLOW_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_AIRFLOW_PYTHON names no Python")
    (folder / "dags").mkdir()
    for name, text in dags(result, environment).items():
        (folder / "dags" / name).write_text(text, encoding="utf-8")
    program = Path(__file__).with_name("airflow_pods.py")
    own = {
        "PATH": os.environ["PATH"], "AIRFLOW_HOME": str(folder / "home"), "HOME": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    }  # fmt: skip
    command = [python, str(program), str(folder / "dags")]
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == {}
    return dict(found["dags"])


def dags(result: Compilation, environment: str) -> dict[str, str]:
    """Return the DAG files of an environment, whichever way they are delivered."""
    found = {}
    for path, text in result.environments[environment].tree.items():
        if path.endswith(".py"):
            found[path.rpartition("/")[2]] = text
        elif "/configmap-" in path:
            held = yaml.safe_load(text)["data"]
            found.update({name: body for name, body in held.items() if name.endswith(".py")})
    return found


def pipeline(result: Compilation, environment: str) -> Pipeline:
    blueprint = result.environments[environment].blueprint
    assert blueprint is not None
    (found,) = blueprint.pipelines
    return found


@pytest.mark.parametrize("delivery", ["configmap", "git-sync"])
def test_airflow_starts_the_pods_of_the_blueprint_in_their_order(delivery: str, tmp_path: Path) -> None:
    result = churn("airflow", {"delivery": delivery}, info=HOSTILE.replace("'", "''").join("''"))
    (dag,) = read(result, "prod", tmp_path).values()
    assert dag["runs"] == 1
    steps = {step.name: step for step in pipeline(result, "prod").steps}
    assert set(dag["tasks"]) == {*steps, ON_TIME}
    for name, step in steps.items():
        task = dag["tasks"][name]
        assert task["after"] == (sorted(step.after) or [ON_TIME])
        assert task["rule"] == "none_failed"
        assert task["retries"] == (step.retries.limit if step.retries else 0)
        spec = task["pod"]["spec"]
        assert task["pod"]["metadata"]["namespace"] == "churn"
        containers = {container["name"]: container for container in spec["containers"]}
        assert [init["name"] for init in spec.get("initContainers", ())] == [init.name for init in step.init]
        assert containers["base"]["image"] == step.workload.image
        assert len(containers["base"]["command"]) == len(step.workload.command)
        assert [one["name"] for one in containers["base"]["env"]] == [one.name for one in step.workload.env]
        assert not any("{{" in word for word in containers["base"]["command"])


def test_text_of_the_spec_arrives_as_kubernetes_is_to_read_it(tmp_path: Path) -> None:
    result = churn("airflow", {}, info=HOSTILE.replace("'", "''").join("''"))
    (dag,) = read(result, "prod", tmp_path).values()
    (base,) = dag["tasks"]["fit"]["pod"]["spec"]["containers"]
    values = {one["name"]: one.get("value") for one in base["env"]}
    assert values["LOG_LEVEL"] == contract.literal(HOSTILE)
    assert values["MLFLOW_RUN_ID"] == "a1"
    assert values["MLOPS_RUN"] == "scheduled__2026-01-01T03.00.00_00.00"
