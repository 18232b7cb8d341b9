"""``begin``: creates the tracking run that a pipeline's steps record to, and says when the run was due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from mlops_spec.blueprint.contract import variable
from mlops_spec.runtime.program import Configuration, Failed, leave, needed
from mlops_spec.runtime.tracking import Tracking, lineage, newest, tags


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Create the run, or find it where an earlier try has, and leave what steps are handed. Raises Failed."""
    tracking = Tracking(environment)
    due = _due(environment).astimezone(ZoneInfo(configuration["timezone"]))
    results = {"date": due.date().isoformat(), "scheduled_at": due.isoformat()}
    run_id, found = _tracked(configuration, tracking, environment)
    leave(environment, {**results, "run_id": run_id})
    return {**results, "run_id": run_id, "created": not found}


def _tracked(configuration: Configuration, tracking: Tracking, environment: Mapping[str, str]) -> tuple[str, bool]:
    """Return the id of the tracking run, and whether it was there before."""
    from mlflow.exceptions import MlflowException

    experiment = tracking.experiment(configuration.get("experiment"))
    own = {**tracking.who(), **tags({"run": needed(environment, "MLOPS_RUN")})}
    before = newest(tracking.runs(experiment, own))
    made = before or tracking.client.create_run(
        experiment, tags={**own, **lineage(environment, started_by=environment.get("MLOPS_STARTED_BY"))}
    )
    run_id = str(made.info.run_id)
    if made.info.status != "RUNNING":  # it was ended, and some of its steps are run again
        tracking.client.update_run(run_id, "RUNNING")
    for name in configuration["parameters"]:
        value = environment.get(variable("PARAMETER", name), "")
        try:
            tracking.client.log_param(run_id, name, value)
        except MlflowException as problem:
            raise Failed(f"the parameter {name} cannot be recorded: {problem}", run_id=run_id) from None
    return run_id, before is not None


def _due(environment: Mapping[str, str]) -> datetime:
    """Return when the run was due; one that was not scheduled is due when it starts. Raises Failed."""
    for name in ("MLOPS_SCHEDULED_AT", "MLOPS_STARTED_AT"):
        try:
            found = datetime.fromisoformat(environment.get(name, ""))
        except ValueError:  # an orchestrator's own words, where there is no such time
            continue
        if found.tzinfo is not None:
            return found
    raise Failed("neither MLOPS_SCHEDULED_AT nor MLOPS_STARTED_AT is a time with a zone")
