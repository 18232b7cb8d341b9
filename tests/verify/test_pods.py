"""The rules for pods, wherever an object holds them."""

from __future__ import annotations

import copy

import pytest

from mlops_spec.diagnostic import Severity
from mlops_spec.source.yaml import read
from mlops_spec.verify.pods import breaches, check

IMAGE = "registry.acme.example/x@sha256:" + "4b" * 32
CONTAINER = {
    "image": IMAGE,
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
SECURITY = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
POD = {"securityContext": SECURITY, "containers": [{"name": "a", **CONTAINER}]}
DEPLOYMENT = {"kind": "Deployment", "spec": {"template": {"spec": POD}}}
WORKFLOW = {
    "kind": "WorkflowTemplate",
    "spec": {
        "securityContext": SECURITY,
        "templates": [{"name": "a", "container": CONTAINER, "initContainers": [{"name": "b", **CONTAINER}]}],
    },
}


def at(value, path):
    for part in path:
        value = value[part]
    return value


def changed(document, path, key, value):
    document = copy.deepcopy(document)
    at(document, path)[key] = value
    return document


@pytest.mark.parametrize("document", [DEPLOYMENT, WORKFLOW], ids=["pod", "workflow"])
def test_restricted_pods_break_nothing(document):
    assert list(breaches(document)) == []


IN_POD = ("spec", "template", "spec")
IN_CONTAINER = (*IN_POD, "containers", 0)
IN_CONTEXT = (*IN_CONTAINER, "securityContext")
IN_STEP = ("spec", "templates", 0)


@pytest.mark.parametrize("document, path, key, value", [
    (DEPLOYMENT, IN_POD, "hostNetwork", True),
    (DEPLOYMENT, IN_POD, "hostPID", True),
    (DEPLOYMENT, IN_POD, "hostIPC", True),
    (DEPLOYMENT, IN_POD, "volumes", [{"name": "a", "hostPath": {"path": "/"}}]),
    (DEPLOYMENT, IN_POD, "securityContext", {"seccompProfile": {"type": "RuntimeDefault"}}),
    (DEPLOYMENT, IN_POD, "securityContext", {"runAsNonRoot": True}),
    (DEPLOYMENT, IN_POD, "securityContext", {**SECURITY, "runAsUser": 0}),
    (DEPLOYMENT, IN_POD, "securityContext", {**SECURITY, "seccompProfile": {"type": "Unconfined"}}),
    (DEPLOYMENT, IN_CONTAINER, "image", "registry.acme.example/x:1"),
    (DEPLOYMENT, IN_CONTAINER, "ports", [{"hostPort": 80}]),
    (DEPLOYMENT, IN_CONTAINER, "securityContext", {}),
    (DEPLOYMENT, IN_CONTEXT, "privileged", True),
    (DEPLOYMENT, IN_CONTEXT, "runAsNonRoot", False),
    (DEPLOYMENT, IN_CONTEXT, "runAsUser", 0),
    (DEPLOYMENT, IN_CONTEXT, "allowPrivilegeEscalation", True),
    (DEPLOYMENT, IN_CONTEXT, "procMount", "Unmasked"),
    (DEPLOYMENT, IN_CONTEXT, "capabilities", {"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
    (DEPLOYMENT, IN_CONTEXT, "capabilities", {"drop": ["NET_RAW"]}),
    (DEPLOYMENT, IN_POD, "initContainers", [{"name": "b", "image": IMAGE}]),
    (DEPLOYMENT, IN_POD, "ephemeralContainers", [{"name": "b", "image": IMAGE}]),
    (WORKFLOW, ("spec",), "podSpecPatch", "hostNetwork: true"),
    (WORKFLOW, ("spec",), "hostNetwork", True),
    (WORKFLOW, ("spec",), "securityContext", {}),
    (WORKFLOW, ("spec",), "volumes", [{"name": "a", "hostPath": {"path": "/"}}]),
    (WORKFLOW, IN_STEP, "podSpecPatch", "hostNetwork: true"),
    (WORKFLOW, IN_STEP, "script", {"image": IMAGE}),
    (WORKFLOW, IN_STEP, "sidecars", [{"name": "c", "image": IMAGE}]),
    (WORKFLOW, IN_STEP, "securityContext", {"runAsNonRoot": False}),
    (WORKFLOW, IN_STEP, "containerSet", {"containers": [{"name": "c", "image": IMAGE}]}),
    (WORKFLOW, (*IN_STEP, "container"), "image", "x:latest"),
])  # fmt: skip
def test_a_change_that_breaks_a_rule_is_found_at_its_field(document, path, key, value):
    found = list(breaches(changed(document, path, key, value)))
    assert found
    assert any(breach.field[: len(path)] == path for breach in found)
    assert all("\n" not in breach.message for breach in found)


@pytest.mark.parametrize("protected, severity", [(True, Severity.ERROR), (False, Severity.WARNING)])
def test_a_breach_is_an_error_where_it_is_protected(protected, severity):
    source, _ = read(b"spec:\n  containers:\n    - name: a\n      image: x\n", "a.yaml")
    problems = list(check(source.data, "a.yaml", "patches.0", protected))
    image = next(problem for problem in problems if "digest" in problem.message)
    assert (image.code, image.severity, image.address) == ("MS186", severity, "patches.0")
    assert str(image.place) == "a.yaml:4:7"


@pytest.mark.parametrize("document", [
    {"containers": "x"}, {"containers": [1, None]}, {"container": 1, "volumes": {"a": 1}, "securityContext": []},
    {"templates": None}, {"containers": [{"image": 1, "ports": 1, "securityContext": "x"}]},
    {"containers": [{"securityContext": {"capabilities": "x", "seccompProfile": 1}}]},
])  # fmt: skip
def test_what_is_no_pod_at_all_is_no_crash(document):
    list(breaches(document))
