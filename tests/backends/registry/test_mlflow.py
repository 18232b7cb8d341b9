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
    contribution = mlflow("https://registry.acme.example", "registry-token").variables()
    assert [(v.name, v.value, v.secret and v.secret.name) for v in contribution.env] == [
        ("MLFLOW_REGISTRY_URI", "https://registry.acme.example", None),
        ("MLFLOW_TRACKING_TOKEN", None, "registry-token"),
    ]
    assert [(e.namespace, e.port) for e in contribution.egress] == [(None, 443)]


@pytest.mark.parametrize("alias, honoured", [
    ("champion", True), ("@challenger", True), ("@latest", False), ("latest", False), ("v7", False), ("v7x", True),
    (7, True), (None, True),
])  # fmt: skip
def test_mlflow_keeps_two_aliases_for_itself(alias, honoured):
    assert [limit.honours(alias) for limit in MLflow.limits] == [honoured, honoured]


def test_the_one_document_is_trackings(nodes):
    assert list(mlflow().emit(nodes.blueprint())) == []
