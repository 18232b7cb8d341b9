"""What ``manifests`` may bring: objects that live in a namespace and give nobody more rights."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.address import meant
from mlops_spec.diagnostic import Diagnostic
from mlops_spec.source.tree import Map, find
from mlops_spec.verify.syntax import at

ALLOWED = {
    "ConfigMap": "",
    "Service": "",
    "ServiceAccount": "",
    "NetworkPolicy": "networking.k8s.io",
    "PodDisruptionBudget": "policy",
    "HorizontalPodAutoscaler": "autoscaling",
    "HTTPRoute": "gateway.networking.k8s.io",
    "GRPCRoute": "gateway.networking.k8s.io",
    "PodMonitor": "monitoring.coreos.com",
    "ServiceMonitor": "monitoring.coreos.com",
    "PrometheusRule": "monitoring.coreos.com",
    "GrafanaDashboard": "grafana.integreatly.org",
}
"""The kinds that a manifest may be of, each with its API group."""


def check(document: Map, path: str, address: str) -> Iterator[Diagnostic]:
    """Report a manifest of another kind."""
    kind, version = find(document, ("kind",)), str(find(document, ("apiVersion",)))
    group = version.rpartition("/")[0]
    if ALLOWED.get(str(kind)) == group:
        return
    if kind in ALLOWED:
        message, hint = f"{kind} is not of {version}", f"its group is {ALLOWED[str(kind)] or 'v1'}"
    else:
        message, hint = f"a manifest cannot bring a {kind}", meant(str(kind), ALLOWED, "kind")
    yield at(document, ("kind",), path, "MS185", message, address, hint)
