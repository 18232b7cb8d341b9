"""The metric table: every series that rules, dashboards and programs of ours name is named here and nowhere else.

Names and units follow Prometheus' conventions (base units, ``_total``, ``_ratio``); a share is 0 to 1.
"""

from __future__ import annotations

from typing import NamedTuple

from mlops_spec.language.text import Name


class Series(NamedTuple):
    """A series: its name, what kind of metric it is, its labels beside those of whom it is, and what it says."""

    name: Name
    kind: str
    labels: tuple[str, ...]
    meaning: str


NAMESPACE, MODEL, MONITOR = "namespace", "model", "monitor"
WINDOW, OBJECTIVE = "window", "objective"
MISSED = Series(
    Name("mlops_slo_missed_ratio"),
    "recording rule",
    (OBJECTIVE, WINDOW),
    "The share of requests within the window that missed an objective.",
)
"""What Prometheus itself keeps, of each model and for each window of its burn rates."""
