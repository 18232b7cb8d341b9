"""Series that a short job leaves at a Pushgateway, where Prometheus reads them."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.blueprint.signals import Series
from mlops_spec.runtime.program import Failed


def push(address: str, job: str, whose: Mapping[str, str], series: Mapping[Series, float]) -> None:
    """Leave the series' values, told apart by ``job`` and ``whose``; others of theirs stay. Raises Failed."""
    try:
        from prometheus_client import CollectorRegistry, Gauge, pushadd_to_gateway
    except ImportError:
        raise Failed("Prometheus' client is not installed: install mlops-spec[runtime]") from None
    registry = CollectorRegistry()
    for one, value in series.items():
        Gauge(one.name, one.meaning, registry=registry).set(value)
    try:
        pushadd_to_gateway(address, job=job, registry=registry, grouping_key=dict(whose))
    except OSError as problem:
        raise Failed(f"the Pushgateway at {address} does not take series: {problem}") from None
