"""``trigger``: decides whether a run that an event has started goes on.

A schedule and a person are always obeyed. New data is read by any run that began after it came. A monitor's retraining
is held by the pipeline's cooldown, which counts from the last run whoever started it, and by its budget of retrainings;
both are counted in the tracking server, since event systems keep no state for days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_spec.blueprint import contract
from mlops_spec.runtime.program import Configuration, Failed, leave, needed, value_of
from mlops_spec.runtime.tracking import TAG, Tracking

OBEYED = (contract.MANUAL, contract.SCHEDULE)


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Leave ``yes`` or ``no``: the ``values`` are what started the run, and when that came. Raises Failed."""
    started_by = value_of(values, 0, "what started the run")
    why = None if started_by in OBEYED else _held(configuration, started_by, _time(values), environment)
    answer = "no" if why else "yes"
    leave(environment, {"start": answer})
    return {"start": answer, "started_by": started_by, **({"why": why} if why else {})}


def _held(configuration: Configuration, started_by: str, came: datetime, environment: Mapping[str, str]) -> str | None:
    """Return why the run does not go on; None where it does."""
    tracking = Tracking(environment)
    own = needed(environment, "MLOPS_RUN")
    runs = [
        (datetime.fromtimestamp(run.info.start_time / 1000, UTC), run.data.tags.get(f"{TAG}started-by"))
        for run in tracking.runs(tracking.experiment(environment.get("MLFLOW_EXPERIMENT_NAME")), tracking.who())
        if run.data.tags.get(f"{TAG}run") != own
    ]
    if any(began > came for began, _ in runs):
        return "a run that began after it came has seen to it"
    held = configuration.get("retraining")
    if held is None or started_by != contract.RETRAIN:
        return None
    last, cooldown = _last(runs), timedelta(seconds=held["cooldown"])
    if last is not None and came < last + cooldown:
        return f"the last run began at {last.isoformat(timespec='seconds')}, and the cooldown is {cooldown}"
    if "at_most" in held:
        within = timedelta(seconds=held["within"])
        count = sum(1 for began, by in runs if by == contract.RETRAIN and began > came - within)
        if count >= held["at_most"]:
            return f"{count} retrainings within {within}, of {held['at_most']} at most"
    return None


def _last(runs: Sequence[tuple[datetime, str | None]]) -> datetime | None:
    """Return when the last of these runs began."""
    return max((began for began, _ in runs), default=None)


def _time(values: Sequence[str]) -> datetime:
    text = value_of(values, 1, "when the event came")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Failed(f"value 2, when the event came, is no time with a zone: {text}")
    return found
