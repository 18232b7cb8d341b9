"""Pipelines as Kubeflow Pipelines reads them; what they mean is read back in tests/readers, and run by kfp itself."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from mlops_spec.backends.orchestrator.kubeflow import Kubeflow
from mlops_spec.blueprint.ports import Refused
from mlops_spec.compiler import Compilation
from mlops_spec.runtime.configuration import read
from tests.variants import churn

HOST = "https://kubeflow.acme.example"
GCS = "apiVersion: mlops-spec/v1\nplatform: {artifacts: {uri: gs://acme-ml/artifacts}}\n"
KUBEFLOW = Kubeflow(
    address="platform.orchestrator", mode="native", host=HOST, secret=None, service_account="pipelines",
    namespace="kubeflow",
)  # fmt: skip


@pytest.fixture(scope="module")
def native() -> Compilation:
    return churn("kubeflow", {"mode": "native", "host": HOST})


def objects(result: Compilation, kind: str) -> list[dict[str, Any]]:
    tree = result.environments["dev"].tree
    documents = (yaml.safe_load(text) for path, text in sorted(tree.items()) if path.endswith(".yaml"))
    return [document for document in documents if isinstance(document, dict) and document.get("kind") == kind]


def steps(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the tasks of the graph of all steps."""
    return spec["components"]["exit-handler"]["dag"]["tasks"]


def told(result: Compilation, code: str) -> list[str]:
    return [f"{problem.address}: {problem.message}" for problem in result.diagnostics if problem.code == code]


def test_a_pipeline_is_an_object_and_so_is_its_version(native: Compilation) -> None:
    (pipeline,), (version,) = objects(native, "Pipeline"), objects(native, "PipelineVersion")
    assert version["spec"]["pipelineName"] == pipeline["metadata"]["name"] == "train"
    assert version["metadata"]["name"].startswith("train-")
    spec = version["spec"]["pipelineSpec"]
    assert spec["schemaVersion"] == "2.1.0"
    assert spec["defaultPipelineRoot"].startswith("s3://acme-ml/artifacts")
    tasks = steps(spec)
    assert {"begin", "prepare-fetch", "by-region-0", "by-region-1", "by-region-metrics", "register"} <= set(tasks)
    assert tasks["begin"]["cachingOptions"] == {"enableCache": False}


def test_a_version_is_another_when_the_pipeline_is(native: Compilation) -> None:
    other = churn("kubeflow", {"mode": "native", "host": HOST}, **{"max_depth: 6": "max_depth: 7"})
    names = [objects(result, "PipelineVersion")[0]["metadata"]["name"] for result in (native, other, native)]
    assert names[0] == names[2] != names[1]


def test_elsewhere_a_job_uploads_the_same(native: Compilation) -> None:
    result = churn("kubeflow", {"mode": "upload", "host": HOST})
    assert objects(result, "PipelineVersion") == []
    (held,) = [found for found in objects(result, "ConfigMap") if "pipeline.yaml" in found["data"]]
    assert read("submit", held["data"]["submit.json"])["file"] == "/etc/mlops/pipeline.yaml"
    spec, platform = yaml.safe_load_all(held["data"]["pipeline.yaml"])
    (version,) = objects(native, "PipelineVersion")
    assert (spec, platform) == (version["spec"]["pipelineSpec"], version["spec"]["platformSpec"])


def test_drivers_may_talk_to_kubeflow_alone(native: Compilation) -> None:
    (policy,) = [
        found for found in objects(native, "NetworkPolicy")
        if "workflows.argoproj.io/completed" in found["spec"]["podSelector"].get("matchLabels", {})
    ]  # fmt: skip
    peers = [peer for rule in policy["spec"]["egress"] for peer in rule["to"]]
    kubeflow = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kubeflow"}}}
    assert kubeflow in peers


def test_each_token_and_key_is_a_variable_of_the_job_or_the_step(native: Compilation) -> None:
    result = churn("kubeflow", {"mode": "upload", "host": HOST, "secret": "mlflow-token"})
    (job,) = [found for found in objects(result, "Job") if "submit" in found["metadata"]["name"]]
    (container,) = job["spec"]["template"]["spec"]["containers"]
    key = {"name": "mlflow-token", "key": "token"}
    assert container["env"] == [{"name": "KUBEFLOW_TOKEN", "valueFrom": {"secretKeyRef": key}}]
    platform = objects(native, "PipelineVersion")[0]["spec"]["platformSpec"]["platforms"]["kubernetes"]
    said = platform["deploymentSpec"]["executors"]["exec-fit"]["secretAsEnv"]
    assert {one["keyToEnv"][0]["envVar"] for one in said} == {
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MLFLOW_TRACKING_TOKEN",
    }  # fmt: skip


def test_a_step_that_may_be_skipped_is_a_graph_that_succeeds_then(native: Compilation) -> None:
    spec = objects(native, "PipelineVersion")[0]["spec"]["pipelineSpec"]
    assert "triggerPolicy" not in steps(spec)["card"]
    ((name, task),) = spec["components"]["comp-card"]["dag"]["tasks"].items()
    assert (name, task["componentRef"]) == ("run-card", {"name": "run-card"})
    assert task["triggerPolicy"] == {"condition": "inputs.parameter_values['when'] == 'full'"}
    assert task["inputs"]["parameters"]["when"] == {"componentInputParameter": "when"}
    wired = steps(spec)["card"]["inputs"]["parameters"]["when"]
    assert wired == {"componentInputParameter": "mode"}


def test_what_is_known_at_run_time_only_is_in_commands(native: Compilation) -> None:
    """Kubeflow puts no value into variables."""
    spec = objects(native, "PipelineVersion")[0]["spec"]["pipelineSpec"]
    for executor in spec["deploymentSpec"]["executors"].values():
        container = executor["container"]
        assert not any("{{" in one["value"] for one in container.get("env", ()))
    fit = spec["deploymentSpec"]["executors"]["exec-fit"]["container"]["command"]
    assert fit[0] == "env"
    assert "MLOPS_RUN={{$.inputs.parameters['run']}}" in fit
    assert "MLFLOW_RUN_ID={{$.inputs.parameters['run_id']}}" in fit


def test_only_what_brings_pinned_data_is_cached(native: Compilation) -> None:
    tasks = steps(objects(native, "PipelineVersion")[0]["spec"]["pipelineSpec"])
    assert [name for name, task in tasks.items() if task["cachingOptions"]["enableCache"]] == ["prepare-fetch"]


def test_text_that_kubeflow_or_kubernetes_reads_is_escaped_or_refused() -> None:
    assert KUBEFLOW.literal("a $(B) $$ c") == "a $$$$(B) $$$$$$$$ c"
    for text in ("{{$.x}}", "a {{", "ends with {", '{"IfPresent": {}}', ' {"Concat": []}'):
        with pytest.raises(Refused):
            KUBEFLOW.literal(text)


def test_its_limits_stand_at_their_places() -> None:
    zone = churn("kubeflow", {"mode": "native", "host": HOST}, UTC="Europe/Paris")
    assert any("pipelines.train.schedule.timezone" in line for line in told(zone, "MS145"))
    keys = churn("kubeflow", {"mode": "native", "host": HOST}, **{"apiVersion: mlops-spec/v1\n": GCS})
    assert any(line.startswith("platform.artifacts: ") for line in told(keys, "MS145"))
    assert not any(line.startswith("platform.artifacts: ") for line in told(zone, "MS145"))
    alone = churn("kubeflow", {"mode": "native"})
    assert any("set `host`" in line for line in told(alone, "MS145"))
