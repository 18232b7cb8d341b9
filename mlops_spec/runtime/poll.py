"""``poll``: looks, from time to time, at how the runs of a pipeline went, and tells Prometheus.

It keeps nothing: what a run has left in the orchestrator and in the tracking server is all that it goes by, so each
look says the same however often it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_spec.blueprint import contract, signals
from mlops_spec.blueprint.signals import Series
from mlops_spec.runtime.due import due
from mlops_spec.runtime.program import Configuration
from mlops_spec.runtime.pushed import push
from mlops_spec.runtime.runs import FAILED, SUCCEEDED, Run, of
from mlops_spec.runtime.tracking import TAG, Tracking


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Look once. Raises Failed."""
    now = datetime.now(UTC)
    found = _counted(of(configuration, environment).newest(), environment)
    series = told(configuration["told"], found, now)
    push(configuration["told"]["push"], contract.POLL, configuration["told"]["labels"], series)
    return {"runs": len(found), **{str(one.name): value for one, value in series.items()}}


def _counted(runs: Iterable[Run], environment: Mapping[str, str]) -> list[Run]:
    """Leave those out that succeeded without a step: what decides whether a run goes on said no."""
    found = list(runs)
    if all(run.known_as is None for run in found):
        return found
    tracking = Tracking(environment)
    recorded = tracking.runs(tracking.experiment(environment.get("MLFLOW_EXPERIMENT_NAME")), tracking.who())
    known = {run.data.tags.get(f"{TAG}run") for run in recorded}
    return [run for run in found if run.state != SUCCEEDED or run.known_as is None or run.known_as in known]


def told(said: Mapping[str, Any], runs: Sequence[Run], now: datetime) -> dict[Series, float]:
    """Return the series: what the orchestrator does not have any more keeps the value that it had."""
    found = {signals.LAST_POLL: now.timestamp()}
    for series, state in ((signals.LAST_SUCCESS, SUCCEEDED), (signals.LAST_FAILURE, FAILED)):
        began = [run.began for run in runs if run.state == state]
        if began:
            found[series] = max(began).timestamp()
    if "missed" in said:
        within = timedelta(seconds=said["missed"]["after"])
        found[signals.LAST_DUE] = due(said["missed"]["schedule"], {}, now - within).timestamp()
    return found
