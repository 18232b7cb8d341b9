"""Grafana, by the Grafana operator: each dashboard is a GrafanaDashboard that holds Grafana's own JSON.

Grafana puts the values of variables into every text of a dashboard, queries included, and has no way to escape their
names; a name that it does not know stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.ports import File, Refused, file, limit
from mlops_spec.blueprint.types import Blueprint, Label
from mlops_spec.language.text import Name

DATA_SOURCE = "datasource"
"""The one variable that our dashboards have; those of Grafana's own begin with two underscores."""

_VARIABLE = re.compile(r"\$(\w+)|\[\[(\w+?)(?::\w+)?\]\]|\$\{(\w+)(?:\.[^:^}]+)?(?::[^}]+)?\}", re.ASCII)
_UNITS = {"seconds": "s", "share": "percentunit", "per second": "reqps", "times": "none", "": "short"}


def _variable(text: str) -> str | None:
    """Return the first variable of Grafana's in a text, as it is written there."""
    for found in _VARIABLE.finditer(text):
        name = next(filter(None, found.groups()))
        if name == DATA_SOURCE or name.startswith("__"):
            return found.group()
    return None


def _plain(text: Any) -> bool:
    return text is None or _variable(str(text)) is None


class Grafana(System):
    """The options of ``platform.dashboards`` with ``backend: grafana``."""

    instance_selector: Mapping[str, str]
    folder: str | None
    datasource: str | None

    limits = (limit("platform.dashboards.datasource", _plain, "it would put a variable's value into the name"),)

    def literal(self, text: str) -> str:
        """Return a text that names no variable. Raises Refused."""
        found = _variable(text)
        if found:
            raise Refused(f"Grafana would put the value of a variable in place of {found}")
        return text

    def labelled(self, *labels: str) -> str:
        """Say the values of labels; without any, Grafana tells series apart by those that differ."""
        return " ".join(f"{{{{{label}}}}}" for label in labels) or "__auto"

    def unit(self, unit: str) -> Name:
        """Return the id of one of Grafana's units."""
        return Name(_UNITS[unit])

    @property
    def selected(self) -> tuple[Label, ...]:
        """Return the labels of the Grafana that shows the dashboards."""
        return tuple(
            Label(address=f"{self.address}.instance_selector", key=key, value=value)
            for key, value in sorted(self.instance_selector.items())
        )

    @property
    def named(self) -> str | None:
        """Return the pattern that fits the name of the data source alone, as JavaScript reads it."""
        return re.escape(self.datasource) if self.datasource else None

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print each dashboard."""
        for dashboard in blueprint.dashboards:
            model = file("dashboards/grafana/dashboard.json.j2", dashboard=dashboard, options=self)
            yield file(
                "dashboards/grafana/grafanadashboard.yaml.j2", dashboard=dashboard, options=self, model=model,
                project=blueprint.project,
            )  # fmt: skip
