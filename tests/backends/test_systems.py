"""The index of the real systems."""

from __future__ import annotations

from mlops_spec import backends
from mlops_spec.backends.orchestrator.argo import Argo


def test_systems_by_the_names_of_the_spec():
    assert backends.systems("orchestrator")["argo"] is Argo
    assert sorted(backends.systems("secrets")) == ["existing", "external-secrets"]


def test_a_capability_that_nothing_is_built_for_is_empty():
    assert backends.systems("features") == {}
