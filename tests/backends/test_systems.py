"""The index of the real systems."""

from __future__ import annotations

from mlops_spec import backends
from mlops_spec.backends.orchestrator.argo import Argo
from mlops_spec.compiler import compile_spec
from mlops_spec.source.files import Memory


def test_systems_by_the_names_of_the_spec():
    assert backends.systems("orchestrator")["argo"] is Argo
    assert sorted(backends.systems("secrets")) == ["existing", "external-secrets"]


def test_a_platforms_system_prints_nothing_of_those_that_chose_their_own():
    spec = """\
apiVersion: mlops-spec/v1
project: {name: x}
pipelines:
  own:
    orchestrator: {backend: argo, service_account: other}
    steps: {one: {image: "registry.acme.example/one@sha256:%s", command: [one]}}
"""
    result = compile_spec(Memory({"mlops.yaml": (spec % ("4b" * 32)).encode()}), "mlops.yaml")
    assert [d.code for d in result.diagnostics] == []
    assert "serviceAccountName: other" in result.tree["default/pipelines/workflowtemplate-own.yaml"]


def test_a_capability_that_nothing_is_built_for_is_empty():
    assert backends.systems("features") == {}
