"""What every environment needs in its cluster."""

from __future__ import annotations

import pytest

from mlops_spec.backends.cluster.kubernetes import Kubernetes
from mlops_spec.language.text import Name
from mlops_spec.verify.pods import breaches


@pytest.fixture
def objects(nodes, printed):
    at = nodes.resource
    token = nodes.Token(**at("pipelines.service-account-token", "cluster"), account=Name("pipelines"))
    rule = nodes.Rule(
        address="x",
        group="argoproj.io",
        resources=(Name("workflowtaskresults"),),
        verbs=(Name("create"), Name("patch")),
    )
    inside = nodes.Endpoint(address="x", namespace=Name("mlops"), port=5000)
    outside = nodes.Endpoint(address="x", namespace=None, port=443)
    sources = (
        nodes.Source(address="x", port=8080, namespace=Name("gateways"), pods=()),
        nodes.Source(address="x", port=8080, namespace=None, pods=nodes.labels(gateway="models")),
        nodes.Source(address="x", port=8080, namespace=None, pods=()),
        nodes.Source(address="x", port=None, namespace=None, pods=()),
    )
    job = nodes.Job(
        **at("mlops-sync", "tracking", **{"argocd.argoproj.io/hook": "PostSync"}), account=Name("mlops-sync"),
        pods=nodes.labels(**{"app.kubernetes.io/name": "mlops-sync"}), deadline=600, retries=3,
        workload=nodes.workload(
            "sync", "mlops-spec-runtime", "sync",
            volumes=(nodes.volume("tmp", "/tmp"), nodes.volume("config", "/etc/mlops", None, config="mlops-sync")),
        ),
    )  # fmt: skip
    return printed(
        Kubernetes(address="").emit(
            nodes.blueprint(
                accounts=(
                    nodes.Account(**at("mlops-sync", "cluster"), token=None, mounted=False, secrets=(Name("object-store"),)),
                    nodes.Account(**at("pipelines", "cluster"), token=token, mounted=False, secrets=()),
                ),
                roles=(nodes.Role(**at("pipelines", "cluster"), account=Name("pipelines"), rules=(rule,)),),
                policies=(
                    nodes.Policy(**at("default-deny", "cluster"), pods=(), ingress=(), egress=()),
                    nodes.Policy(
                        **at("train", "cluster"), ingress=(), egress=(inside, outside),
                        pods=nodes.labels(**{"app.kubernetes.io/name": "train"}),
                    ),
                    nodes.Policy(
                        **at("churn.server", "cluster"), egress=(), ingress=sources,
                        pods=nodes.labels(**{"app.kubernetes.io/name": "churn"}),
                    ),
                ),
                budgets=(
                    nodes.Budget(**at("churn", "serving"), pods=nodes.labels(**{"app.kubernetes.io/name": "churn"})),
                ),
                jobs=(job,),
            )
        )
    )  # fmt: skip


def test_the_namespace_enforces_restricted_pods(objects):
    namespace = objects["cluster/namespace-churn-dev.yaml"]
    assert "namespace" not in namespace["metadata"]
    labels = namespace["metadata"]["labels"]
    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert labels[f"pod-security.kubernetes.io/{mode}-version"] == "latest"
    assert labels["cost-center"] == "4711"


def test_no_account_mounts_a_token(objects):
    for name in ("pipelines", "mlops-sync"):
        assert objects[f"cluster/serviceaccount-{name}.yaml"]["automountServiceAccountToken"] is False


def test_a_token_is_a_secret_that_the_cluster_fills(objects):
    secret = objects["cluster/secret-pipelines.service-account-token.yaml"]
    assert secret["type"] == "kubernetes.io/service-account-token"
    assert secret["metadata"]["annotations"]["kubernetes.io/service-account.name"] == "pipelines"
    assert "data" not in secret


def test_a_role_is_bound_to_its_account_alone(objects):
    assert objects["cluster/role-pipelines.yaml"]["rules"] == [
        {"apiGroups": ["argoproj.io"], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"]}
    ]
    binding = objects["cluster/rolebinding-pipelines.yaml"]
    assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "pipelines"}
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "pipelines", "namespace": "churn-dev"}]


def test_all_pods_are_denied_everything(objects):
    assert objects["cluster/networkpolicy-default-deny.yaml"]["spec"] == {
        "podSelector": {}, "policyTypes": ["Ingress", "Egress"],
    }  # fmt: skip


def test_a_policy_lets_its_pods_reach_names_and_what_the_plan_needs(objects):
    spec = objects["cluster/networkpolicy-train.yaml"]["spec"]
    assert spec["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "train"}}
    dns, inside, outside = spec["egress"]
    assert dns["ports"] == [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
    assert inside == {
        "ports": [{"protocol": "TCP", "port": 5000}],
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "mlops"}}}],
    }
    assert outside["to"] == [{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"ipBlock": {"cidr": "::/0"}}]


def test_a_policy_lets_in_a_namespace_its_own_pods_the_cluster_or_anyone(objects):
    assert "ingress" not in objects["cluster/networkpolicy-train.yaml"]["spec"]
    ports = [{"protocol": "TCP", "port": 8080}]
    assert objects["cluster/networkpolicy-churn.server.yaml"]["spec"]["ingress"] == [
        {
            "ports": ports,
            "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateways"}}}],
        },
        {"ports": ports, "from": [{"podSelector": {"matchLabels": {"gateway": "models"}}}]},
        {"ports": ports, "from": [{"namespaceSelector": {}}]},
        {},
    ]


def test_a_budget_lets_one_pod_at_a_time_be_evicted(objects):
    assert objects["serving/poddisruptionbudget-churn.yaml"]["spec"] == {
        "maxUnavailable": 1,
        "selector": {"matchLabels": {"app.kubernetes.io/name": "churn"}},
    }


def test_an_account_names_the_secrets_that_are_read_for_it(objects):
    assert objects["cluster/serviceaccount-mlops-sync.yaml"]["secrets"] == [{"name": "object-store"}]
    assert "secrets" not in objects["cluster/serviceaccount-pipelines.yaml"]


def test_a_job_ends_and_its_pod_is_restricted(objects):
    job = objects["tracking/job-mlops-sync.yaml"]
    assert (job["spec"]["activeDeadlineSeconds"], job["spec"]["backoffLimit"]) == (600, 3)
    assert "ttlSecondsAfterFinished" not in job["spec"]
    pod = job["spec"]["template"]["spec"]
    assert (pod["restartPolicy"], pod["automountServiceAccountToken"]) == ("Never", False)
    assert pod["volumes"][1] == {"name": "config", "configMap": {"name": "mlops-sync"}}
    assert pod["containers"][0]["volumeMounts"][1] == {"name": "config", "mountPath": "/etc/mlops", "readOnly": True}
    assert list(breaches(job)) == []


@pytest.mark.conformance
def test_kubernetes_takes_it(objects, kubernetes_takes):
    kubernetes_takes({path: document for path, document in objects.items() if "/" in path})
