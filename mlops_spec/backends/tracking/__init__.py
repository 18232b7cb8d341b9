"""Where runs are recorded."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.tracking.mlflow import MLflow

SYSTEMS: dict[str, type[System]] = {"mlflow": MLflow}
