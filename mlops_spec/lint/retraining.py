"""What retrains a model: the pipeline that makes it, and the monitors that ask for it."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.model.monitors import RETRAIN, acting
from mlops_spec.model.spec import Spec


def retraining(spec: Spec) -> Mapping[str, tuple[str, ...]]:
    """Return the pipelines that monitors may start, each with the addresses of the actions that do."""
    asked: dict[str, tuple[str, ...]] = {}
    for monitor in spec.monitors.values():
        pipeline = spec.models[monitor.model].trained_by
        if pipeline is not None:
            found = (f"{condition.address}.action" for condition in acting(monitor, RETRAIN))
            asked[pipeline] = (*asked.get(pipeline, ()), *found)
    return {pipeline: found for pipeline, found in asked.items() if found}


def maker_of(model: str, spec: Spec) -> str | None:
    """Return the pipeline that registers a model; None where none does, or several."""
    steps = ((name, step) for name, pipeline in spec.pipelines.items() for step in pipeline.steps.values())
    makers = {name for name, step in steps if step.register and step.register.model == model}
    return makers.pop() if len(makers) == 1 else None
