"""What scores whole datasets."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.batch.dataflow import Dataflow
from mlops_spec.backends.batch.spark import Spark

SYSTEMS: dict[str, type[System]] = {"spark": Spark, "dataflow": Dataflow}
