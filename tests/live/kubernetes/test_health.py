"""How objects do, as each system's own status says it."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_spec.live.kubernetes.health import Health, State, health

NOBODY = Health(State.PROGRESSING, "no controller has said anything of it yet")


def found(version: str, kind: str, status: Any, spec: Any = None, **metadata: Any) -> Health:
    return health({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec or {}, "status": status})


def condition(name: str, status: str, reason: str = "", message: str = "") -> dict[str, str]:
    return {"type": name, "status": status, "reason": reason, "message": message}


def test_what_is_being_deleted_or_not_yet_seen_is_under_way() -> None:
    assert found("v1", "ConfigMap", None, deletionTimestamp="x") == Health(State.PROGRESSING, "it is being deleted")
    seen = {"observedGeneration": 1, "conditions": [condition("Ready", "True")]}
    assert found("a/v1", "X", seen, generation=2).why == "its controller has not seen the last change yet"
    assert found("a/v1", "X", seen, generation=1) == Health(State.READY)


@pytest.mark.parametrize("spec, status, state, why", [
    ({"replicas": 3}, {"updatedReplicas": 1, "availableReplicas": 3}, State.PROGRESSING, "1 of 3 replicas are of the last change"),
    ({"replicas": 3}, {"updatedReplicas": 3, "availableReplicas": 2}, State.PROGRESSING, "2 of 3 replicas are available"),
    ({"replicas": 3}, {"updatedReplicas": 3, "availableReplicas": 3}, State.READY, "3 of 3"),
    ({"replicas": 0}, {"observedGeneration": 1}, State.READY, "0 of 0"),
    ({"paused": True}, {"updatedReplicas": 0}, State.SUSPENDED, "it is paused"),
    ({}, {"conditions": [condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out")]}, State.FAILED, "ProgressDeadlineExceeded: timed out"),
])  # fmt: skip
def test_a_deployment(spec: Any, status: Any, state: State, why: str) -> None:
    assert found("apps/v1", "Deployment", status, spec) == Health(state, why)


def test_a_stateful_set_counts_those_that_are_ready() -> None:
    status = {"updatedReplicas": 2, "readyReplicas": 1}
    assert found("apps/v1", "StatefulSet", status, {"replicas": 2}).why == "1 of 2 replicas are available"


@pytest.mark.parametrize("status, state, why", [
    ({"conditions": [condition("Complete", "True")], "completionTime": "T"}, State.READY, "completed T"),
    ({"conditions": [condition("Failed", "True", "BackoffLimitExceeded", "no")]}, State.FAILED, "BackoffLimitExceeded: no"),
    ({"conditions": [condition("Suspended", "True")]}, State.SUSPENDED, "it is suspended"),
    ({"active": 1, "failed": 2}, State.PROGRESSING, "1 of its pods run, 2 failed"),
])  # fmt: skip
def test_a_job(status: Any, state: State, why: str) -> None:
    assert found("batch/v1", "Job", status) == Health(state, why)


OLD, NEW = "2026-01-01T03:00:00Z", "2026-01-02T03:00:00Z"


@pytest.mark.parametrize("spec, status, state, why", [
    ({}, {}, State.READY, "it has not run yet"),
    ({"suspend": True}, {}, State.SUSPENDED, "it is suspended"),
    ({}, {"lastScheduleTime": NEW, "lastSuccessfulTime": OLD}, State.FAILED, f"its run of {NEW} did not succeed"),
    ({}, {"lastScheduleTime": NEW}, State.FAILED, f"its run of {NEW} did not succeed"),
    ({}, {"lastScheduleTime": OLD, "lastSuccessfulTime": NEW}, State.READY, f"last run {OLD}"),
    ({}, {"lastScheduleTime": NEW, "lastSuccessfulTime": OLD, "active": [{}]}, State.READY, f"it runs since {NEW}"),
])  # fmt: skip
def test_a_cron_job(spec: Any, status: Any, state: State, why: str) -> None:
    assert found("batch/v1", "CronJob", status, spec) == Health(state, why)


STEPS = {"strategy": {"canary": {"steps": [{}, {}, {}]}}}


@pytest.mark.parametrize("status, state, why", [
    ({"phase": "Healthy", "currentStepIndex": 3}, State.READY, ""),
    ({"phase": "Paused", "message": "CanaryPauseStep", "currentStepIndex": 1}, State.PROGRESSING, "paused: step 1 of 3: CanaryPauseStep"),
    ({"phase": "Degraded", "message": "RolloutAborted", "abort": True}, State.FAILED, "RolloutAborted"),
])  # fmt: skip
def test_a_rollout(status: Any, state: State, why: str) -> None:
    assert found("argoproj.io/v1alpha1", "Rollout", status, STEPS) == Health(state, why)


@pytest.mark.parametrize("status, state, why", [
    ({"conditions": [condition("Ready", "True")]}, State.READY, ""),
    ({"conditions": [condition("Ready", "Unknown", "Starting")]}, State.PROGRESSING, "Starting"),
    ({"conditions": [condition("Ready", "False", "MinimumReplicasUnavailable")]}, State.FAILED, "MinimumReplicasUnavailable"),
    ({"modelStatus": {"transitionStatus": "BlockedByFailedLoad", "lastFailureInfo": {"reason": "ModelLoadFailed", "message": "no such model"}}},
     State.FAILED, "ModelLoadFailed: no such model"),
])  # fmt: skip
def test_an_inference_service(status: Any, state: State, why: str) -> None:
    assert found("serving.kserve.io/v1beta1", "InferenceService", status) == Health(state, why)


@pytest.mark.parametrize("version, kind, status, spec, expected", [
    ("argoproj.io/v1alpha1", "Application", {"health": {"status": "Healthy"}}, {}, Health(State.READY)),
    ("argoproj.io/v1alpha1", "Application", {"health": {"status": "Degraded", "message": "m"}}, {}, Health(State.FAILED, "Degraded: m")),
    ("argoproj.io/v1alpha1", "CronWorkflow", {"lastScheduledTime": OLD}, {}, Health(State.READY, f"last run {OLD}")),
    ("argoproj.io/v1alpha1", "CronWorkflow", {"conditions": [condition("SubmissionError", "True", "", "no")]}, {}, Health(State.FAILED, "no")),
    ("argoproj.io/v1alpha1", "CronWorkflow", {"phase": "Active"}, {"suspend": True}, Health(State.SUSPENDED, "it is suspended")),
    ("argoproj.io/v1alpha1", "Sensor", {"conditions": [condition("Deployed", "True"), condition("TriggersProvided", "False", "r")]}, {},
     Health(State.FAILED, "TriggersProvided: r")),
    ("argoproj.io/v1alpha1", "Sensor", {"conditions": [condition("Deployed", "True")]}, {}, Health(State.READY)),
    ("external-secrets.io/v1", "ExternalSecret", {"conditions": [condition("Ready", "False", "SecretSyncedError", "no store")]}, {},
     Health(State.FAILED, "SecretSyncedError: no store")),
    ("sparkoperator.k8s.io/v1beta2", "ScheduledSparkApplication", {"scheduleState": "FailedValidation", "reason": "bad cron"}, {},
     Health(State.FAILED, "bad cron")),
    ("sparkoperator.k8s.io/v1beta2", "ScheduledSparkApplication", {"scheduleState": "Scheduled", "lastRun": OLD}, {}, Health(State.READY, f"last run {OLD}")),
    ("gateway.networking.k8s.io/v1", "HTTPRoute", {"parents": [{"conditions": [condition("Accepted", "False", "NoMatchingParent")]}]}, {},
     Health(State.FAILED, "NoMatchingParent")),
    ("gateway.networking.k8s.io/v1", "HTTPRoute", {"parents": [{"conditions": [condition("Accepted", "True")]}]}, {}, Health(State.READY)),
    ("gateway.networking.k8s.io/v1", "Gateway", {"conditions": [condition("Programmed", "Unknown", "Pending")]}, {}, Health(State.PROGRESSING, "Pending")),
    ("v1", "PersistentVolumeClaim", {"phase": "Pending"}, {}, Health(State.PROGRESSING, "Pending")),
    ("v1", "ConfigMap", None, {}, Health(State.NONE)),
    ("serving.kserve.io/v1beta1", "InferenceService", None, {}, NOBODY),
    ("argoproj.io/v1alpha1", "EventBus", {}, {}, NOBODY),
])  # fmt: skip
def test_each_kind_in_its_own_words(version: str, kind: str, status: Any, spec: Any, expected: Health) -> None:
    assert found(version, kind, status, spec) == expected
