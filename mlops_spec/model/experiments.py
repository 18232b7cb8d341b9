"""Experiments: under which runs are recorded."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.model.common import Metric
from mlops_spec.model.node import Named


class Experiment(Named):
    """An experiment."""

    description: str | None
    metric: Metric | None
    tags: Mapping[str, str]
