"""Rules about how a new version takes over: MS351 to MS353."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from mlops_spec.diagnostic import Severity
from mlops_spec.lint.rule import Finding, View, rule
from mlops_spec.model.models import Model, Rollout
from mlops_spec.model.monitors import ROLLBACK, acting


@rule("MS351", "a canary that nothing watches", protected=Severity.WARNING)
def unjudged(view: View) -> Iterator[Finding]:
    """A canary has no `analysis`, and no condition of the model's monitors has `action: rollback`.

    Why: A version that fails half of its requests gets ten of a hundred, then all: the canary dies, and whoever moves
    it on, a job or a person, has nothing that says so.

    Bad:

        rollout:
          strategy: canary
          steps: [{weight: 10, pause: 10m}, {weight: 100}]

    Good:

        rollout:
          strategy: canary
          steps: [{weight: 10, pause: 10m}, {weight: 100}]
          analysis: {error_rate: "< 1%"}
    """
    returning = {monitor.model for monitor in view.spec.monitors.values() if any(acting(monitor, ROLLBACK))}
    for model, rollout in _canaries(view):
        if rollout.analysis is None and model.name not in returning:
            message = f"nothing is looked at while a new version of {model.name} takes over"
            yield Finding(rollout.address, message, 'add `analysis: {error_rate: "< 1%"}`')


@rule("MS352", "a canary whose weights fall")
def falling(view: View) -> Iterator[Finding]:
    """A step of a canary has a lower weight than the one before it.

    Why: Users get the old version, the new one and the old one again, while everything goes well: what they see
    changes with each step back, and what is measured there says nothing about more load.

    Bad:

        steps: [{weight: 50, pause: 10m}, {weight: 10, pause: 30m}, {weight: 100}]

    Good:

        steps: [{weight: 10, pause: 10m}, {weight: 50, pause: 30m}, {weight: 100}]
    """
    for model, rollout in _canaries(view):
        for before, step in pairwise(rollout.steps):
            if step.weight < before.weight:
                message = f"the canary of {model.name} goes from {before.weight} back to {step.weight}"
                related = (("this is the step before it", f"{before.address}.weight"),)
                yield Finding(f"{step.address}.weight", message, "let the weights rise from step to step", related)


@rule("MS353", "a canary step that does not wait", protected=Severity.WARNING)
def hasty(view: View) -> Iterator[Finding]:
    """A step of a canary before the last has no `pause`, and others have one. A canary without any is moved by hand.

    Why: The next weight follows at once. At this one nothing is ever measured, so that it protects nobody.

    Bad:

        steps: [{weight: 10, pause: 10m}, {weight: 50}, {weight: 100}]

    Good:

        steps: [{weight: 10, pause: 10m}, {weight: 50, pause: 30m}, {weight: 100}]
    """
    for model, rollout in _canaries(view):
        waits = any(step.pause for step in rollout.steps)
        for step in rollout.steps[:-1]:
            if waits and step.pause is None:
                message = f"the canary of {model.name} does not wait at the weight {step.weight}"
                yield Finding(f"{step.address}.weight", message, "add a `pause`, such as `pause: 10m`")


def _canaries(view: View) -> Iterator[tuple[Model, Rollout]]:
    for model in view.spec.models.values():
        rollout = model.serving.rollout if model.serving else None
        if rollout is not None and rollout.strategy == "canary":
            yield model, rollout


RULES = (unjudged, falling, hasty)
