"""Whether an object does what it is for, as far as its own status tells: each system's way of saying so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple

Object = Mapping[str, Any]


class State(Enum):
    """How an object does. ``NONE`` is of what has no state of its own, such as a ConfigMap."""

    READY = "ready"
    PROGRESSING = "progressing"
    SUSPENDED = "suspended"
    FAILED = "failed"
    NONE = "none"

    @property
    def well(self) -> bool:
        """Whether nothing is to be done about it."""
        return self in (State.READY, State.SUSPENDED, State.NONE)


class Health(NamedTuple):
    """How an object does, and why, in its own system's words."""

    state: State
    why: str = ""


_NOBODY = Health(State.PROGRESSING, "no controller has said anything of it yet")
_UNSEEN = Health(State.PROGRESSING, "its controller has not seen the last change yet")


def health(live: Object) -> Health:
    """Tell how an object does."""
    if live["metadata"].get("deletionTimestamp"):
        return Health(State.PROGRESSING, "it is being deleted")
    status = live.get("status") or {}
    seen, generation = status.get("observedGeneration"), live["metadata"].get("generation")
    if isinstance(seen, int) and isinstance(generation, int) and seen < generation:
        return _UNSEEN
    group, _, _ = str(live["apiVersion"]).rpartition("/")
    known = _KNOWN.get((group, str(live["kind"])))
    if known is not None:
        # What runs by a schedule alone says nothing until it has run.
        return known(live.get("spec") or {}, status) if status or known is _cron_job else _NOBODY
    return _by_conditions(status)


def _condition(status: Object, name: str) -> Object | None:
    found = status.get("conditions")
    named = (each for each in found or () if isinstance(each, dict) and each.get("type") == name)
    return next(named, None)


def _is(status: Object, name: str) -> bool:
    found = _condition(status, name)
    return found is not None and found.get("status") == "True"


def _why(condition: Object | None) -> str:
    if condition is None:
        return ""
    said = [str(condition.get(key) or "") for key in ("reason", "message")]
    return ": ".join(filter(None, said))


def _by_conditions(status: Object) -> Health:
    """Judge by the conditions that the API conventions name; what has none of them has no state."""
    for name in ("Ready", "Available", "Programmed", "Accepted", "Active"):
        found = _condition(status, name)
        if found is not None:
            said = found.get("status")
            state = State.READY if said == "True" else State.FAILED if said == "False" else State.PROGRESSING
            return Health(state, "" if state is State.READY else _why(found))
    return Health(State.NONE)


def _all_conditions(spec: Object, status: Object) -> Health:
    """Judge as Argo Events has it: each condition is a part that must be there."""
    found = [each for each in status.get("conditions") or () if isinstance(each, dict)]
    wrong = next((each for each in found if each.get("status") != "True"), None)
    if wrong is not None:
        state = State.FAILED if wrong.get("status") == "False" else State.PROGRESSING
        return Health(state, f"{wrong.get('type')}: {_why(wrong)}")
    return Health(State.READY) if found else _NOBODY


def _condition_ready(spec: Object, status: Object) -> Health:
    found = _condition(status, "Ready")
    if found is None:
        return _NOBODY
    said = found.get("status")
    if said == "True":
        return Health(State.READY)
    return Health(State.FAILED if said == "False" else State.PROGRESSING, _why(found))


def _deployment(spec: Object, status: Object) -> Health:
    wanted = spec.get("replicas", 1)
    progress = _condition(status, "Progressing")
    if progress is not None and progress.get("reason") == "ProgressDeadlineExceeded":
        return Health(State.FAILED, _why(progress))
    return _replicas(
        wanted, status.get("updatedReplicas", 0), status.get("availableReplicas", 0), bool(spec.get("paused"))
    )


def _stateful_set(spec: Object, status: Object) -> Health:
    return _replicas(spec.get("replicas", 1), status.get("updatedReplicas", 0), status.get("readyReplicas", 0), False)


def _replicas(wanted: int, updated: int, available: int, paused: bool) -> Health:
    if paused:
        return Health(State.SUSPENDED, "it is paused")
    if updated < wanted:
        return Health(State.PROGRESSING, f"{updated} of {wanted} replicas are of the last change")
    if available < wanted:
        return Health(State.PROGRESSING, f"{available} of {wanted} replicas are available")
    return Health(State.READY, f"{available} of {wanted}")


def _job(spec: Object, status: Object) -> Health:
    if _is(status, "Failed"):
        return Health(State.FAILED, _why(_condition(status, "Failed")))
    if _is(status, "Complete"):
        return Health(State.READY, f"completed {status.get('completionTime', '')}".strip())
    if _is(status, "Suspended"):
        return Health(State.SUSPENDED, "it is suspended")
    return Health(State.PROGRESSING, f"{status.get('active', 0)} of its pods run, {status.get('failed', 0)} failed")


def _cron_job(spec: Object, status: Object) -> Health:
    if spec.get("suspend"):
        return Health(State.SUSPENDED, "it is suspended")
    last, succeeded = str(status.get("lastScheduleTime") or ""), str(status.get("lastSuccessfulTime") or "")
    if not last:
        return Health(State.READY, "it has not run yet")
    if status.get("active"):
        return Health(State.READY, f"it runs since {last}")
    # Both are RFC 3339 in UTC and of seconds, so that their texts are in the order of their times.
    if succeeded < last:
        return Health(State.FAILED, f"its run of {last} did not succeed")
    return Health(State.READY, f"last run {last}")


def _cron_workflow(spec: Object, status: Object) -> Health:
    if spec.get("suspend"):
        return Health(State.SUSPENDED, "it is suspended")
    for name in ("SubmissionError", "SpecError"):
        if _is(status, name):
            return Health(State.FAILED, _why(_condition(status, name)))
    last = status.get("lastScheduledTime")
    return Health(State.READY, f"last run {last}" if last else "it has not run yet")


def _rollout(spec: Object, status: Object) -> Health:
    steps = ((spec.get("strategy") or {}).get("canary") or {}).get("steps") or ()
    index, message = status.get("currentStepIndex"), str(status.get("message") or "")
    at = f"step {index} of {len(steps)}" if steps and isinstance(index, int) and index < len(steps) else ""
    why = ": ".join(filter(None, (at, message)))
    phase = str(status.get("phase") or "")
    if status.get("abort") or phase == "Degraded":
        return Health(State.FAILED, why or "it was aborted")
    if phase == "Healthy":
        return Health(State.READY, why)
    return Health(State.PROGRESSING, ": ".join(filter(None, (phase.lower(), why))))


def _inference_service(spec: Object, status: Object) -> Health:
    model = status.get("modelStatus") or {}
    failure = model.get("lastFailureInfo") or {}
    if str(model.get("transitionStatus") or "").startswith(("BlockedBy", "InvalidSpec")):
        said = ": ".join(filter(None, (str(failure.get("reason") or ""), str(failure.get("message") or ""))))
        return Health(State.FAILED, said or str(model["transitionStatus"]))
    return _condition_ready(spec, status)


def _application(spec: Object, status: Object) -> Health:
    said = status.get("health") or {}
    name = str(said.get("status") or "Unknown")
    states = {"Healthy": State.READY, "Degraded": State.FAILED, "Missing": State.FAILED, "Suspended": State.SUSPENDED}
    state = states.get(name, State.PROGRESSING)
    why = ": ".join(filter(None, (name, str(said.get("message") or ""))))
    return Health(state, "" if state is State.READY else why)


def _scheduled_spark(spec: Object, status: Object) -> Health:
    if spec.get("suspend"):
        return Health(State.SUSPENDED, "it is suspended")
    if status.get("scheduleState") == "FailedValidation":
        return Health(State.FAILED, str(status.get("reason") or "its schedule is not valid"))
    last = status.get("lastRun")
    return Health(State.READY, f"last run {last}" if last else "it has not run yet")


def _route(spec: Object, status: Object) -> Health:
    """Judge a route by what each of its gateways says of it."""
    parents = status.get("parents") or ()
    for parent in parents:
        for name in ("Accepted", "ResolvedRefs"):
            found = _condition(parent, name)
            if found is not None and found.get("status") == "False":
                return Health(State.FAILED, _why(found))
    return Health(State.READY) if parents else _NOBODY


def _claim(spec: Object, status: Object) -> Health:
    phase = str(status.get("phase") or "")
    return Health(State.READY if phase == "Bound" else State.PROGRESSING, "" if phase == "Bound" else phase)


_KNOWN: Mapping[tuple[str, str], Callable[[Object, Object], Health]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("batch", "Job"): _job,
    ("batch", "CronJob"): _cron_job,
    ("argoproj.io", "CronWorkflow"): _cron_workflow,
    ("argoproj.io", "Rollout"): _rollout,
    ("argoproj.io", "Application"): _application,
    ("argoproj.io", "EventSource"): _all_conditions,
    ("argoproj.io", "EventBus"): _all_conditions,
    ("argoproj.io", "Sensor"): _all_conditions,
    ("serving.kserve.io", "InferenceService"): _inference_service,
    ("external-secrets.io", "ExternalSecret"): _condition_ready,
    ("sparkoperator.k8s.io", "ScheduledSparkApplication"): _scheduled_spark,
    ("gateway.networking.k8s.io", "HTTPRoute"): _route,
    ("", "PersistentVolumeClaim"): _claim,
}
"""The kinds whose status says more than a condition, or of which it must be said that nobody acts on them."""
