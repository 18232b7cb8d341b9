"""In a simulated cluster everything that is Kubernetes' own becomes healthy, and a canary walks by commits alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.cluster import Cluster, Object, eventually
from tests.conformance.health import healthy
from tests.golden_trees import EXAMPLES, compiled, objects, write

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("cluster")]


def own(document: Object) -> bool:
    """Whether Kubernetes itself has the kind; no controller of a custom resource runs here."""
    group = document["apiVersion"].rpartition("/")[0]
    return "." not in group or (group.endswith(".k8s.io") and not group.startswith(("gateway.", "sparkoperator.")))


def unhealthy(cluster: Cluster, documents: list[Object]) -> list[tuple[str, str]]:
    live = cluster.live(documents)
    return [(document["kind"], document["metadata"]["name"]) for document in live if not healthy(document)]


def fired(cluster: Cluster, documents: list[Object]) -> list[Object]:
    """A Job of each CronJob, as a person makes one who will not wait for the hour."""
    jobs = []
    for metadata in [document["metadata"] for document in documents if document["kind"] == "CronJob"]:
        name, namespace = metadata["name"], metadata["namespace"]
        jobs += cluster.read("create", "job", f"by-hand-{name}", f"--from=cronjob/{name}", f"--namespace={namespace}")
    return jobs


def at_work(cluster: Cluster, documents: list[Object]) -> list[Object]:
    """The objects whose health shows that these do what they are for."""
    watched = [document for document in documents if document["kind"] != "CronJob"]
    return [*watched, *fired(cluster, documents)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_everything_that_is_no_custom_resource_becomes_healthy(
    example: Path, simulated_cluster: Cluster, tmp_path: Path
) -> None:
    tree = compiled(example).tree
    write(tree, tmp_path)
    simulated_cluster.create_namespaces(objects(tree).values())
    for folder in sorted(tmp_path.iterdir()):
        simulated_cluster.apply_folder(folder)
    watched = at_work(simulated_cluster, [document for document in objects(tree).values() if own(document)])
    assert eventually(lambda: unhealthy(simulated_cluster, watched) == []), unhealthy(simulated_cluster, watched)


POD: dict[str, Any] = {
    "restartPolicy": "Never",
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [{
        "name": "main",
        "image": "registry.acme.example/a@sha256:0",
        "resources": {"requests": {"cpu": "1"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }],
}  # fmt: skip
NAMESPACE = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "seeded", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
}


def named(api: str, kind: str, name: str, spec: Any) -> Object:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "seeded"}, "spec": spec}


def job(pod: Any) -> Any:
    return {"template": {"spec": pod}}


def deployment(name: str, replicas: int, pod: Any) -> Object:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {**pod, "restartPolicy": "Always"}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return named("apps/v1", "Deployment", name, spec)


def test_health_is_seen_where_it_is(simulated_cluster: Cluster) -> None:
    cron = named("batch/v1", "CronJob", "yearly", {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": job(POD)}})
    simulated_cluster.apply([NAMESPACE, cron, deployment("small", 2, POD)])
    watched = at_work(simulated_cluster, [NAMESPACE, cron, deployment("small", 2, POD)])
    assert [document["kind"] for document in watched] == ["Namespace", "Deployment", "Job"]
    assert eventually(lambda: unhealthy(simulated_cluster, watched) == []), unhealthy(simulated_cluster, watched)


@pytest.mark.parametrize("said, document", [
    ("violates PodSecurity", named("batch/v1", "Job", "as-root", job({**POD, "securityContext": {}}))),
    ("Insufficient cpu", deployment("large", 65, POD)),
], ids=["pod-security", "no-room"])  # fmt: skip
def test_sickness_is_seen_where_it_is(said: str, document: Object, simulated_cluster: Cluster) -> None:
    simulated_cluster.apply([NAMESPACE, document])

    def refused() -> bool:
        events = simulated_cluster.read("get", "events", "--namespace=seeded")
        return any(said in event["message"] for event in events)

    assert eventually(refused)
    kind, name = document["kind"], document["metadata"]["name"]
    assert unhealthy(simulated_cluster, [document]) == [(kind, name)]
    # What fills the node would leave no room for the tests that follow.
    simulated_cluster.run("delete", kind, name, "--namespace=seeded", "--cascade=foreground")
