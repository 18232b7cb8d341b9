"""What compares live data with what a model was made for."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.monitoring.evidently import Evidently

SYSTEMS: dict[str, type[System]] = {"evidently": Evidently}
