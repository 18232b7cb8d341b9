"""MLflow as the model registry."""

from __future__ import annotations

import pytest

from mlops_spec.backends.registry.mlflow import MLflow


def mlflow(uri=None, secret=None):
    return MLflow(address="platform.registry", uri=uri, secret=secret)


def test_the_registry_is_the_tracking_servers_own():
    contribution = mlflow().variables()
    assert (contribution.env, contribution.egress) == ((), ())


def test_a_registry_of_its_own_is_named_and_may_be_reached():
    contribution = mlflow("https://registry.acme.example").variables()
    assert [(v.name, v.value) for v in contribution.env] == [("MLFLOW_REGISTRY_URI", "https://registry.acme.example")]
    assert [(e.namespace, e.port) for e in contribution.egress] == [(None, 443)]


@pytest.mark.parametrize("alias, honoured", [
    ("champion", True), ("@challenger", True), ("@latest", False), ("latest", False), ("v7", False), ("v7x", True),
    (7, True), (None, True),
])  # fmt: skip
def test_mlflow_keeps_two_aliases_for_itself(alias, honoured):
    limits = {limit.field: limit.honours for limit in MLflow.limits}
    assert limits["pipelines.*.steps.*.gate.against.alias"](alias) is honoured
    assert limits["models.*.version"](alias) is honoured


def test_the_one_document_is_trackings(nodes):
    assert list(mlflow().emit(nodes.blueprint())) == []
