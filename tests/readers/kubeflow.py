"""Reads what is rendered for Kubeflow Pipelines back as plain graphs: PipelineVersions, or the files that jobs upload."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from tests.readers.graph import Graph, Secret
from tests.readers.ir import Representation
from tests.readers.kubernetes import expanded

_QUEUE = "kueue.x-k8s.io/queue-name"


def graphs(tree: Mapping[str, str]) -> dict[str, Graph]:
    """Return the pipelines of one environment's tree, by name."""
    found, schedules = {}, {}
    for path, text in tree.items():
        if not path.startswith("pipelines/"):
            continue
        document = yaml.load(text, yaml.CSafeLoader)
        if document["kind"] == "PipelineVersion":
            said = document["spec"]
            found[said["pipelineName"]] = (said["pipelineSpec"], said["platformSpec"])
        elif document["kind"] == "ConfigMap" and "submit.json" in document["data"]:
            told = json.loads(document["data"]["submit.json"])
            schedules[told["pipeline"]] = told.get("schedule")
            if "pipeline.yaml" in document["data"]:
                assert told["file"] == "/etc/mlops/pipeline.yaml"
                specification, platform = yaml.load_all(document["data"]["pipeline.yaml"], yaml.CSafeLoader)
                found[told["pipeline"]] = (specification, platform)
    return {name: graph(*documents, schedules.get(name)) for name, documents in found.items()}


def graph(specification: Mapping[str, Any], platform: Mapping[str, Any], schedule: Mapping[str, Any] | None) -> Graph:
    """Return one pipeline."""
    kubernetes = platform["platforms"]["kubernetes"]
    read = Representation(specification, lambda text: expanded(expanded(text)))
    executors = kubernetes["deploymentSpec"]["executors"]
    assert set(executors) == set(read.executors)
    return Graph(
        parameters=read.parameters(),
        steps=read.nodes(lambda label: _placed(executors[label])),
        end=read.end(lambda label: _placed(executors[label])),
        timeout=kubernetes["pipelineConfig"].get("activeDeadlineSeconds"),
        schedule=(schedule["cron"], "UTC") if schedule else None,
    )


def _placed(said: Mapping[str, Any]) -> dict[str, Any]:
    labels = said["podMetadata"]["labels"]
    return {
        "secrets": {
            one["keyToEnv"][0]["envVar"]: Secret(
                one["secretNameParameter"]["runtimeValue"]["constant"], one["keyToEnv"][0]["secretKey"]
            )
            for one in said.get("secretAsEnv", ())
        },
        "volumes": {v["mountPath"]: (v["sizeLimit"], v.get("medium") == "Memory") for v in said["emptyDirMounts"]},
        "timeout": said.get("activeDeadlineSeconds"),
        "node_selector": said.get("nodeSelector", {"labels": {}})["labels"],
        "tolerations": frozenset(
            (t.get("key"), t["operator"], t.get("value"), t.get("effect")) for t in said.get("tolerations", ())
        ),
        "queue": labels.get(_QUEUE),
        "annotations": said["podMetadata"].get("annotations", {}),
    }
