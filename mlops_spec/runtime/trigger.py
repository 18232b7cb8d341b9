"""``trigger``: decides whether a run that an event has started goes on.

A schedule and a person are always obeyed. New data is read by any run that began after it came. A monitor's retraining
is held by the pipeline's cooldown, which counts from the last run whoever started it, and by its budget of retrainings;
both are counted in the tracking server, since event systems keep no state for days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from mlops_spec.blueprint import contract
from mlops_spec.runtime.due import instant
from mlops_spec.runtime.program import Configuration, leave, needed, value_of
from mlops_spec.runtime.tracking import Tracking, began

OBEYED = (contract.MANUAL, contract.SCHEDULE)
_LATEST = datetime.max.replace(tzinfo=UTC)
SEEN_TO = "a run that began after it came has seen to it"


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Leave ``yes`` or ``no``: the ``values`` are what started the run, and when that came. Raises Failed."""
    started_by = value_of(values, 0, "what started the run")
    why = None
    if started_by not in OBEYED:
        came, retraining = _time(values), configuration.get("retraining")
        since = counted_from(retraining, started_by, came)
        why = held(retraining, started_by, came, recorded(environment, since, needed(environment, "MLOPS_RUN")))
    answer = "no" if why else "yes"
    leave(environment, {"start": answer})
    return {"start": answer, "started_by": started_by, **({"why": why} if why else {})}


class Began(NamedTuple):
    """A run: when it began, and what started it, as far as anybody knows."""

    at: datetime
    by: str | None


def counted_from(retraining: Mapping[str, int] | None, started_by: str, came: datetime) -> datetime:
    """Return from when on ``held`` has to know all runs; of those before then the last one says all."""
    if retraining is None or started_by != contract.RETRAIN:
        return _LATEST
    return came - timedelta(seconds=max(retraining["cooldown"], retraining.get("within", 0)))


def recorded(environment: Mapping[str, str], since: datetime, other_than: str | None = None) -> list[Began]:
    """Return the pipeline's runs that the tracking server has, but for the one of that id. Raises Failed.

    They are all that began ``since`` then, and the last before.
    """
    found = []
    for run in Tracking(environment).of_pipeline():
        if other_than is not None and run.data.tags.get(f"{contract.TAG}run") == other_than:
            continue
        found.append(Began(began(run), run.data.tags.get(f"{contract.TAG}started-by")))
        if found[-1].at < since:
            break
    return found


def held(retraining: Mapping[str, int] | None, started_by: str, came: datetime, runs: Sequence[Began]) -> str | None:
    """Return why a run does not go on that an event has asked for, beside these runs; None where it does."""
    if any(run.at > came for run in runs):
        return SEEN_TO
    if retraining is None or started_by != contract.RETRAIN:
        return None
    last, cooldown = max((run.at for run in runs), default=None), timedelta(seconds=retraining["cooldown"])
    if last is not None and came < last + cooldown:
        return f"the last run began at {last.isoformat(timespec='seconds')}, and the cooldown is {cooldown}"
    if "at_most" in retraining:
        within = timedelta(seconds=retraining["within"])
        count = sum(1 for run in runs if run.by == contract.RETRAIN and run.at > came - within)
        if count >= retraining["at_most"]:
            return f"{count} retrainings within {within}, of {retraining['at_most']} at most"
    return None


def _time(values: Sequence[str]) -> datetime:
    what = "when the event came"
    return instant(value_of(values, 1, what), f"value 2, {what},")
