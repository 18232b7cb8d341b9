"""Pipelines as Kubeflow Pipelines reads them; what they mean is read back in tests/readers, and run by kfp itself."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from mlops_spec.backends.orchestrator.kubeflow import Kubeflow
from mlops_spec.blueprint.ports import Refused
from mlops_spec.compiler import Compilation
from tests.variants import churn

HOST = "https://kubeflow.acme.example"
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


def told(result: Compilation, code: str) -> list[str]:
    return [f"{problem.address}: {problem.message}" for problem in result.diagnostics if problem.code == code]


def test_a_pipeline_is_an_object_and_so_is_its_version(native: Compilation) -> None:
    (pipeline,), (version,) = objects(native, "Pipeline"), objects(native, "PipelineVersion")
    assert version["spec"]["pipelineName"] == pipeline["metadata"]["name"] == "train"
    assert version["metadata"]["name"].startswith("train-")
    spec = version["spec"]["pipelineSpec"]
    assert spec["schemaVersion"] == "2.1.0"
    assert spec["defaultPipelineRoot"].startswith("s3://acme-ml/artifacts")
    tasks = spec["root"]["dag"]["tasks"]
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


def test_text_that_kubeflow_or_kubernetes_reads_is_escaped_or_refused() -> None:
    assert KUBEFLOW.literal("a $(B) $$ c") == "a $$$$(B) $$$$$$$$ c"
    for text in ("{{$.x}}", "a {{", "ends with {", '{"IfPresent": {}}', ' {"Concat": []}'):
        with pytest.raises(Refused):
            KUBEFLOW.literal(text)


def test_its_limits_stand_at_their_places() -> None:
    zone = churn("kubeflow", {"mode": "native", "host": HOST}, UTC="Europe/Paris")
    assert any("pipelines.train.schedule.timezone" in line for line in told(zone, "MS145"))
    alone = churn("kubeflow", {"mode": "native"})
    assert any("set `host`" in line for line in told(alone, "MS145"))
