"""What Argo CD says of the Application that delivers an environment."""

from __future__ import annotations

from typing import Any, NamedTuple

from mlops_spec.live.kubernetes.client import Cluster

_VERSION = "argoproj.io/v1alpha1"


class Application(NamedTuple):
    """An Application's status, in Argo CD's own words. ``sync`` and ``health`` are None where it is not there."""

    name: str
    sync: str | None
    health: str | None
    revision: str
    operation: str
    message: str

    @property
    def well(self) -> bool:
        """Whether the cluster has what its branch has, and that does well."""
        return self.sync == "Synced" and self.health in ("Healthy", "Suspended")


def application(cluster: Cluster, namespace: str, name: str) -> Application | None:
    """Return what is said of an Application; None where Argo CD is not installed. Raises Unreachable and Refusal."""
    resource = cluster.resource(_VERSION, "Application")
    if resource is None:
        return None
    live = cluster.get(resource, namespace, name)
    if live is None:
        return Application(name, None, None, "", "", "")
    status: dict[str, Any] = live.get("status") or {}
    sync, health = status.get("sync") or {}, status.get("health") or {}
    operation = status.get("operationState") or {}
    said = [str(each.get("message") or "") for each in status.get("conditions") or ()]
    return Application(
        name,
        str(sync.get("status") or "Unknown"),
        str(health.get("status") or "Unknown"),
        str(sync.get("revision") or ""),
        str(operation.get("phase") or ""),
        str(operation.get("message") or next(filter(None, said), "")),
    )
