"""What the monitors of a spec look at, and what a breach asks for: a retraining goes to the pipeline of its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlops_spec.model.monitors import (
    CustomCondition,
    Drift,
    Monitor,
    Performance,
    PredictionDrift,
    Quality,
    ServiceConditions,
)
from mlops_spec.model.spec import Spec

Watched = Quality | Drift | PredictionDrift | Performance | ServiceConditions | CustomCondition


def conditions(monitor: Monitor) -> Iterator[Watched]:
    """Yield everything in a monitor that has a severity and may have an action."""
    own = (monitor.quality, monitor.drift, monitor.prediction_drift, monitor.performance, monitor.service)
    yield from (condition for condition in own if condition is not None)
    yield from monitor.custom.values()


def acting(monitor: Monitor, action: str) -> Iterator[Watched]:
    """Yield the conditions of a monitor of which a breach starts ``action``."""
    return (condition for condition in conditions(monitor) if condition.action == action)


def retraining(spec: Spec) -> Mapping[str, tuple[str, ...]]:
    """Return the pipelines that monitors may start, each with the addresses of the actions that do."""
    asked: dict[str, tuple[str, ...]] = {}
    for monitor in spec.monitors.values():
        pipeline = spec.models[monitor.model].trained_by
        if pipeline is not None:
            found = (f"{condition.address}.action" for condition in acting(monitor, "retrain"))
            asked[pipeline] = (*asked.get(pipeline, ()), *found)
    return {pipeline: found for pipeline, found in asked.items() if found}


def maker_of(model: str, spec: Spec) -> str | None:
    """Return the pipeline that registers a model; None where none does, or several."""
    steps = ((name, step) for name, pipeline in spec.pipelines.items() for step in pipeline.steps.values())
    makers = {name for name, step in steps if step.register and step.register.model == model}
    return makers.pop() if len(makers) == 1 else None
