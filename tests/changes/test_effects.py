"""What a change does is said by the system that prints the object; what nobody declares changes in place."""

from __future__ import annotations

import pytest

from mlops_spec.assets import TEMPLATES
from mlops_spec.backends import systems
from mlops_spec.backends.choice import CAPABILITIES
from mlops_spec.backends.cluster.kubernetes import Kubernetes
from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.effects import effect_of
from mlops_spec.render.environment import Templates


@pytest.mark.parametrize(
    "template, kind, path, causes, effect",
    [
        ("cluster/kubernetes/deployment.yaml.j2", "Deployment", "spec/replicas", [], Effect.SCALES),
        (None, "Deployment", "spec/template/spec/containers/main/image", [], Effect.RESTARTS),
        (None, "Deployment", "spec/selector/matchLabels/app", [], Effect.RECREATES),
        (None, "Deployment", "metadata/labels/team", [], Effect.NOTHING),
        (None, "Whatever", "spec/x", [], Effect.CHANGES),
        (None, None, "", [], Effect.NOTHING),
        ("kustomization.yaml.j2", "Kustomization", "resources/0", [], Effect.NOTHING),
        ("orchestrator/airflow/dag.py.j2", None, "", [], Effect.RETRAINS),
        ("orchestrator/vertex/configmap.yaml.j2", "ConfigMap", "data/pipeline.yaml/root", [], Effect.RETRAINS),
        ("cluster/kubernetes/configmap.yaml.j2", "ConfigMap", "data/x", [], Effect.CHANGES),
        ("cluster/kubernetes/configmap.yaml.j2", "ConfigMap", "data/x", ["monitors.m.drift.threshold"], Effect.THRESHOLD),
        ("serving/kserve/inferenceservice.yaml.j2", "InferenceService", "spec/predictor/minReplicas", ["monitors.m.drift"], Effect.SCALES),
        ("serving/kserve/inferenceservice.yaml.j2", "InferenceService", "spec/canary", [], Effect.CANARY),
        ("gateway/gateway-api/httproute.yaml.j2", "HTTPRoute", "spec/rules/0/backendRefs/churn/weight", [], Effect.CANARY),
        ("metrics/prometheus/prometheusrule.yaml.j2", "PrometheusRule", "spec/groups/g/rules/R/expr", [], Effect.THRESHOLD),
        ("metrics/prometheus/prometheusrule.yaml.j2", "PrometheusRule", "spec/groups/g/rules/R/labels/severity", [], Effect.CHANGES),
    ],
)  # fmt: skip
def test_a_change_does_what_its_system_says(
    template: str | None, kind: str | None, path: str, causes: list[str], effect: Effect
) -> None:
    assert effect_of(template, kind, tuple(filter(None, path.split("/"))), causes) is effect


def test_every_rule_is_about_a_kind_that_its_system_prints() -> None:
    templates = Templates([TEMPLATES])
    for capability in CAPABILITIES:
        for name, system in systems(capability).items():
            folder = TEMPLATES / capability / name
            kinds = {templates.kind(str(path.relative_to(TEMPLATES))) or "" for path in folder.glob("*.j2")}
            assert {rule.kind for rule in system.effects} <= kinds, name


def test_every_effect_has_words_and_a_meaning_of_its_own() -> None:
    assert len({effect.words for effect in Effect}) == len({effect.meaning for effect in Effect}) == len(Effect)


def test_kubernetes_speaks_for_its_own_kinds_whoever_prints_them() -> None:
    assert {"Deployment", "StatefulSet", "Job"} <= {rule.kind for rule in Kubernetes.effects}
