"""Reads what is rendered for Vertex AI back as plain graphs: the files that jobs submit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import yaml

from tests.readers.graph import Graph, Node
from tests.readers.ir import Representation

_DEVICES = {"NVIDIA": "nvidia.com/gpu"}


def graphs(tree: Mapping[str, str]) -> dict[str, Graph]:
    """Return the pipelines of one environment's tree, by name."""
    found = {}
    for path, text in tree.items():
        document = yaml.load(text, yaml.CSafeLoader) if path.startswith("pipelines/") else {"kind": None}
        if document["kind"] == "ConfigMap" and "submit.json" in document["data"]:
            specification = yaml.load(document["data"]["pipeline.yaml"], yaml.CSafeLoader)
            told = json.loads(document["data"]["submit.json"])
            assert told["file"] == "/etc/mlops/pipeline.yaml"
            schedule = told.get("schedule")
            read = Representation(specification, lambda text: text)
            steps = read.nodes(lambda label: {"secrets": {}, "volumes": {}})
            end = read.end(lambda label: {"secrets": {}, "volumes": {}})
            found[specification["pipelineInfo"]["name"]] = Graph(
                parameters=read.parameters(),
                steps={name: _devices(node) for name, node in steps.items()},
                schedule=(schedule["cron"], schedule["timezone"]) if schedule else None,
                end=_devices(end) if end else None,
            )
    return found


def limited(graph: Graph) -> Graph:
    """Leave out what only a pod has: folders, and notes beside its steps."""
    end = _outside(graph.end) if graph.end else None
    return replace(graph, steps={name: _outside(node) for name, node in graph.steps.items()}, end=end)


def _outside(node: Node) -> Node:
    return replace(node, annotations={}, container=replace(node.container, volumes={}))


def _devices(node: Node) -> Node:
    """Say accelerators by the resources that the language means with them."""
    amounts = {_DEVICES.get(name.partition("_")[0], name): amount for name, amount in node.container.limits.items()}
    return replace(node, container=replace(node.container, requests=amounts, limits=amounts))
