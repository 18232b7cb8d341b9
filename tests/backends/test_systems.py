"""The index of the real systems."""

from __future__ import annotations

import importlib
import sys

import pytest

from mlops_spec import backends
from mlops_spec.backends.orchestrator.argo import Argo

MODULE = """
from mlops_spec.backends.backend import System

class Prefect(System):
    pass
"""
ENTRIES = """[mlops_spec.backends]
orchestrator/prefect = prefect_backend:Prefect
orchestrator/argo = prefect_backend:Prefect
orchestrator/text = os:sep
"""


@pytest.fixture
def brought(tmp_path, monkeypatch):
    """Install a package that brings an orchestrator, would replace another, and has an entry that is no system."""
    info = tmp_path / "prefect_backend-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: prefect-backend\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    (tmp_path / "prefect_backend.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    backends.system.cache_clear()
    yield
    sys.modules.pop("prefect_backend", None)
    backends.system.cache_clear()


def test_systems_by_the_names_of_the_spec():
    assert backends.systems("orchestrator")["argo"] is Argo
    assert sorted(backends.systems("secrets")) == ["existing", "external-secrets"]


def test_a_capability_that_nothing_is_built_for_is_empty():
    assert backends.systems("features") == {}
    assert backends.system("features", "feast") is None


def test_another_package_brings_a_system_but_replaces_none(brought):
    assert backends.system("orchestrator", "prefect").__name__ == "Prefect"
    assert backends.system("orchestrator", "argo") is Argo
    assert backends.system("orchestrator", "text") is None
