"""The tree as Argo CD is told to sync it."""

from __future__ import annotations

import pytest

from mlops_spec.backends.delivery.argocd import ArgoCD
from mlops_spec.blueprint.types import Delivered, Project
from mlops_spec.language.text import Name


def argocd(**changes):
    options = {"namespace": "argocd", "project": "ml", "create_project": True, "path": "deploy", "branch": "main"}
    return ArgoCD(address="platform.delivery", **{**options, **changes})


@pytest.fixture
def project(nodes):
    def delivered(name, namespace, cluster, branch):
        environment = nodes.environment(
            name=Name(name), namespace=Name(namespace), cluster=cluster, branch=branch, path=f"deploy/{name}"
        )
        resource = {**nodes.resource(f"churn-{name}", "project"), "namespace": Name("argocd")}
        return Delivered(
            **resource, environment=environment, repository="https://git.acme.example/churn.git",
            ignored=argocd().ignored(),
        )  # fmt: skip

    return Project(
        **{**nodes.resource("ml", "project"), "namespace": Name("argocd")},
        description="Churn.", repository="https://git.acme.example/churn.git",
        delivered=(
            delivered("dev", "churn-dev", "https://kubernetes.default.svc", "main"),
            delivered("prod", "churn", "https://prod.acme.example", "main-prod"),
        ),
    )  # fmt: skip


def test_an_environment_is_an_application(project, printed):
    application = printed(argocd().emit_project(project))["project/application-churn-prod.yaml"]
    assert application["metadata"]["namespace"] == "argocd"
    assert application["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    spec = application["spec"]
    assert spec["project"] == "ml"
    assert spec["source"] == {
        "repoURL": "https://git.acme.example/churn.git", "targetRevision": "main-prod", "path": "deploy/prod",
    }  # fmt: skip
    assert spec["destination"] == {"server": "https://prod.acme.example", "namespace": "churn"}
    assert spec["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    assert "ServerSideApply=true" in spec["syncPolicy"]["syncOptions"]
    assert spec["ignoreDifferences"] == [
        {"group": "", "kind": "Secret",
         "jsonPointers": ["/data", "/metadata/annotations/kubernetes.io~1service-account.uid"]}
    ]  # fmt: skip


def test_the_project_lets_its_applications_into_their_namespaces_alone(project, printed):
    spec = printed(argocd().emit_project(project))["project/appproject-ml.yaml"]["spec"]
    assert spec["sourceRepos"] == ["https://git.acme.example/churn.git"]
    assert spec["destinations"] == [
        {"server": "https://kubernetes.default.svc", "namespace": "churn-dev"},
        {"server": "https://prod.acme.example", "namespace": "churn"},
    ]
    assert spec["clusterResourceWhitelist"] == [{"group": "", "kind": "Namespace"}]
    assert {"group": "argoproj.io", "kind": "Application"} in spec["namespaceResourceBlacklist"]


def test_a_project_of_somebody_elses_is_not_rendered(project, printed):
    objects = printed(argocd(create_project=False).emit_project(project))
    assert not any("appproject" in path for path in objects)


def test_the_crds_take_it(project, printed, conforms):
    conforms(printed(argocd().emit_project(project)))


@pytest.mark.parametrize("wave, hook, said", [
    (0, False, {}),
    (-2, False, {"argocd.argoproj.io/sync-wave": "-2"}),
    (2, True, {
        "argocd.argoproj.io/sync-wave": "2", "argocd.argoproj.io/hook": "PostSync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    }),
])  # fmt: skip
def test_waves_and_hooks_are_annotations(wave, hook, said):
    labels = argocd().annotations(wave, hook)
    assert {label.key: label.value for label in labels} == said
    assert [label.key for label in labels] == sorted(said)
