"""MLflow as the tracking server."""

from __future__ import annotations

import pytest
import yaml

from mlops_spec.backends.tracking.mlflow import MLflow
from mlops_spec.blueprint.ports import Run
from mlops_spec.blueprint.types import Alias, Experiment, RegisteredModel
from mlops_spec.language.text import Name


def mlflow(uri="http://mlflow.mlops.svc:5000", secret="mlflow-token"):
    return MLflow(address="platform.tracking", uri=uri, secret=secret)


def _said(contribution):
    return {v.name: v.value if v.secret is None else (v.secret.name, v.secret.key) for v in contribution.env}


def test_a_step_resumes_the_run_that_begin_created():
    assert _said(mlflow().variables(Run(experiment="churn", id="{{inputs.parameters.run_id}}"))) == {
        "MLFLOW_TRACKING_URI": "http://mlflow.mlops.svc:5000",
        "MLFLOW_TRACKING_TOKEN": ("mlflow-token", "token"),
        "MLFLOW_EXPERIMENT_NAME": "churn",
        "MLFLOW_RUN_ID": "{{inputs.parameters.run_id}}",
        "MLOPS_RUN_ID": "{{inputs.parameters.run_id}}",
    }


def test_what_creates_the_run_has_no_run_id():
    assert set(_said(mlflow(secret=None).variables(Run(experiment=None, id=None)))) == {"MLFLOW_TRACKING_URI"}


@pytest.mark.parametrize("uri, namespace, port", [
    ("http://mlflow.mlops.svc:5000", "mlops", 5000),
    ("http://mlflow.mlops.svc.cluster.local", "mlops", 80),
    ("https://mlflow.acme.example", None, 443),
    ("https://mlflow.acme.example:8443/api", None, 8443),
])  # fmt: skip
def test_a_run_may_reach_the_server(uri, namespace, port):
    (endpoint,) = mlflow(uri).variables(Run(experiment=None, id=None)).egress
    assert (endpoint.namespace, endpoint.port) == (namespace, port)


def test_without_an_address_nothing_is_recorded():
    nowhere = mlflow(uri=None, secret=None)
    assert not nowhere.available()
    contribution = nowhere.variables(Run(experiment="churn", id="x"))
    assert (contribution.env, contribution.egress) == ((), ())


@pytest.fixture
def state(nodes):
    def state(experiments=(), models=()):
        return nodes.DesiredState(
            **nodes.resource("mlops-sync", "tracking"), file=Name("desired-state.yaml"), experiments=experiments,
            project=Name("churn"), environment=Name("dev"), models=models, job=None,
        )  # fmt: skip

    return state


def test_the_desired_state_is_one_document_in_a_config_map(nodes, printed, state):
    churn = Experiment(
        address="experiments.churn", name="churn",
        tags=nodes.labels(domain="growth", **{"mlflow.note.content": "on: a\nsecond line: #"}),
    )  # fmt: skip
    alias = Alias(address="models.churn", name=Name("dev-live"), version=7)
    model = RegisteredModel(address="models.churn", name="churn", description="Churn: yes", tags=(), alias=alias)
    objects = printed(mlflow().emit(nodes.blueprint(state=state((churn,), (model,)))))
    config = objects["tracking/configmap-mlops-sync.yaml"]
    assert config["metadata"]["namespace"] == "churn-dev"
    assert yaml.safe_load(config["data"]["desired-state.yaml"]) == {
        "project": "churn",
        "environment": "dev",
        "experiments": {"churn": {"tags": {"domain": "growth", "mlflow.note.content": "on: a\nsecond line: #"}}},
        "registered_models": {
            "churn": {"description": "Churn: yes", "tags": {}, "alias": {"name": "dev-live", "version": 7}}
        },
    }


def test_a_state_without_experiments_says_none(nodes, printed, state):
    config = printed(mlflow().emit(nodes.blueprint(state=state())))["tracking/configmap-mlops-sync.yaml"]
    assert yaml.safe_load(config["data"]["desired-state.yaml"]) == {
        "project": "churn",
        "environment": "dev",
        "experiments": {},
        "registered_models": {},
    }


def test_no_state_prints_nothing(nodes):
    assert list(mlflow().emit(nodes.blueprint())) == []


@pytest.mark.conformance
def test_kubernetes_takes_it(nodes, printed, state, kubernetes_takes):
    objects = printed(mlflow().emit(nodes.blueprint(state=state())))
    kubernetes_takes({path: document for path, document in objects.items() if "/" in path})
