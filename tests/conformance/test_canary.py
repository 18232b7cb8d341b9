"""A canary on KServe, walked by `mlops-spec rollout` alone: the API server takes each step and gives its weights back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_spec.cli.process import run
from tests.conformance.cluster import Cluster, Object
from tests.golden_trees import ROOT, compiled, objects, write
from tests.rollouts import begun

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("cluster")]
STEPS = (10, 50, 100)
Deliver = Callable[[], dict[str, str]]


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """The lock file of a copy of the example, whose production serves version 6."""
    example = tmp_path / "example"
    shutil.copytree(ROOT / "examples" / "churn", example)
    return example / "mlops.lock.yaml"


@pytest.fixture
def deliver(lock: Path, tmp_path: Path, simulated_cluster: Cluster) -> Deliver:
    """Compile the example with its lock file, and bring its production to the cluster as its folder says."""

    def deliver() -> dict[str, str]:
        tree = compiled(lock.parent).tree
        write(tree, tmp_path / "tree")
        simulated_cluster.create_namespaces(
            document for path, document in objects(tree).items() if path.startswith("prod/")
        )
        simulated_cluster.apply_folder(tmp_path / "tree" / "prod")
        return tree

    return deliver


def rollout(command: str, lock: Path) -> None:
    """Run the command, which changes one line: two of a diff."""
    before = lock.read_text().splitlines()
    assert run(["rollout", command, "churn", "--env", "prod", "--spec", str(lock.parent)]) == 0
    assert sum(line != was for line, was in zip(lock.read_text().splitlines(), before, strict=True)) == 1


def live(cluster: Cluster) -> tuple[Object, Object]:
    """What the API server has of the server and the route."""
    (server,) = cluster.read("get", "inferenceservice", "churn", "--namespace=churn")
    (route,) = cluster.read("get", "httproute", "churn", "--namespace=churn")
    return server["spec"], route["spec"]


def models(server: Object) -> dict[str, int | None]:
    """The model of each predictor, and the canary's share."""
    canary = {said["predictor"]["model"]["storageUri"]: said["trafficPercent"] for said in server.get("canary", [])}
    return {server["predictor"]["model"]["storageUri"]: None, **canary}


def weights(route: Object) -> dict[str, int]:
    return {target["name"]: target["weight"] for target in route["rules"][0]["backendRefs"]}


def uri(version: int) -> str:
    return f"s3://acme-ml/artifacts/1/models/m-{version}/artifacts"


def test_each_step_is_taken_and_read_back_with_its_weights(
    lock: Path, deliver: Deliver, simulated_cluster: Cluster
) -> None:
    deliver()
    assert models(live(simulated_cluster)[0]) == {uri(6): None}
    lock.write_text(begun(lock.read_text()))
    for weight in STEPS:
        deliver()
        server, route = live(simulated_cluster)
        assert models(server) == {uri(6): None, uri(7): weight}
        assert weights(route) == {"churn-predictor": 100 - weight, "churn-v7-predictor": weight}
        rollout("advance", lock)
    deliver()
    server, route = live(simulated_cluster)
    assert models(server) == {uri(7): None}
    assert list(weights(route)) == ["churn-predictor"]


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_an_abort_leaves_what_was_there_before(
    step: int, lock: Path, deliver: Deliver, simulated_cluster: Cluster
) -> None:
    tree, text = deliver(), lock.read_text()
    before = live(simulated_cluster)
    lock.write_text(begun(text))
    for _ in range(step):
        rollout("advance", lock)
    assert deliver() != tree
    assert live(simulated_cluster) != before
    rollout("abort", lock)
    assert lock.read_text() == text
    assert deliver() == tree
    assert live(simulated_cluster) == before
