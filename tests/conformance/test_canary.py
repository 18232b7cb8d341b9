"""A canary on KServe walks by commits to the lock alone: the API server takes each step and gives its weights back."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conformance.cluster import Cluster, Object
from tests.golden_trees import ROOT, compiled, objects, write

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("cluster")]
LOCK = "mlops.lock.yaml"
STEPS = (10, 50, 100)
Deliver = Callable[[Any], None]


@pytest.fixture
def lock() -> Any:
    """The example's lock file, whose production serves version 6."""
    return yaml.safe_load((ROOT / "examples" / "churn" / LOCK).read_text())


@pytest.fixture
def deliver(tmp_path: Path, simulated_cluster: Cluster) -> Deliver:
    """Compile the example with a lock file, and bring its production to the cluster as its folder says."""
    example, folder = tmp_path / "example", tmp_path / "tree"
    shutil.copytree(ROOT / "examples" / "churn", example)

    def deliver(lock: Any) -> None:
        (example / LOCK).write_text(json.dumps(lock))
        tree = compiled(example).tree
        write(tree, folder)
        simulated_cluster.create_namespaces(
            document for path, document in objects(tree).items() if path.startswith("prod/")
        )
        simulated_cluster.apply_folder(folder / "prod")

    return deliver


def at_step(lock: Any, step: int | None) -> Any:
    """The lock with staging's version in production, at a step of its rollout; for None, behind the last one."""
    lock = copy.deepcopy(lock)
    before = lock["environments"]["prod"]["models"]["churn"]
    after = {**lock["environments"]["staging"]["models"]["churn"], "shadow": before["shadow"]}
    live = {key: value for key, value in before.items() if key != "shadow"}
    rollout = {} if step is None else {"rollout": {"step": step, "from": live}}
    lock["environments"]["prod"]["models"]["churn"] = {**after, **rollout}
    return lock


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
    lock: Any, deliver: Deliver, simulated_cluster: Cluster
) -> None:
    deliver(lock)
    assert models(live(simulated_cluster)[0]) == {uri(6): None}
    for step, weight in enumerate(STEPS):
        deliver(at_step(lock, step))
        server, route = live(simulated_cluster)
        assert models(server) == {uri(6): None, uri(7): weight}
        assert weights(route) == {"churn-predictor": 100 - weight, "churn-v7-predictor": weight}
    deliver(at_step(lock, None))
    server, route = live(simulated_cluster)
    assert models(server) == {uri(7): None}
    assert list(weights(route)) == ["churn-predictor"]


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_an_abort_leaves_what_was_there_before(
    step: int, lock: Any, deliver: Deliver, simulated_cluster: Cluster
) -> None:
    deliver(lock)
    before = live(simulated_cluster)
    deliver(at_step(lock, step))
    assert live(simulated_cluster) != before
    deliver(lock)
    assert live(simulated_cluster) == before
