"""Every rendered object of every example and environment, read by the systems that will read it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.golden_trees import EXAMPLES, compiled, objects, write

pytestmark = pytest.mark.conformance
CUSTOM = (
    "argoproj.io",
    "external-secrets.io",
    "gateway.networking.k8s.io",
    "grafana.integreatly.org",
    "monitoring.coreos.com",
    "serving.kserve.io",
    "sparkoperator.k8s.io",
)
Takes = Callable[[dict[str, Any]], None]


def rendered(example: Path) -> dict[str, Any]:
    return objects(compiled(example).tree)


def custom(document: dict[str, Any]) -> bool:
    return any(document["apiVersion"].startswith(group) for group in CUSTOM)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_custom_objects_conform_to_their_crds(example: Path, conforms: Takes) -> None:
    conforms(rendered(example))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_kubernetes_takes_its_own_objects(example: Path, kubernetes_takes: Takes) -> None:
    kubernetes_takes({path: document for path, document in rendered(example).items() if not custom(document)})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_hera_takes_the_workflows_and_what_sensors_create(example: Path, hera_takes: Takes) -> None:
    workflows = ("WorkflowTemplate", "CronWorkflow")
    found = {path: document for path, document in rendered(example).items() if document["kind"] in workflows}
    started = {
        f"{path}: {trigger['template']['name']}": trigger["template"]["k8s"]["source"]["resource"]
        for path, document in rendered(example).items()
        if document["kind"] == "Sensor"
        for trigger in document["spec"]["triggers"]
    }
    hera_takes({**found, **started})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_kserve_takes_the_servers(example: Path, kserve_takes: Takes) -> None:
    kserve_takes(
        {path: document for path, document in rendered(example).items() if document["kind"] == "InferenceService"}
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_kustomize_builds_what_the_stream_holds(example: Path, tmp_path: Path) -> None:
    kustomize = os.environ.get("MLOPS_SPEC_KUSTOMIZE")
    if not kustomize:
        pytest.skip("MLOPS_SPEC_KUSTOMIZE names no kustomize")
    tree = compiled(example).tree
    write(tree, tmp_path)
    for environment in {path.partition("/")[0] for path in tree}:
        built = subprocess.run([kustomize, "build", tmp_path / environment], capture_output=True, text=True, check=True)
        ours = [d for path, d in rendered(example).items() if path.startswith(f"{environment}/")]
        assert by_name(yaml.safe_load_all(built.stdout)) == by_name(ours)


def by_name(documents: Any) -> dict[tuple[str, str], Any]:
    return {(document["kind"], document["metadata"]["name"]): document for document in documents}
