"""Lowering decides what syncs the tracking server and the registry, and with which environment."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_spec.compiler import compile_spec
from mlops_spec.diagnostic import failed
from mlops_spec.source.files import Memory
from tests.expansion import expanded
from tests.yaml_readers import read_by_libyaml

SPEC = """\
apiVersion: mlops-spec/v1
project: {name: x}
platform:
  tracking: {uri: "http://mlflow.mlops.svc:5000/%(path)s"}
  registry: {uri: "http://models.mlops.svc:5000/%(path)s"}
  runtime: {image: registry.acme.example/runtime}
experiments: {e: {}}
"""
LOCK = 'lockVersion: 1\nimages: {runtime: {digest: "sha256:' + "4b" * 32 + '"}}\n'


def container(path: str) -> dict[str, Any]:
    text = SPEC % {"path": path}
    result = compile_spec(Memory({"mlops.yaml": text.encode(), "mlops.lock.yaml": LOCK.encode()}), "mlops.yaml")
    assert not failed(result.diagnostics), result.diagnostics
    job = read_by_libyaml(result.tree["default/tracking/job-mlops-sync.yaml"])
    (found,) = job["spec"]["template"]["spec"]["containers"]
    return dict(found)


def test_the_sync_reads_the_document_that_says_what_there_shall_be() -> None:
    found = container("")
    assert found["command"] == ["mlops-spec-runtime", "sync", "--config", "/etc/mlops/desired-state.yaml"]
    assert {"name": "config", "mountPath": "/etc/mlops", "readOnly": True} in found["volumeMounts"]


@pytest.mark.parametrize("path", ["plain", "$(HOME)", "$$(HOME)", "a$(MLFLOW_TRACKING_TOKEN)/b", "$HOME", "a$$b$"])
def test_kubernetes_puts_no_variable_into_an_address(path: str) -> None:
    found = {variable["name"]: expanded(variable["value"]) for variable in container(path)["env"]}
    assert found["MLFLOW_TRACKING_URI"] == f"http://mlflow.mlops.svc:5000/{path}"
    assert found["MLFLOW_REGISTRY_URI"] == f"http://models.mlops.svc:5000/{path}"
