"""Small nodes that several sections share."""

from __future__ import annotations

from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration
from mlops_spec.model.node import Node

Scalar = str | int | float | bool

LATENCIES = ("latency_p50", "latency_p95", "latency_p99")
ERRORS, REQUESTS = "error_rate", "throughput"
MEASURED = (*LATENCIES, ERRORS, REQUESTS)
"""What is measured of a model's servers, as the conditions on them name it."""


class Schedule(Node):
    """When something recurs: a cron line of five fields, read in a time zone."""

    cron: str
    timezone: str


class Retries(Node):
    """What happens when a step fails; each wait is twice as long as the one before."""

    limit: int
    backoff: Duration


class Metric(Node):
    """A number that says how good something is; ``goal`` is ``maximize`` or ``minimize``."""

    name: Name
    goal: str
