"""``poll``: looks, from time to time, at how the runs of a pipeline went, and at what asks for a new one.

It keeps nothing: the orchestrator, the tracking server and what asks are all that it goes by, so each look says the
same however often it is made. A run is started where none is under way and none has begun since what asks for it came;
what nobody can tell starts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from mlops_spec.blueprint import contract, signals
from mlops_spec.blueprint.signals import Series
from mlops_spec.runtime.arrivals import Arrival, arrival
from mlops_spec.runtime.due import due
from mlops_spec.runtime.program import Configuration, Failed
from mlops_spec.runtime.pushed import push
from mlops_spec.runtime.runs import FAILED, LOOKED_BACK, SUCCEEDED, UNDER_WAY, Run, Runs, of
from mlops_spec.runtime.tracking import Tracking, began, newest
from mlops_spec.runtime.trigger import SEEN_TO, Began, counted_from, held, recorded


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Look once: tell of runs, then start one where it is asked for. Raises Failed after both have been tried."""
    orchestrator = of(configuration, environment)
    found = _counted(orchestrator.newest(), environment)
    said: dict[str, Any] = {"runs": len(found)}
    problems: list[str] = []
    if "told" in configuration:
        series = told(configuration["told"], [*found, *_finished(environment)], datetime.now(UTC))
        said |= {str(one.name): value for one, value in series.items()}
        try:
            push(configuration["told"]["push"], contract.POLL, configuration["told"]["labels"], series)
        except Failed as problem:
            problems.append(str(problem))
    said |= _asked(configuration, orchestrator, found, environment, problems)
    if problems:
        raise Failed("; ".join(problems), **said)
    return said


def _asked(
    configuration: Configuration,
    orchestrator: Runs,
    runs: Sequence[Run],
    environment: Mapping[str, str],
    problems: list[str],
) -> dict[str, Any]:
    """Start a run where something asks for it and nothing holds it back; say what, or why not."""
    if not configuration.get("asks"):
        return {}
    # Before a queue is: what is heard again and again while a run goes on is a dead letter in the end.
    if any(run.state == UNDER_WAY for run in runs):
        return {"why": "a run is under way"}
    arrivals: list[Arrival] = []
    for asks in configuration["asks"]:
        try:
            came = arrival(asks, environment)
        except Failed as problem:
            problems.append(str(problem))
        else:
            arrivals += [came] if came else []
    if not arrivals:
        return {}
    # Those that failed before their first step are on record nowhere else: they are not started again and again.
    retraining = configuration.get("retraining")
    since = min(counted_from(retraining, one.name, one.came) for one in arrivals)
    known = [*recorded(environment, since), *(Began(run.began, None) for run in runs)]
    reasons = {one.name: held(retraining, one.name, one.came, known) for one in arrivals}
    wanted = next((one for one in arrivals if reasons[one.name] is None), None)
    started = orchestrator.start(wanted.name, {**wanted.of, "came": wanted.came.isoformat()}) if wanted else None
    for one in arrivals:
        if started or reasons[one.name] == SEEN_TO:
            one.settle()
    if wanted is None:
        return {"asked": [one.name for one in arrivals], "why": "; ".join(why for why in reasons.values() if why)}
    return {"asked": [one.name for one in arrivals], "started_by": wanted.name, "started": started}


def _counted(runs: Iterable[Run], environment: Mapping[str, str]) -> list[Run]:
    """Leave those out that succeeded without a step: what decides whether a run goes on said no."""
    found = list(runs)
    if all(run.known_as is None for run in found):
        return found
    since = min((datetime.now(UTC) - LOOKED_BACK, *(run.began for run in found)))  # a run may be begun again later
    recent = takewhile(lambda run: began(run) >= since, Tracking(environment).of_pipeline())
    known = {run.data.tags.get(f"{contract.TAG}run") for run in recent}
    return [run for run in found if run.state != SUCCEEDED or run.known_as is None or run.known_as in known]


def _finished(environment: Mapping[str, str]) -> list[Run]:
    """Return the last run that the tracking server knows to have succeeded.

    Orchestrators forget runs, successes before failures: one that is still there is no failure since the last success.
    """
    run = newest(Tracking(environment).of_pipeline("attributes.status = 'FINISHED'"))
    return [Run(began=began(run), state=SUCCEEDED, known_as=None)] if run is not None else []


def told(said: Mapping[str, Any], runs: Sequence[Run], now: datetime) -> dict[Series, float]:
    """Return the series: what nobody has any more keeps the value that it had."""
    found = {signals.LAST_POLL: now.timestamp()}
    for series, state in ((signals.LAST_SUCCESS, SUCCEEDED), (signals.LAST_FAILURE, FAILED)):
        times = [run.began for run in runs if run.state == state]
        if times:
            found[series] = max(times).timestamp()
    if "missed" in said:
        within = timedelta(seconds=said["missed"]["after"])
        found[signals.LAST_DUE] = due(said["missed"]["schedule"], {}, now - within).timestamp()
    return found
