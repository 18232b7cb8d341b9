"""Who collects series, and decides alerts."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.metrics.prometheus import Prometheus

SYSTEMS: dict[str, type[System]] = {"prometheus": Prometheus}
