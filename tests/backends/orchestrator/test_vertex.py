"""Pipelines as Vertex AI reads them; what they mean is read back in tests/readers, and sent by Google's own client."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from mlops_spec.backends.orchestrator.vertex import Vertex
from mlops_spec.blueprint.ports import Refused
from mlops_spec.diagnostic import failed
from mlops_spec.runtime.configuration import read
from tests.readers.test_readers import REAL, compiled
from tests.variants import churn

OPTIONS = {"project": "acme-ml", "location": "europe-west3"}
VERTEX = Vertex(address="platform.orchestrator", **OPTIONS, service_account=None, network=None)
REFERENCE = next(real for real in REAL if real.name == "vertex")
IMAGE = f"registry.acme.example/x@sha256:{'4b' * 32}"


def spec(**changes: Any) -> dict[str, Any]:
    """Return a spec that Vertex AI can run; ``changes`` are those of its one step."""
    step = {"image": IMAGE, "command": ["fit"], "outputs": {"model": {"type": "model"}}, "compute": "gpu", **changes}
    return {
        "apiVersion": "mlops-spec/v1",
        "project": {"name": "churn"},
        "platform": {
            "artifacts": {"uri": "gs://acme-ml/artifacts"}, "runtime": {"image": "registry.acme.example/runtime"},
            "secrets": {"backend": "existing"},
        },
        "secrets": {"own": {"path": "own", "keys": ["token"]}},
        "compute": {"gpu": {"cpu": "500m", "memory": "1Gi", "accelerator": {"model": "nvidia-l4", "count": 2}}},
        "pipelines": {"train": {"schedule": {"cron": "0 3 * * 1", "timezone": "Europe/Berlin"}, "steps": {"fit": step}}},
    }  # fmt: skip


def tree(said: dict[str, Any]) -> dict[str, str]:
    found = compiled(REFERENCE, said)
    assert not failed(found.diagnostics), found.diagnostics
    return dict(found.environments["default"].tree)


def data(said: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the job is told, and the pipeline."""
    held = yaml.safe_load(tree(said)["pipelines/configmap-train-submit.yaml"])["data"]
    return read("submit", held["submit.json"]), yaml.safe_load(held["pipeline.yaml"])


def test_accelerators_and_amounts_are_said_as_vertex_does() -> None:
    _, pipeline = data(spec())
    assert pipeline["deploymentSpec"]["executors"]["exec-fit"]["container"]["resources"] == {
        "accelerator": {
            "count": "2", "resourceCount": "2", "resourceType": "NVIDIA_L4", "type": "NVIDIA_L4",
        },
        "cpuLimit": 0.5, "cpuRequest": 0.5, "memoryLimit": 1.073741824, "memoryRequest": 1.073741824,
        "resourceCpuLimit": "500m", "resourceCpuRequest": "500m",
        "resourceMemoryLimit": "1Gi", "resourceMemoryRequest": "1Gi",
    }  # fmt: skip


def test_what_an_output_is_and_what_the_pipeline_is_for_are_said() -> None:
    said = spec(outputs={"model": {"type": "model", "flavor": "sklearn"}})
    said["pipelines"]["train"]["description"] = "Trains."
    _, pipeline = data(said)
    assert pipeline["pipelineInfo"] == {"description": "Trains.", "name": "train"}
    assert pipeline["components"]["comp-fit"]["outputDefinitions"]["artifacts"]["model"] == {
        "artifactType": {"schemaTitle": "system.Model", "schemaVersion": "0.0.1"}, "metadata": {"flavor": "sklearn"},
    }  # fmt: skip


def test_the_job_is_told_names_that_are_unique_in_the_project_of_google_s() -> None:
    told, _ = data(spec())
    assert told.pop("version").startswith("churn-default-train-")
    assert told == {
        "vertex": OPTIONS, "pipeline": "churn-default-train", "root": "gs://acme-ml/artifacts",
        "file": "/etc/mlops/pipeline.yaml", "schedule": {"cron": "0 3 * * 1", "timezone": "Europe/Berlin"},
    }  # fmt: skip


def test_nothing_runs_in_the_cluster_but_the_job() -> None:
    found = tree(spec())
    accounts = [path for path in found if path.startswith("cluster/serviceaccount-")]
    assert accounts == ["cluster/serviceaccount-train.submit.yaml"]
    policies = [path for path in found if path.startswith("cluster/networkpolicy-")]
    assert policies == ["cluster/networkpolicy-default-deny.yaml", "cluster/networkpolicy-train.submit.yaml"]


@pytest.mark.parametrize("text", ["$(HOME)", "a $$ b", "at the end $", "{{$.x}}", '{"Concat": ["a"]}'])
def test_text_that_vertex_may_read_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(Refused):
        VERTEX.literal(text)
    problems = [p for p in compiled(REFERENCE, spec(command=["fit", text])).diagnostics if p.code == "MS141"]
    assert [problem.address for problem in problems] == ["pipelines.train.steps.fit.command.1"]


def test_text_that_vertex_does_not_read_is_as_it_is() -> None:
    assert VERTEX.literal("{{ x }} $HOME ${HOME} 5$ a") == "{{ x }} $HOME ${HOME} 5$ a"


def test_a_program_that_env_would_take_for_a_variable_is_refused_at_its_place() -> None:
    (problem,) = [p for p in compiled(REFERENCE, spec(command=["a=b"])).diagnostics if p.code == "MS141"]
    assert problem.address == "pipelines.train.steps.fit.command.0"
    assert problem.place is not None


def test_its_limits_stand_at_their_places() -> None:
    found = churn("vertex", OPTIONS)
    at = {problem.address for problem in found.diagnostics if problem.code == "MS145"}
    assert at == {
        "pipelines.train.timeout", "platform.tracking.secret", "platform.artifacts.secret", "compute.gpu.shared_memory",
        "compute.gpu.disk", "compute.gpu.node_selector", "compute.gpu.tolerations", "compute.gpu.queue",
    }  # fmt: skip
    assert {"platform.artifacts.uri"} == {problem.address for problem in found.diagnostics if problem.code == "MS142"}
    secret = compiled(REFERENCE, spec(env={"TOKEN": "${{ secrets.own.token }}"}, timeout="1h"))
    at = {problem.address for problem in secret.diagnostics if problem.code == "MS145"}
    assert at == {"pipelines.train.steps.fit.env.TOKEN", "pipelines.train.steps.fit.timeout"}
