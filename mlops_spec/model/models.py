"""Models: how they serve, score and are tested."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.language.condition import Condition
from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration, Share
from mlops_spec.model.choice import Choice
from mlops_spec.model.common import Scalar, Schedule
from mlops_spec.model.node import Named, Node


class Replicas(Node):
    """How many servers there are."""

    min: int
    max: int | None


class Autoscale(Node):
    """By what the number of servers is moved."""

    metric: str
    target: Scalar


class Expose(Node):
    """Where a model is reached from outside."""

    path: str
    host: str | None


class Logging(Node):
    """What is kept of requests and answers."""

    sink: str
    id: Name | None
    keys: tuple[Name, ...]
    drop: tuple[Name, ...]
    retain: Duration | None


class Shadow(Node):
    """A version that gets copies of requests."""

    version: str | int
    sample: Share


class Weight(Node):
    """A step of a canary."""

    weight: int
    pause: Duration | None


class Analysis(Node):
    """What must hold of a service."""

    latency_p50: Condition | None
    latency_p95: Condition | None
    latency_p99: Condition | None
    error_rate: Condition | None
    throughput: Condition | None


class Rollout(Node):
    """How a new version takes over."""

    strategy: str
    steps: tuple[Weight, ...]
    analysis: Analysis | None


class Serving(Node):
    """How a model answers requests."""

    features: Name | None
    compute: Name | None
    replicas: Replicas | None
    autoscale: Autoscale | None
    expose: Expose | None
    logging: Logging | None
    shadow: Shadow | None
    rollout: Rollout | None
    server: Choice | None


class LatencyObjective(Node):
    """A promise about latency."""

    under: Duration
    share: Share


class Objectives(Node):
    """What users may rely on."""

    availability: Share | None
    latency: LatencyObjective | None
    window: Duration


class Variant(Named):
    """A version in a test."""

    version: str | int
    weight: int


class Outcome(Node):
    """What decides a test."""

    name: Name
    goal: str
    labels: Name


class ABTest(Node):
    """A test of versions on live requests."""

    state: str
    variants: Mapping[str, Variant]
    assign_by: Name
    metric: Outcome
    duration: Duration
    min_samples: int


class Batch(Node):
    """How a model scores whole datasets."""

    schedule: Schedule
    input: Name
    output: str
    features: Name | None
    compute: Name | None
    timeout: Duration | None
    engine: Choice | None


class Model(Named):
    """A model."""

    description: str | None
    trained_by: Name | None
    flavor: str | None
    version: str | int | None
    serving: Serving | None
    slo: Objectives | None
    ab_test: ABTest | None
    batch: Batch | None
