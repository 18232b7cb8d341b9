"""Where the versions of models are kept."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.registry.mlflow import MLflow

SYSTEMS: dict[str, type[System]] = {"mlflow": MLflow}
