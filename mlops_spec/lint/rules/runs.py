"""Rules about the runs of a pipeline, and what they are for: of MS203 to MS229."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.diagnostic import Severity
from mlops_spec.lint.retraining import maker_of, retraining
from mlops_spec.lint.rule import Change, Finding, View, rule
from mlops_spec.model.monitors import RETRAIN, acting
from mlops_spec.model.pipelines import Pipeline


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
    for name, actions in retraining(view.spec).items():
        pipeline = view.spec.pipelines[name]
        if pipeline.retraining is None:
            yield Finding(
                pipeline.address,
                f"monitors may start the pipeline {name} as often as they like",
                "add `retraining: {cooldown: 24h, at_most: 2, within: 7d}`",
                tuple(("this asks for it", action) for action in actions),
            )


TIMELESS = frozenset({"vertex"})
"""The orchestrators to which no longest time can be told (a limit of theirs): what they cannot do is not asked for."""


@rule("MS206", "an unattended run with no limit of time")
def endless(view: View) -> Iterator[Finding]:
    """A pipeline starts by itself (`schedule`, `triggers`, or a monitor that retrains), and neither it nor each of its
    steps has a `timeout`. Nothing is said of pipelines on Vertex AI, to which none can be told.

    Why: A step that hangs, on a lost connection or a full queue, holds its accelerators until somebody looks, and
    every later run waits behind it: the model gets older, and no run fails.

    Bad:

        train:
          schedule: "0 3 * * 1"
          steps:

    Good:

        train:
          schedule: "0 3 * * 1"
          timeout: 6h
          steps:
    """
    for pipeline, starts in _unattended(view):
        if (pipeline.orchestrator or view.spec.platform.orchestrator).backend in TIMELESS:
            continue
        open_ended = any(step.image and step.timeout is None for step in pipeline.steps.values())
        if open_ended and pipeline.timeout is None:
            message = f"the pipeline {pipeline.name} starts by itself, and a run of it may last for ever"
            yield Finding(pipeline.address, message, "add a `timeout`, such as `timeout: 6h`", starts)


@rule("MS207", "an unattended run that fails in silence", protected=Severity.WARNING)
def silent(view: View) -> Iterator[Finding]:
    """A pipeline of a protected environment starts by itself (`schedule`, `triggers`, or a monitor that retrains), and
    tells nobody when a run fails, by `notify.failed`, or when none succeeds in time, by `notify.missed`.

    Why: Nobody sits beside it. When it has failed for a month, the model that serves is a month older than everyone
    believes.

    Bad:

        train:
          schedule: "0 3 * * 1"
          timeout: 6h

    Good:

        train:
          schedule: "0 3 * * 1"
          notify: {failed: [ml-oncall]}
          timeout: 6h
    """
    known = next(iter(view.spec.channels), None)
    hint = (
        f"add `notify: {{failed: [{known}]}}`" if known else "define a channel, and name it in `notify: {failed: […]}`"
    )
    for pipeline, starts in _unattended(view) if view.protected else ():
        if pipeline.notify is None:
            message = f"the pipeline {pipeline.name} starts by itself, and nobody is told when it fails"
            yield Finding(pipeline.address, message, hint, starts)


@rule(
    "MS208",
    "a model that its pipeline never registers",
    protected=Severity.WARNING,
    repair="names the pipeline that registers it, if it is one",
)
def barren(view: View) -> Iterator[Finding]:
    """A model is served, scores or is retrained, and no step of the pipeline that `trained_by` names registers it.

    Why: Retraining goes to that pipeline. It runs, is paid for, and there is never a new version: the monitor asks
    again, and what serves grows old.

    Bad:

        churn:
          trained_by: prepare

    Good:

        churn:
          trained_by: train
    """
    retrained = {m.model for m in view.spec.monitors.values() if any(acting(m, RETRAIN))}
    for model in view.spec.models.values():
        trainer = model.trained_by
        is_needed = model.serving or model.batch or model.name in retrained
        # The step may be left out of this environment alone.
        if trainer and is_needed and model.name not in view.written.at(f"pipelines.{trainer}.steps.*.register.model"):
            step = f"`register: {{model: {model.name}, from: steps.<step>.outputs.<model>}}`"
            maker = maker_of(model.name, view.spec)
            yield Finding(
                f"{model.address}.trained_by",
                f"the pipeline {trainer} never registers the model {model.name}",
                f"name the one that does: `trained_by: {maker}`" if maker else f"add a step to it: {step}",
                (("this is the pipeline", f"pipelines.{trainer}"),),
                change=Change(f"{model.address}.trained_by", maker) if maker else None,
            )


def _unattended(view: View) -> Iterator[tuple[Pipeline, tuple[tuple[str, str], ...]]]:
    """Yield the pipelines that start without a person, each with what starts it."""
    asked = retraining(view.spec)
    for pipeline in view.spec.pipelines.values():
        own = [(pipeline.schedule, "schedule"), (pipeline.triggers, "triggers")]
        starts = [f"{pipeline.address}.{field}" for value, field in own if value]
        starts += asked.get(pipeline.name, ())
        if starts:
            yield pipeline, tuple(("this starts it", address) for address in starts)


RULES = (unheld, endless, silent, barren)
