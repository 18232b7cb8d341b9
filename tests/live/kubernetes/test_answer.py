"""What an API server says no with, understood; each message is one that kube-apiserver 1.36 has said."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_spec.live.kubernetes.answer import Answer, Fault, Held, Why, forbidden, read
from mlops_spec.live.kubernetes.client import Refusal


def refusal(code: int, message: str, reason: str = "", **details: Any) -> Refusal:
    return Refusal(code, {"kind": "Status", "message": message, "reason": reason, "details": details, "code": code})


def causes(*found: tuple[str, str, str]) -> list[dict[str, str]]:
    return [dict(zip(("reason", "field", "message"), each)) for each in found]


@pytest.mark.parametrize("message, faults", [
    ("failed to create typed patch object (nope/x; /v1, Kind=ConfigMap): .dat: field not declared in schema",
     [Fault(".dat", "field not declared in schema")]),
    ("failed to create typed patch object (nope/x; /v1, Kind=ConfigMap): .data: expected map, got &{[a]}",
     [Fault(".data", "expected map, got [a]")]),
    ("failed to create typed patch object (nope/x; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:1}",
     [Fault(".data.a", "expected string, got 1")]),
    ("failed to create typed patch object (nope/churn; serving.kserve.io/v1beta1, Kind=InferenceService): errors:\n"
     "  .spec.predictor.model.storageURI: field not declared in schema\n  .spec.predictor.minReplica: field not declared in schema",
     [Fault(".spec.predictor.model.storageURI", "field not declared in schema"),
      Fault(".spec.predictor.minReplica", "field not declared in schema")]),
    ('failed to create typed patch object (nope/d; apps/v1, Kind=Deployment): .spec.template.spec.containers: duplicate entries for key [name="b"]',
     [Fault(".spec.template.spec.containers", 'duplicate entries for key [name="b"]')]),
    ("failed to convert new object (nope/s; /v1, Kind=Secret) to proper version: unable to convert unstructured object to "
     "/v1, Kind=Secret: error decoding from json: illegal base64 data at input byte 3",
     [Fault("", "unable to convert unstructured object to /v1, Kind=Secret: error decoding from json: illegal base64 data at input byte 3")]),
])  # fmt: skip
def test_an_apply_that_breaks_the_schema_is_a_finding_though_it_answers_500(message: str, faults: list[Fault]) -> None:
    assert read(refusal(500, message)) == Answer(Why.INVALID, tuple(faults))


def test_any_other_500_is_an_outage() -> None:
    with pytest.raises(Refusal):
        read(refusal(500, "etcdserver: request timed out", "InternalError"))


REST = "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"


def test_validation_names_each_field_and_not_that_more_may_come() -> None:
    answer = read(
        refusal(
            422,
            'HTTPRoute.gateway.networking.k8s.io "churn" is invalid: [spec.parentRefs[0].name: Required value, …]',
            "Invalid",
            causes=causes(
                ("FieldValueRequired", "spec.parentRefs[0].name", "Required value"),
                ("FieldValueInvalid", "<nil>", REST),
            ),
        )
    )
    assert answer == Answer(Why.INVALID, (Fault("spec.parentRefs[0].name", "Required value"),))


def test_a_value_that_is_a_dump_of_an_object_is_left_out() -> None:
    dump = (
        '{"labels":{"job-name":"j"},"Spec":{"Containers":[{"Name":"a","Image":"y","Command":null}],"NodeName":""}}' * 2
    )
    said = causes(("FieldValueInvalid", "spec.template", f"Invalid value: {dump}: field is immutable"))
    answer = read(refusal(422, f'Job.batch "j" is invalid: spec.template: {dump}', "Invalid", causes=said))
    assert answer == Answer(Why.IMMUTABLE, (Fault("spec.template", "field is immutable"),))


def test_what_cannot_be_changed_in_place_is_told_apart_from_what_is_wrong() -> None:
    said = causes(
        ("FieldValueInvalid", "spec.clusterIPs[0]", 'Invalid value: ["None"]: may not change once set'),
        ("FieldValueInvalid", "spec.type", 'Unsupported value: "x"'),
    )
    answer = read(refusal(422, "…", "Invalid", causes=said))
    assert (answer.why, [fault.immutable for fault in answer.faults]) == (Why.INVALID, [True, False])
    assert read(refusal(422, "…", "Invalid", causes=said[:1])).why is Why.IMMUTABLE


def test_a_conflict_tells_who_holds_which_field() -> None:
    message = (
        'Apply failed with 2 conflicts: conflicts with "kube-controller-manager" with subresource "scale" using apps/v1:\n'
        '- .spec.replicas\nconflicts with "kubectl-client-side-apply" using apps/v1:\n'
        '- .spec.template.spec.containers[name="b"].image'
    )
    scale = 'conflict with "kube-controller-manager" with subresource "scale" using apps/v1'
    image = '.spec.template.spec.containers[name="b"].image'
    said = causes(
        ("FieldManagerConflict", ".spec.replicas", scale),
        ("FieldManagerConflict", image, 'conflict with "kubectl-client-side-apply" using apps/v1'),
    )
    assert read(refusal(409, message, "Conflict", causes=said)) == Answer(
        Why.CONFLICT,
        held=(Held(".spec.replicas", "kube-controller-manager", "scale"), Held(image, "kubectl-client-side-apply", "")),
    )


MAY_NOT = (
    'configmaps "x" is forbidden: User "ci" cannot patch resource "configmaps" in API group "" in the namespace "churn"'
)
GRANT = (
    'roles.rbac.authorization.k8s.io "spark.batch" is forbidden: user "ci" (groups=["a"]) is attempting to grant RBAC '
    'permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["create"]}'
)


@pytest.mark.parametrize("code, message, why", [
    (403, MAY_NOT, Why.FORBIDDEN),
    (403, 'pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true', Why.DENIED),
    (403, 'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1', Why.DENIED),
    (400, 'admission webhook "policy.acme.example" denied the request: no owner', Why.DENIED),
    (422, "configmaps \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: no", Why.DENIED),
    (403, GRANT, Why.UNCHECKED),
    (400, 'admission webhook "w.acme.example" does not support dry run', Why.UNCHECKED),
    (500, 'Internal error occurred: failed calling webhook "w.acme.example": Post "https://w": EOF', Why.UNCHECKED),
    (404, 'the server could not find the requested resource', Why.KIND),
])  # fmt: skip
def test_who_says_no_is_told_apart(code: int, message: str, why: Why) -> None:
    assert read(refusal(code, message)).why is why


def test_a_missing_namespace_is_told_from_a_missing_kind() -> None:
    answer = read(refusal(404, 'namespaces "nope" not found', "NotFound", name="nope", kind="namespaces"))
    assert answer.why is Why.NAMESPACE


def test_a_right_that_is_lacking_is_said_without_the_objects_name() -> None:
    assert forbidden(MAY_NOT) == 'User "ci" cannot patch resource "configmaps" in API group "" in the namespace "churn"'


@pytest.mark.parametrize("code, message", [
    (500, "failed to create typed patch object (n/s; /v1, Kind=Secret): .data.hunter2: expected string, got hunter2"),
    (422, "Secret is invalid"), (403, "denied the request: hunter2"),
])  # fmt: skip
def test_of_a_secret_no_word_is_kept(code: int, message: str) -> None:
    said = causes(("FieldValueInvalid", "data[a]", 'Invalid value: "hunter2"'))
    answer = read(refusal(code, message, "Invalid", causes=said), secret=True)
    assert [fault.said for fault in answer.faults] == ["the server refuses it; what it says may hold a secret"]


def test_a_long_message_is_cut() -> None:
    (fault,) = read(refusal(422, "x" * 500, "Invalid")).faults
    assert len(fault.said) == 200
