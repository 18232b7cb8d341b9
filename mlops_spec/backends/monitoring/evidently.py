"""Evidently: jobs of the runtime compare live data with reference data, and leave what they find as series."""

from __future__ import annotations

from typing import Any

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.ports import limit
from mlops_spec.blueprint.types import Variable
from mlops_spec.language.condition import Condition, plain
from mlops_spec.language.text import Name

METRICS = ("accuracy", "auc", "f1", "log_loss", "mae", "mape", "precision", "r2", "recall", "rmse")
"""What it computes of a model once the true labels are known."""

PERCENTAGES = ("mape",)
"""Those that it gives in percent, where a condition's number is a share."""

P_VALUES = ("chisquare", "ks")
"""The methods whose score is no distance but a p-value: the smaller, the surer it is that a column has moved."""


def _computed(require: Any) -> bool:
    return set(require) <= set(METRICS)


class Evidently(System):
    """The options of ``platform.monitoring`` with ``backend: evidently``; it has none."""

    limits = (
        limit("monitors.*.performance.require", _computed, f"it computes {', '.join(METRICS[:-1])} and {METRICS[-1]}"),
    )

    def variables(self) -> tuple[Variable, ...]:
        """Return what keeps the library from telling its makers that it is used."""
        return (Variable(address=self.address, name=Name("DO_NOT_TRACK"), value="1", secret=None),)

    def unmoved(self, method: str, threshold: float) -> Condition:
        """Return what a score satisfies: a p-value is not below the threshold, a distance is."""
        return Condition(f"{'>=' if method in P_VALUES else '<'} {plain(threshold)}")
