"""Who draws what is measured."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.dashboards.grafana import Grafana

SYSTEMS: dict[str, type[System]] = {"grafana": Grafana}
