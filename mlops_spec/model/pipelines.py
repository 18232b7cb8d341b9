"""Pipelines: steps that make a model, and when they run."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.language.condition import Condition
from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration
from mlops_spec.model.choice import Choice
from mlops_spec.model.common import Retries, Scalar, Schedule
from mlops_spec.model.node import Named, Node


class Trigger(Named):
    """What starts a pipeline."""

    dataset: Name


class Retraining(Node):
    """How often monitors may start a pipeline."""

    cooldown: Duration
    at_most: int | None
    within: Duration | None


class Missed(Node):
    """Who is told when a run did not succeed in time."""

    after: Duration
    channels: tuple[Name, ...]


class Notify(Node):
    """Who is told of what."""

    failed: tuple[Name, ...]
    missed: Missed | None


class Input(Named):
    """What a step reads: an address, or one with how it is handed over."""

    from_: Name
    as_: str


class Output(Named):
    """What a step writes."""

    type: str
    flavor: str | None


class When(Node):
    """Run a step only if a parameter has a value."""

    parameter: Name
    is_: Scalar


class Against(Node):
    """A comparison with a version that is in use."""

    model: Name
    alias: str
    absent: str
    require: Mapping[str, Condition]


class Gate(Node):
    """What must be true before anything is registered."""

    metrics: Name
    require: Mapping[str, Condition]
    against: Against | None


class Register(Node):
    """The model that becomes a new version."""

    model: Name
    from_: Name
    alias: str


class Step(Named):
    """One container: your own (image and command), a gate, or a registration."""

    description: str | None
    image: str | None
    command: tuple[str, ...]
    env: Mapping[str, str]
    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    compute: Name | None
    retries: Retries | None
    timeout: Duration | None
    after: tuple[Name, ...]
    when: When | None
    foreach: Mapping[str, tuple[Scalar, ...]]
    gate: Gate | None
    register: Register | None


class Pipeline(Named):
    """Steps that run in the order that their inputs ask for."""

    description: str | None
    experiment: Name | None
    parameters: Mapping[str, Scalar]
    schedule: Schedule | None
    triggers: Mapping[str, Trigger]
    retraining: Retraining | None
    retries: Retries | None
    timeout: Duration | None
    compute: Name | None
    notify: Notify | None
    orchestrator: Choice | None
    steps: Mapping[str, Step]
