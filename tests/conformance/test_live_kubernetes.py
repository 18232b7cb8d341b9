"""What a real API server has, beside what is rendered: ``status`` and ``diff --live`` by Kubernetes' own client."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.changed import changed
from tests.conformance.cluster import Cluster, Object, Rejected, eventually
from tests.conformance.live import ARGOCD, NAMESPACE, PROD, Live, churn, server
from tests.golden_trees import ROOT

pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("api-server")]


@pytest.fixture(scope="module")
def delivered(api_server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Live:
    """The example, delivered once."""
    live = churn(api_server, tmp_path_factory.mktemp("live") / "live")
    live.deliver()
    return live


@pytest.fixture
def live(delivered: Live) -> Iterator[Live]:
    """The same; what a test has spoiled is delivered again."""
    yield delivered
    delivered.spec.write_text(delivered.text)
    if delivered.spoiled:
        delivered.deliver()
        delivered.spoiled = False


def test_what_was_delivered_is_in_sync(delivered: Live) -> None:
    ran = delivered.diff(*PROD, "--exit-code")
    assert (ran.code, ran.out) == (0, f"nothing: {server(delivered)} has what is rendered\n")
    assert "MS5" not in ran.err
    before = delivered.cluster.live(delivered.rendered())
    said = json.loads(delivered.status(*PROD, "--format", "json").out)["environments"][0]
    assert {each["sync"] for each in said["objects"]} == {"in sync"}
    assert len(said["objects"]) == len(delivered.rendered("prod/"))
    assert all(
        "argocd.argoproj.io/tracking-id" in each["metadata"]["annotations"]
        for each in before
        if each["kind"] != "Application"
    )
    delivered.diff(*PROD, "--field-manager", "somebody")
    assert delivered.cluster.live(delivered.rendered()) == before, "nothing is ever written"


def test_on_a_terminal_it_is_a_table_in_colour_and_says_how_far_it_is(delivered: Live) -> None:
    told = delivered.on_terminal("status", *PROD)
    assert "Asking the cluster" in told
    assert "100%" in told
    (row,) = [line for line in told.splitlines() if "serving/inferenceservice-churn.yaml" in line]
    assert row.startswith("\x1b[33m  …\x1b[0m in sync progressing serving/inferenceservice-churn.yaml"), row
    plain = delivered.on_terminal("status", *PROD, NO_COLOR="1")
    assert "\n  …  in sync  progressing  serving/inferenceservice-churn.yaml " in plain.replace("\r", "")


def test_without_a_choice_every_environment_is_compared_and_what_belongs_to_the_project(delivered: Live) -> None:
    found = json.loads(delivered.run("diff", "--live", "--format", "json").out)
    assert {each["environment"] for each in found["objects"]} == {"dev", "staging"}
    assert {each["verb"] for each in found["objects"]} == {"create"}
    assert found["before"] == server(delivered)
    told = delivered.run("status", "--all").out
    assert "project: " in told
    assert re.search(r"  …  in sync  progressing  project/application-live-prod.yaml", told)


def test_what_is_changed_by_hand_shows_with_who_did_it_and_the_line_that_says_otherwise(live: Live) -> None:
    live.kubectl("scale", "deployment/mlops-collect", "--replicas=5")
    live.kubectl(
        "patch", "inferenceservice/churn", "--type=merge", "--field-manager=kubectl-edit",
        "--patch", '{"spec":{"predictor":{"minReplicas":7}}}',
    )  # fmt: skip
    live.kubectl("delete", "prometheusrule/churn.slo")
    ran = live.diff(*PROD, "--exit-code")
    assert ran.code == 1
    replicas = live.line("replicas: {min: 3")
    assert (
        "  ~ serving/inferenceservice-churn.yaml  scales\n"
        f"      spec.predictor.minReplicas  (mlops.yaml:{replicas})\n        - 7\n        + 3\n"
    ) in ran.out
    assert "  ~ logging/deployment-mlops-collect.yaml  scales\n      spec.replicas" in ran.out
    assert (
        f"  + monitoring/prometheusrule-churn.slo.yaml  creates  (mlops.yaml:{live.line('slo: {availability')})\n"
        in ran.out
    )
    assert "prod (protected): 2 scales, 1 creates" in ran.out
    assert (
        f"mlops.yaml:{replicas}:24: warning MS510 serving/inferenceservice-churn.yaml: kubectl-edit (`kubectl edit`) "
        "has set spec.predictor.minReplicas to something else\n"
    ) in ran.err
    assert "kubectl (an autoscaler, or `kubectl scale`) has set spec.replicas to something else" in ran.err
    assert (
        "help: Argo CD takes it over when it next syncs; to keep it, say it in the spec; to leave it to an autosc"
        in ran.err
    )
    standing = live.status()
    assert standing.code == 1
    assert "  ~  differs  progressing  serving/inferenceservice-churn.yaml" in standing.out
    assert "  +  absent                monitoring/prometheusrule-churn.slo.yaml\n" in standing.out
    assert "1 absent, 2 differ, " in standing.out


def test_an_apply_of_another_manager_is_told_what_argo_cd_holds(live: Live) -> None:
    live.spec.write_text(changed(live.text, ("replicas: {min: 3,", "replicas: {min: 4,")))
    ran = live.diff(*PROD, "--field-manager", "kubectl")
    assert "argocd-controller (Argo CD) has set spec.predictor.minReplicas to something else\n" in ran.err
    assert "help: compare as Argo CD applies: leave --field-manager kubectl out\n" in ran.err
    ran = live.diff()
    assert "        - 3\n        + 4\n" in ran.out
    assert "MS510" not in ran.err, "what Argo CD holds is no conflict with what Argo CD applies"


@pytest.mark.parametrize("target, patch, code, said", [
    ("kind: InferenceService, name: churn", "{op: add, path: /spec/predictor/model/storageURI, value: 's3://a'}", "MS508",
     "serving/inferenceservice-churn.yaml: spec.predictor.model.storageURI: field not declared in schema"),
    ("kind: InferenceService, name: churn", "{op: replace, path: /spec/predictor/minReplicas, value: three}", "MS508",
     "serving/inferenceservice-churn.yaml: spec.predictor.minReplicas: expected numeric (int or float), got string"),
    ("kind: InferenceService, name: churn", "{op: replace, path: /spec/predictor/scaleMetric, value: cpux}", "MS508",
     'serving/inferenceservice-churn.yaml: spec.predictor.scaleMetric: Unsupported value: "cpux": supported values: "cpu", "memory", "concurrency", "rps"'),
    ("kind: HTTPRoute, name: churn", "{op: replace, path: /spec/rules/0/matches/0/path/type, value: Exact}", "MS508",
     "gateway/httproute-churn.yaml: spec.rules[0]: Invalid value: When using URLRewrite filter with path.replacePrefixMatch, exactly one"),
    ("kind: HTTPRoute, name: churn", "{op: remove, path: /spec/parentRefs/0/name}", "MS508",
     "gateway/httproute-churn.yaml: spec.parentRefs[0].name: Required value"),
    ("kind: Deployment, name: mlops-collect", "{op: replace, path: /spec/selector/matchLabels, value: {a: b}}", "MS512",
     'logging/deployment-mlops-collect.yaml: spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: field is immutable'),
    ("kind: Service, name: mlops-collect", "{op: add, path: /spec/clusterIP, value: None}", "MS512",
     "logging/service-mlops-collect.yaml: spec.clusterIPs[0]: "),
], ids=["unknown-field", "typed-patch-500", "enum", "CEL-rule", "missing", "immutable-among-others", "immutable"])  # fmt: skip
def test_what_the_server_refuses_is_said_at_the_patch_that_seeds_it(
    live: Live, target: str, patch: str, code: str, said: str
) -> None:
    live.patch(target, patch)
    ran = live.diff()
    assert ran.code == 1
    assert "has what is rendered" not in ran.out
    (told,) = [line for line in ran.err.splitlines() if said in line]
    assert told.startswith(f"mlops.yaml:{live.line('reason: To see')}:"), ran.err
    assert f" error {code} " in told
    assert f"prod/{said.partition(':')[0]}:" in ran.err.replace(told, ""), "where it is rendered is said too"


POLICY = f"""
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: owners}}
spec:
  matchConstraints:
    namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {NAMESPACE}}}}}
    resourceRules:
      - {{apiGroups: [""], apiVersions: [v1], resources: [services], operations: [CREATE, UPDATE]}}
  validations:
    - {{expression: "has(object.metadata.annotations.owner)", message: a Service names its owner}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: owners}}
spec: {{policyName: owners, validationActions: [Deny]}}
"""
WEBHOOK = f"""
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {{name: owners}}
webhooks:
  - name: owners.acme.example
    clientConfig: {{url: "https://127.0.0.1:9/"}}
    sideEffects: None
    admissionReviewVersions: [v1]
    namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {NAMESPACE}}}}}
    rules:
      - {{apiGroups: [""], apiVersions: [v1], resources: [services], operations: [CREATE, UPDATE]}}
"""


@pytest.mark.parametrize("guard, code, severity, said, known", [
    (POLICY, 1, "error MS515", "denied request: a Service names its owner", False),
    (WEBHOOK, 0, "warning MS514", 'failed calling webhook "owners.acme.example"', True),
], ids=["policy", "webhook-that-does-not-answer"])  # fmt: skip
def test_a_guard_that_says_no_is_told_from_one_that_cannot_be_asked(
    live: Live, guard: str, code: int, severity: str, said: str, known: bool
) -> None:
    live.patch("kind: Service, name: mlops-collect", "{op: add, path: /metadata/labels/seen, value: here}")
    objects = [*yaml.safe_load_all(guard)]
    live.cluster.apply(objects)
    try:
        assert eventually(lambda: severity in live.diff().err), "the server hears of a guard a moment later"
        ran = live.diff()
    finally:
        for each in objects:
            live.cluster.run("delete", each["kind"].lower(), each["metadata"]["name"])
    assert ran.code == code
    (told,) = [line for line in ran.err.splitlines() if severity in line]
    assert f"{severity} logging/service-mlops-collect.yaml: " in told
    assert said in told
    assert ("what becomes of 1 object is not known: the cluster refuses it" in ran.out) is not known
    assert ("1 more file differs where nothing that runs takes notice" in ran.out) is known


def test_a_kind_without_its_definition_is_named_with_what_needs_it(live: Live) -> None:
    definition = live.kubectl("get", "customresourcedefinition/podmonitors.monitoring.coreos.com", "--output=json")
    live.cluster.run("delete", "customresourcedefinition/podmonitors.monitoring.coreos.com")
    try:
        ran = live.diff()
    finally:
        body = json.loads(definition)
        body = {**body, "metadata": {"name": body["metadata"]["name"]}, "status": None}
        file = live.folder / "podmonitors.json"
        file.write_text(json.dumps(body))
        live.cluster.create_definitions([file])
    assert ran.code == 1
    assert (
        "error MS509 the cluster knows no PodMonitor of monitoring.coreos.com/v1: "
        "monitoring/podmonitor-churn-shadow.yaml, monitoring/podmonitor-churn.yaml need it\n"
    ) in ran.err
    assert (
        "help: install the CustomResourceDefinition of PodMonitor (monitoring.coreos.com), with the operator" in ran.err
    )


def test_before_the_first_delivery_all_is_new_and_that_is_said_once(delivered: Live) -> None:
    ran = delivered.diff("--env", "staging", "--exit-code")
    assert ran.code == 1
    assert ran.err.count("MS511") == 1
    assert "warning MS511 the namespace live-staging is not there yet: " in ran.err
    count = len(delivered.rendered("staging/"))
    assert f"staging: 1 runs a Job, {count - 1} creates\n" in ran.out
    standing = delivered.status("--env", "staging")
    assert f"{count} objects: {count} absent, Argo CD is not content\n" in standing.out
    assert (standing.code, standing.err.count("MS511")) == (1, 1)


def test_what_is_no_longer_rendered_is_deleted_where_argo_cd_tracks_it(live: Live) -> None:
    (own,) = [each for each in live.rendered("prod/") if each["kind"] == "Service"]
    labels, where = own["metadata"]["labels"], {"namespace": NAMESPACE}
    tracked = {"argocd.argoproj.io/tracking-id": f"live-prod:/ConfigMap:{NAMESPACE}/gone"}
    keep = {"argocd.argoproj.io/sync-options": "Prune=false"}
    made = {
        "gone": {"labels": labels, "annotations": tracked},
        "kept": {"labels": labels, "annotations": {**tracked, **keep}},
        "unknown": {"labels": labels},
        "theirs": {"labels": {**labels, "app.kubernetes.io/instance": "other"}},
    }
    for name, about in made.items():
        live.cluster.apply([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **where, **about}}])
    try:
        ran = live.diff()
        assert f"  - {NAMESPACE}/configmap-gone  deletes\n" in ran.out
        assert (
            "configmap-kept is no longer rendered; Argo CD is told to keep it: it stays until it is deleted" in ran.err
        )
        assert "configmap-unknown is no longer rendered; Argo CD does not track it: it stays until" in ran.err
        assert "theirs" not in ran.out + ran.err
        stays = json.loads(live.diff(*PROD, "--format", "json").out)["left"]
        assert [line.split(" is no ")[0] for line in stays] == [
            f"prod: {NAMESPACE}/configmap-{name}" for name in ("kept", "unknown")
        ]
    finally:
        live.kubectl("delete", "configmap", *made)


def test_no_word_of_a_secret_is_told(live: Live) -> None:
    live.kubectl(
        "patch", "secret/pipelines.service-account-token", "--type=merge", "--patch",
        json.dumps({"stringData": {"token": "hunter2"}, "metadata": {"annotations": {
            "kubectl.kubernetes.io/last-applied-configuration": '{"stringData":{"token":"hunter2"}}', "mlops-spec.dev/source": "x",
        }}}),
    )  # fmt: skip
    for ran in (
        live.diff(),
        live.diff(*PROD, "--format", "json"),
        live.status(),
        live.status(*PROD, "--format", "json"),
    ):
        assert "hunter2" not in ran.out + ran.err
        assert "aHVudGVyMg" not in ran.out + ran.err
    assert "cluster/secret-pipelines.service-account-token.yaml" in live.differing()


def test_where_all_is_well_status_says_so_and_ends_with_0(api_server: Cluster, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "minimal", tmp_path / "minimal")
    live = Live(api_server, tmp_path / "minimal")
    rendered = live.rendered("")
    live.cluster.create_namespaces(rendered)
    live.cluster.apply(rendered, *ARGOCD)
    (name,) = [each["metadata"]["name"] for each in rendered if each["kind"] == "Application"]
    status = {"status": {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}}}
    live.cluster.run(
        "patch", f"applications/{name}", "--namespace=argocd", "--type=merge", f"--patch={json.dumps(status)}"
    )
    ran = live.status("--all")
    assert (ran.code, ran.err) == (0, ""), ran.out + ran.err
    assert f"  Argo CD: {name} is Synced, Healthy\n" in ran.out
    found = live.rendered("default/")
    assert f"  {len(found)} objects, all as rendered and ready\n" in ran.out
    for each in found:
        assert f"/{each['kind'].lower()}-{each['metadata']['name']}.yaml" in ran.out
    assert live.status("--format", "json").code == 0
    assert live.diff("--exit-code").code == 0
    about = {"name": "left", "namespace": "hello", "labels": found[0]["metadata"]["labels"]}
    live.cluster.apply([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": about}])
    said = live.diff("--exit-code").err
    live.cluster.run("delete", "configmap/left", "--namespace=hello")
    assert "configmap-left is no longer rendered; Argo CD deletes it if it tracks by labels, else it stays" in said


APPLICATION = """
status:
  sync: {status: OutOfSync, revision: 3f2a9c17d0e1a2b3c4d5e6f708192a3b4c5d6e7f}
  health: {status: Degraded, message: "x"}
  operationState:
    phase: Failed
    message: "one or more objects failed to apply: \\u001b[31mno"
    operation: {}
    startedAt: "2026-01-01T00:00:00Z"
"""


def test_what_argo_cd_says_of_its_application_is_read_back(live: Live) -> None:
    before = live.status().out
    assert "  Argo CD: live-prod is Unknown, Unknown\n" in before
    said = json.dumps(yaml.safe_load(APPLICATION))
    live.cluster.run("patch", "applications/live-prod", "--namespace=argocd", "--type=merge", f"--patch={said}")
    ran = live.status()
    assert (
        "  Argo CD: live-prod is OutOfSync at 3f2a9c17d0, Degraded; last operation failed one or more objects failed to "
        "apply: \\x1b[31mno\n"
    ) in ran.out
    assert "\x1b" not in ran.out
    assert "Argo CD is not content" in ran.out
    base = live.folder / "platform" / "base.mlops.yaml"
    text = base.read_text()
    try:
        base.write_text(
            changed(
                text,
                ("cluster: https://kubernetes.default.svc, protected", "cluster: https://p.acme.example, protected"),
            )
        )
        ran = live.status()
        assert "  Argo CD runs in another cluster: name its context with --argocd-context\n" in ran.out
        assert "(context oracle), and the spec says https://p.acme.example: see that this is one cluster\n" in ran.err
        assert (
            "  Argo CD: live-prod is OutOfSync at 3f2a9c17d0, " in live.status(*PROD, "--argocd-context", "oracle").out
        )
    finally:
        base.write_text(text)
    (found,) = json.loads(live.status(*PROD, "--format", "json").out)["environments"]
    assert (found["argocd"]["sync"], found["argocd"]["health"], found["argocd"]["well"]) == (
        "OutOfSync",
        "Degraded",
        False,
    )


def test_the_version_that_is_live_is_beside_the_one_that_the_lock_says(live: Live) -> None:
    assert "  models.churn.serving: version 6 is live, as the lock says\n" in live.status().out
    live.kubectl("annotate", "inferenceservice/churn", "mlops-spec.dev/version=5", "--overwrite")
    assert "  models.churn.serving: version 5 is live, and the lock says 6\n" in live.status().out
    live.kubectl("annotate", "inferenceservice/churn", "mlops-spec.dev/version-")
    assert "  models.churn.serving: what is live says no version, and the lock says 6\n" in live.status().out


def test_a_wrong_token_and_a_server_that_is_not_there_are_one_line(delivered: Live, tmp_path: Path) -> None:
    config = yaml.safe_load((delivered.cluster.folder / "kubeconfig").read_text())
    file = tmp_path / "kubeconfig"
    config["users"][0]["user"]["token"] = "hunter2"
    file.write_text(yaml.safe_dump(config))
    ran = delivered.diff(*PROD, "--kubeconfig", str(file))
    assert (ran.code, ran.out) == (5, "")
    assert (
        f"error MS505 {server(delivered)} does not take the credentials of the context oracle (status 401)\n" in ran.err
    )
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    file.write_text(yaml.safe_dump(config))
    ran = delivered.status(*PROD, "--kubeconfig", str(file))
    assert (ran.code, ran.out) == (5, "")
    assert "error MS505 https://127.0.0.1:9 does not answer: Connection refused\n" in ran.err
    config["clusters"][0]["cluster"] = {"server": server(delivered)}
    file.write_text(yaml.safe_dump(config))
    ran = delivered.status(*PROD, "--kubeconfig", str(file))
    assert (ran.code, ran.out) == (5, "")
    assert (
        f"error MS505 {server(delivered)} does not answer: its certificate is not to be trusted: self-signed cert"
        in ran.err
    )
    assert "hunter2" not in ran.err
    config["clusters"][0]["cluster"]["insecure-skip-tls-verify"] = True
    file.write_text(yaml.safe_dump(config))
    ran = delivered.status(*PROD, "--kubeconfig", str(file))
    assert "does not take the credentials" in ran.err
    assert "Unverified" not in ran.err, "whoever wants no check knows that there is none"


@pytest.mark.parametrize("change, said", [
    ({"token: hunter2": "exec: {apiVersion: client.authentication.k8s.io/v1, command: 'false', interactiveMode: Never}"},
     "error MS507 the context oracle gives no credentials: "),
    ({"current-context: oracle": "current-context: hunter2"}, "error MS507 "),
    ({"clusters:": "clusters: [hunter2"}, "cannot be read as a kubeconfig (ParserError)\n"),
    ({"certificate-authority": "certificate-authority-data: hunter2, x"}, "error MS507 the context oracle cannot be read as a kubeconfig"),
    ({"{cluster: oracle": "{cluster: gone"}, "Expected object with name gone"),
], ids=["program-that-fails", "no-such-context", "no-yaml", "no-certificate", "no-such-cluster"])  # fmt: skip
def test_a_kubeconfig_that_leads_nowhere_is_one_line_without_what_stands_in_it(
    delivered: Live, tmp_path: Path, change: dict[str, str], said: str
) -> None:
    text = re.sub(r'token: "[^"]*"', "token: hunter2", (delivered.cluster.folder / "kubeconfig").read_text())
    file = tmp_path / "config"
    file.write_text(changed(text, *change.items()))
    ran = delivered.status(*PROD, "--kubeconfig", str(file))
    assert (ran.code, ran.out, said in ran.err) == (2, "", True), ran.err
    assert "token" not in ran.err


def test_no_context_is_guessed(delivered: Live) -> None:
    ran = delivered.status(*PROD, "--context", "oracl")
    assert (ran.code, "error MS507 the kubeconfig has no context oracl; it has oracle\n" in ran.err) == (2, True)
    ran = delivered.status(*PROD, KUBECONFIG="/no/such/file")
    assert (ran.code, "error MS507 there is no kubeconfig: neither KUBECONFIG nor" in ran.err) == (2, True)
    pod = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "9", "KUBECONFIG": "/no/such/file"}
    ran = delivered.status(*PROD, **pod)
    assert (ran.code, "error MS507 this pod's service account leads to no cluster: " in ran.err) == (2, True)


def page_objects() -> list[Object]:
    """The role and the policy that the how-to guide shows."""
    text = (ROOT / "docs" / "how-to" / "see-what-runs.md").read_text("utf-8")
    block = text.split('```yaml title="reader.yaml"\n')[1].split("```")[0]
    return [*yaml.safe_load_all(block)]


def test_who_may_not_is_told_what_and_the_guides_role_is_enough_and_cannot_write(live: Live, tmp_path: Path) -> None:
    cluster = live.cluster
    cluster.create_namespaces([{"kind": "x", "metadata": {"namespace": "ci"}}])
    cluster.apply(
        [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "mlops-reader", "namespace": "ci"}}]
    )
    config = yaml.safe_load((cluster.folder / "kubeconfig").read_text())
    token = cluster.run("--namespace=ci", "create", "token", "mlops-reader").strip()
    config["users"][0]["user"]["token"] = token
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(config))
    asked = ("--kubeconfig", str(file))
    ran = live.diff(*PROD, *asked)
    assert (ran.code, ran.out) == (5, "")
    who = 'User "system:serviceaccount:ci:mlops-reader"'
    assert (
        f'error MS506 {who} cannot get resource "configmaps" in API group "" in the namespace "{NAMESPACE}"\n'
        in ran.err
    )
    assert ran.err.count('"configmaps"') == 1, "each right is said once, however many objects lack it"
    assert token not in ran.err
    role, *rest = page_objects()
    reading = [{**rule, "verbs": ["get"]} for rule in role["rules"]]
    cluster.apply([{**role, "rules": reading}, *rest])
    ran = live.status(*PROD, *asked)
    assert ran.code == 5
    assert "72 objects: 72 unknown, 17 not ready" in ran.out
    assert (
        f'error MS506 {who} cannot patch resource "configmaps" in API group "" in the namespace "{NAMESPACE}"\n'
        in ran.err
    )
    assert live.diff(*PROD, *asked).out == "", "half a comparison would be taken for a whole one"
    cluster.apply([role])
    ran = live.diff(*PROD, *asked, "--exit-code")
    assert (ran.code, ran.out) == (0, f"nothing: {server(live)} has what is rendered\n"), ran.err
    assert "error" not in ran.err
    assert "is not known of Secret: they may not be listed\n" in ran.err
    assert json.loads(live.status(*PROD, *asked, "--format", "json").out)["environments"][0]["objects"]
    settings = live.rendered("prod/tracking/configmap")
    reader = (f"--kubeconfig={file}",)
    cluster.apply(settings, "--dry-run=server", *ARGOCD, *reader)
    with pytest.raises(Rejected, match="only dry runs"):
        cluster.apply(settings, *ARGOCD, *reader)
    live.kubectl("delete", "role/spark.batch")
    ran = live.diff(*PROD, *asked)
    assert ran.code == 0
    assert "  + cluster/role-spark.batch.yaml  creates  " in ran.out
    assert "warning MS514 cluster/role-spark.batch.yaml: " in ran.err
    assert "is attempting to grant RBAC permissions not currently held" in ran.err
