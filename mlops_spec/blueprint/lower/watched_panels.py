"""What a dashboard shows of a monitor: each number that it watches, with the bounds that it watches for."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.blueprint.lower.grid import Section, Sketch
from mlops_spec.blueprint.lower.panels import Ask, Panels
from mlops_spec.blueprint.lower.thresholds import Bound
from mlops_spec.blueprint.ports import Refused
from mlops_spec.model.monitors import CustomCondition, Monitor


def section(panels: Panels, monitor: Monitor) -> Section:
    """Return the panels of a monitor's own; those of its server stand with the server."""
    custom = [_custom(panels, said) for _, said in sorted(monitor.custom.items())]
    return Section(monitor.address, monitor.name, [[sketch for found in custom for sketch in found]])


def _custom(panels: Panels, said: CustomCondition) -> Iterator[Sketch]:
    try:
        query = panels.metrics.custom(said.query, said.require).query
    except Refused:  # reported where its alert is made
        return
    asks, bounds = [Ask(query, panels.labelled())], [Bound(said.require, said.severity, said.address)]
    yield panels.panel("lines", said.name, said.address, said.require.unit, asks, bounds=bounds, least=None)
