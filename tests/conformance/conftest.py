"""Clusters for the tests of one worker: with an API server alone, or with what makes objects happen as well."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator
from pathlib import Path
from types import ModuleType

import pytest

from tests.conformance.cluster import Cluster
from tests.golden_trees import EXAMPLES, compiled, objects


@pytest.fixture(scope="session")
def definitions(shared: Path, crds: ModuleType) -> list[Path]:
    """The definitions of the custom resources that the examples render, as the real systems ship them."""
    files: dict[tuple[str, str], Path] = crds.Store(shared / "crds").files
    rendered = [document for example in EXAMPLES for document in objects(compiled(example).tree).values()]
    kinds = {(document["apiVersion"].rpartition("/")[0], document["kind"]) for document in rendered}
    return [files[kind] for kind in sorted(kinds & files.keys())]


@pytest.fixture(scope="session")
def api_server(
    shared: Path, definitions: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Generator[Cluster, None, None]:
    """An API server that knows the examples' custom resources; nothing acts on what it stores."""
    yield from started(shared, definitions, tmp_path_factory.mktemp("api-server"))


@pytest.fixture(scope="session")
def simulated_cluster(
    shared: Path, definitions: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Generator[Cluster, None, None]:
    """A cluster with Kubernetes' own controllers and scheduler, and a pretended node on which no container runs."""
    programs = named("MLOPS_SPEC_KUBERNETES")
    parts = {
        "KUBE_KCM": str(programs / "kube-controller-manager"),
        # When this machine stands still, so does the node's lease; pods once held to be unready stay so under kwok.
        "KUBE_KCM_ARGS": "--node-monitor-grace-period=24h --node-startup-grace-period=24h",
        "KUBE_SCHEDULER": str(programs / "kube-scheduler"),
        "KUBE_KWOK": str(named("MLOPS_SPEC_KWOK")),
        "KUBE_KWOK_STAGES": str(named("MLOPS_SPEC_KWOK_STAGES")),
    }
    yield from started(shared, definitions, tmp_path_factory.mktemp("cluster"), **parts)


def started(shared: Path, definitions: list[Path], folder: Path, **parts: str) -> Generator[Cluster, None, None]:
    programs, etcd = named("MLOPS_SPEC_KUBERNETES"), named("MLOPS_SPEC_ETCD")
    settings = {"KUBE_RUN": str(folder), "KUBE_APISERVER": str(programs / "kube-apiserver"), "KUBE_ETCD": str(etcd)}
    environment = {**os.environ, **settings, **parts}
    up = subprocess.run([shared / "tools" / "kube-up.sh"], env=environment, capture_output=True, text=True, check=False)
    assert up.returncode == 0, up.stderr
    try:
        cluster = Cluster(programs / "kubectl", folder)
        cluster.create_definitions(definitions)
        yield cluster
    finally:
        subprocess.run([shared / "tools" / "kube-down.sh"], env=environment, capture_output=True, check=True)


def named(variable: str) -> Path:
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f"{variable} names no file")
    return Path(path)
