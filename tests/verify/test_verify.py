"""One environment's rendered files, read back."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mlops_spec.blueprint.ports import file
from mlops_spec.blueprint.types import Namespace
from mlops_spec.diagnostic import Severity
from mlops_spec.language.text import Name
from mlops_spec.render.environment import Templates
from mlops_spec.render.hatch import Opened
from mlops_spec.verify import verify, verify_project

SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  namespace: churn-dev\n"
PATH = "cluster/service-a.yaml"
TEMPLATES = Templates({
    "a/service.yaml.j2": SERVICE,
    "a/namespace.yaml.j2": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${{ node.name }}\n",
    "a/job.yaml.j2": "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: a\n  namespace: churn-dev\n",
    "b/service.yaml.j2": "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: a\n",
})  # fmt: skip
NODE = Namespace(
    address="models.a",
    name=Name("a"),
    namespace=Name("churn-dev"),
    component=Name("cluster"),
    labels=(),
    annotations=(),
)


def checked(text, template="a/service.yaml.j2", *, brought=(), patched=(), protected=False, path=PATH, crds=None):
    made = {} if brought else {path: file(template, node=NODE)}
    opened = Opened({path: text}, dict.fromkeys([path], brought[0]) if brought else {}, {path: patched}, [])
    blueprint = SimpleNamespace(environment=SimpleNamespace(protected=protected, namespace=Name("churn-dev")))
    return verify(opened, made, TEMPLATES, blueprint, crds)


def said(problems):
    return [(problem.code, str(problem.place)) for problem in problems]


def test_what_templates_print_is_taken():
    assert checked(SERVICE) == []
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n"
    assert checked(namespace, "a/namespace.yaml.j2") == []


@pytest.mark.parametrize("text", [
    "", "# nothing\n", "- a\n", "a: b: c\n", f"{SERVICE}---\n{SERVICE}", f"{SERVICE}kind: Service\n", "a: &x 1\nb: *x\n{",
])  # fmt: skip
def test_one_file_is_one_object(text):
    problems = checked(text)
    assert {problem.code for problem in problems} == {"MS181"}
    assert all(problem.place.file == PATH for problem in problems)


@pytest.mark.parametrize("line, field", [
    ("spec:\n", "`spec`"), ("spec:\n  - a:\n", "`spec[0].a`"), ("spec: {x.y/z: ~}\n", "`spec.x.y/z`"),
])  # fmt: skip
def test_no_value_is_null(line, field):
    (problem,) = checked(SERVICE + line)
    assert problem.code == "MS183"
    assert field in problem.message


def test_kind_name_and_namespace_are_the_blueprints():
    other = SERVICE.replace("Service", "ConfigMap").replace("name: a", "name: b").replace("churn-dev", "kube-system")
    assert said(checked(other)) == [("MS182", f"{PATH}:2:1"), ("MS184", f"{PATH}:4:3"), ("MS184", f"{PATH}:5:3")]


def test_what_lives_in_no_namespace_says_none():
    text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  namespace: churn-dev\n"
    assert said(checked(text, "a/namespace.yaml.j2")) == [("MS184", f"{PATH}:5:3")]


def test_an_override_cannot_print_another_kind():
    text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: a\n  namespace: churn-dev\n"
    assert [problem.code for problem in checked(text, "b/service.yaml.j2")] == ["MS182"]


def test_a_patch_may_not_rename_and_is_named():
    problems = checked(SERVICE.replace("name: a", "name: b"), patched=(0, 2))
    assert [(p.code, p.address) for p in problems] == [("MS184", "patches.2")]


POD = (
    "spec:\n  template:\n    spec:\n      securityContext:\n        runAsNonRoot: true\n"
    "        seccompProfile:\n          type: RuntimeDefault\n      containers:\n        - name: a\n"
    "          image: x:1\n          securityContext:\n            allowPrivilegeEscalation: false\n"
    "            capabilities:\n              drop: [ALL]\n"
)


@pytest.mark.parametrize("protected, severity", [(True, Severity.ERROR), (False, Severity.WARNING)])
def test_the_rules_for_pods_hold_after_a_patch(protected, severity):
    job = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: a\n  namespace: churn-dev\n" + POD
    assert checked(job, "a/job.yaml.j2", protected=protected) == []
    (problem,) = checked(job, "a/job.yaml.j2", patched=(1,), protected=protected)
    assert (problem.code, problem.severity, problem.address) == ("MS186", severity, "patches.1")


@pytest.mark.parametrize("version, kind", [
    ("v1", "ConfigMap"), ("networking.k8s.io/v1", "NetworkPolicy"), ("policy/v1", "PodDisruptionBudget"),
    ("monitoring.coreos.com/v1", "ServiceMonitor"), ("gateway.networking.k8s.io/v1", "HTTPRoute"),
])  # fmt: skip
def test_a_manifest_brings_what_gives_nobody_rights(version, kind):
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: a\n  namespace: churn-dev\n"
    assert checked(text, brought=(0,)) == []


@pytest.mark.parametrize("version, kind", [
    ("v1", "Secret"), ("v1", "List"), ("v1", "Namespace"), ("v1", "Pod"), ("apps/v1", "Deployment"),
    ("rbac.authorization.k8s.io/v1", "Role"), ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"), ("argoproj.io/v1alpha1", "Application"),
    ("argoproj.io/v1alpha1", "AppProject"), ("evil.example/v1", "ConfigMap"), ("serving.knative.dev/v1", "Service"),
])  # fmt: skip
def test_a_manifest_brings_nothing_else(version, kind):
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: a\n  namespace: churn-dev\n"
    (problem,) = checked(text, brought=(3,))
    assert (problem.code, problem.address, str(problem.place)) == ("MS185", "manifests.3", f"{PATH}:2:1")


def test_a_manifest_stays_in_its_environments_namespace():
    text = SERVICE.replace("churn-dev", "kube-system")
    assert said(checked(text, brought=(0,))) == [("MS184", f"{PATH}:5:3")]


def test_files_that_are_no_objects_are_left_alone():
    assert checked("import airflow\n", path="dags/train.py") == []


def test_crds_are_asked_where_they_are_given(tmp_path):
    assert [problem.code for problem in checked(SERVICE, crds=tmp_path)] == ["MS188"]


def test_custom_objects_are_held_to_their_crds(shared):
    templates = Templates({"a/workflowtemplate.yaml.j2": "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\n"})
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata:\n  name: a\n  namespace: churn-dev\n"
        "spec:\n  entrypoint: 7\n  entrypiont: main\n"
    )
    made = {PATH: file("a/workflowtemplate.yaml.j2", node=NODE)}
    problems = verify_project({PATH: text}, made, templates, shared / "crds")
    assert said(problems) == [("MS187", f"{PATH}:8:3"), ("MS187", f"{PATH}:7:3")]
    assert "did you mean entrypoint?" in problems[0].message
