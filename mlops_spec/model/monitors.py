"""Monitors: what is watched, and what a breach starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlops_spec.language.condition import Condition
from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration, Share
from mlops_spec.model.choice import Choice
from mlops_spec.model.common import Schedule
from mlops_spec.model.node import Named, Node

RETRAIN, ROLLBACK = "retrain", "rollback"
"""What a breach may start by itself, as ``action`` has it."""


class Quality(Node):
    """What rows must satisfy."""

    nulls: Mapping[str, Condition]
    ranges: Mapping[str, tuple[float, ...]]
    new_categories: Condition | None
    severity: str
    action: str | None


class Drift(Node):
    """How far features may move."""

    method: str
    threshold: float
    share: Share | None
    columns: tuple[Name, ...]
    consecutive: int
    severity: str
    action: str | None


class PredictionDrift(Node):
    """How far predictions may move."""

    method: str
    threshold: float
    consecutive: int
    severity: str
    action: str | None


class Performance(Node):
    """What a model must reach."""

    require: Mapping[str, Condition]
    labels: Name
    join: Name
    label: Name
    delay: Duration | None
    consecutive: int
    severity: str
    action: str | None


class ServiceConditions(Node):
    """What a server must reach."""

    latency_p50: Condition | None
    latency_p95: Condition | None
    latency_p99: Condition | None
    error_rate: Condition | None
    throughput: Condition | None
    for_: Duration
    severity: str
    action: str | None


class CustomCondition(Named):
    """A condition over a query of your own."""

    query: str
    require: Condition
    for_: Duration
    severity: str
    action: str | None


class Monitor(Named):
    """What is watched of one model."""

    description: str | None
    model: Name
    data: Name | None
    reference: Name | None
    schedule: Schedule | None
    window: Duration | None
    min_rows: int
    quality: Quality | None
    drift: Drift | None
    prediction_drift: PredictionDrift | None
    performance: Performance | None
    service: ServiceConditions | None
    custom: Mapping[str, CustomCondition]
    notify: tuple[Name, ...]
    dashboard: bool
    compute: Name | None
    monitoring: Choice | None


OnRows = Quality | Drift | PredictionDrift | Performance
Watched = OnRows | ServiceConditions | CustomCondition
"""What has a severity and may have an action."""


def on_rows(monitor: Monitor) -> dict[str, OnRows]:
    """Return those conditions of a monitor that are decided by looking at rows, by the name of their field."""
    said: dict[str, OnRows | None] = {
        "quality": monitor.quality,
        "drift": monitor.drift,
        "prediction_drift": monitor.prediction_drift,
        "performance": monitor.performance,
    }
    return {name: condition for name, condition in said.items() if condition is not None}


def conditions(monitor: Monitor) -> Iterator[Watched]:
    """Yield everything in a monitor that has a severity and may have an action."""
    yield from on_rows(monitor).values()
    if monitor.service is not None:
        yield monitor.service
    yield from monitor.custom.values()


def acting(monitor: Monitor, action: str) -> Iterator[Watched]:
    """Yield the conditions of a monitor of which a breach starts ``action``."""
    return (condition for condition in conditions(monitor) if condition.action == action)
