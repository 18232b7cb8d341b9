"""When an object of Kubernetes' own is what its author wanted: the conditions that its controller reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conformance.cluster import Object, condition

STORED = {
    "ConfigMap", "LimitRange", "NetworkPolicy", "PersistentVolumeClaim", "Role", "RoleBinding", "Service",
    "ServiceAccount",
}  # fmt: skip
"""Kinds of which nothing more happens, or nothing in a cluster without a network and disks, than that they are there."""


def observed(document: Object) -> bool:
    generation: Any = document.get("status", {}).get("observedGeneration")
    return bool(generation == document["metadata"]["generation"])


def running(document: Object) -> bool:
    replicas = document["spec"]["replicas"]
    return observed(document) and document["status"].get("availableReplicas", 0) == replicas


def token(document: Object) -> bool:
    return document["type"] != "kubernetes.io/service-account-token" or bool(document.get("data", {}).get("token"))


HEALTHY: dict[str, Callable[[Object], bool]] = {
    "Deployment": running,
    "Job": lambda document: condition(document, "Complete"),
    "Namespace": lambda document: bool(document["status"]["phase"] == "Active"),
    "PodDisruptionBudget": lambda document: observed(document) and not condition(document, "SyncFailed"),
    "Secret": token,
    "StatefulSet": running,
}


def healthy(document: Object) -> bool:
    """Whether it is. Raises KeyError for a kind of which nobody has said yet what that means."""
    return document["kind"] in STORED or HEALTHY[document["kind"]](document)
