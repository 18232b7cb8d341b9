"""Rules about pipelines: MS203 to MS229."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.lint.rules.monitors import conditions
from mlops_spec.model.pipelines import Pipeline

_NOTEBOOK = re.compile(r"\.ipynb\b|\b(?:nbconvert|papermill)\b")


@rule("MS203", "a notebook run as a step")
def notebook(view: View) -> Iterator[Finding]:
    """A step runs a notebook: `jupyter nbconvert`, papermill or any `.ipynb` in its command.

    Why: A notebook has no functions to test, hides the order in which its cells were run, and its diffs cannot be
    reviewed. Whatever state its author had is not in the image.

    Bad:

        command: [papermill, train.ipynb, out.ipynb]

    Good:

        command: [python, -m, churn.fit]
    """
    for pipeline in view.spec.pipelines.values():
        for step in pipeline.steps.values():
            found = next((i for i, word in enumerate(step.command) if _NOTEBOOK.search(word)), None)
            if found is not None:
                message = f"the step {step.name} runs a notebook"
                yield Finding(
                    f"{step.address}.command.{found}", message, "move its code into a module, and run that one"
                )


@rule("MS204", "a model registered with no gate before it")
def ungated(view: View) -> Iterator[Finding]:
    """A pipeline registers a model, but has no gate.

    Why: Every gate stands before every `register`. With none, each run makes a new challenger, however bad, and
    whoever moves the lock takes it for one that has passed.

    Bad:

        register:
          register: {model: churn, from: steps.fit.outputs.model}

    Good:

        good-enough:
          gate: {metrics: steps.fit.outputs.metrics, require: {auc: ">= 0.80"}}
        register:
          register: {model: churn, from: steps.fit.outputs.model}
    """
    for pipeline in view.spec.pipelines.values():
        if any(step.gate for step in pipeline.steps.values()):
            continue
        for step in pipeline.steps.values():
            if step.register:
                message = f"the step {step.name} registers the model {step.register.model} with no gate before it"
                hint = f'add a step with `gate: {{metrics: {_metrics(pipeline)}, require: {{<metric>: ">= …"}}}}`'
                yield Finding(step.address, message, hint)


@rule("MS205", "retraining with no cooldown")
def unheld(view: View) -> Iterator[Finding]:
    """A monitor asks for retraining, and the pipeline that trains its model says nothing about how often.

    Why: Data that has drifted stays so until a new model is delivered. Until then every check asks again: the same
    training runs every half hour, and the model that wins is the one that was lucky.

    Bad:

        train:
          steps:

    Good:

        train:
          retraining: {cooldown: 24h, at_most: 2, within: 7d}
          steps:
    """
    for pipeline in view.spec.pipelines.values():
        asking = tuple(_asking(pipeline, view)) if pipeline.retraining is None else ()
        if asking:
            yield Finding(
                pipeline.address,
                f"monitors may start the pipeline {pipeline.name} as often as they like",
                "add `retraining: {cooldown: 24h, at_most: 2, within: 7d}`",
                asking,
            )


def _metrics(pipeline: Pipeline) -> str:
    """Name metrics that a gate could read."""
    outputs = ((step, output) for step in pipeline.steps.values() for output in step.outputs.values())
    made = (f"steps.{step.name}.outputs.{output.name}" for step, output in outputs if output.type == "metrics")
    return next(made, "steps.<step>.outputs.<metrics>")


def _asking(pipeline: Pipeline, view: View) -> Iterator[tuple[str, str]]:
    for monitor in view.spec.monitors.values():
        if view.spec.models[monitor.model].trained_by == pipeline.name:
            asking = (condition for condition in conditions(monitor) if condition.action == "retrain")
            yield from (("this asks for it", f"{condition.address}.action") for condition in asking)


RULES = (notebook, ungated, unheld)
