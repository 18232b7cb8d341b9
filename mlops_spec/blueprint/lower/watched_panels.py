"""What a dashboard shows of a monitor: each number that it watches, with the bounds that it watches for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlops_spec.blueprint import signals as table
from mlops_spec.blueprint.lower.grid import Section, Sketch
from mlops_spec.blueprint.lower.monitors import loudest, patience
from mlops_spec.blueprint.lower.objectives import TICKET
from mlops_spec.blueprint.lower.panels import PLAIN, SECONDS, SHARE, Ask, Panels
from mlops_spec.blueprint.lower.thresholds import Bound, heat
from mlops_spec.blueprint.ports import Monitoring, Refused
from mlops_spec.blueprint.signals import Series
from mlops_spec.blueprint.types import Monitor as Watch
from mlops_spec.language.condition import Condition, plain
from mlops_spec.model.monitors import Drift, Monitor, Performance, PredictionDrift, Quality, on_rows

_COLUMNS = 30
"""How many columns a person can compare at once: of more, those that have moved most are shown."""


def section(panels: Panels, monitor: Monitor, watch: Watch | None) -> Section:
    """Return the panels of a monitor's own; those of its server stand with the server."""
    backend = panels.context.ports.watchers.get(monitor.name)
    watched = _WatchedPanels(panels, monitor, watch, backend).lines() if watch and backend else ()
    return Section(monitor.address, monitor.name, [*watched, [*_custom(panels, monitor)]])


def _custom(panels: Panels, monitor: Monitor) -> Iterator[Sketch]:
    """Yield a panel of each query of the user's own."""
    for _, said in sorted(monitor.custom.items()):
        try:
            query = panels.metrics.custom(said.query, said.require).query
        except Refused:  # reported where its alert is made
            continue
        asks, bounds = [Ask(query, panels.labelled())], [Bound(said.require, said.severity, said.address)]
        yield panels.panel("lines", said.name, said.address, said.require.unit, asks, bounds=bounds, least=None)


class _WatchedPanels:
    """The panels of what a monitor's job leaves at each look."""

    def __init__(self, panels: Panels, said: Monitor, watch: Watch, backend: Monitoring) -> None:
        self.panels, self.said, self.watch, self.backend = panels, said, watch, backend
        self.metrics = panels.metrics
        self.select = {
            table.NAMESPACE: str(watch.namespace), table.MODEL: str(watch.model), table.MONITOR: str(watch.name),
        }  # fmt: skip

    def lines(self) -> Iterator[Sequence[Sketch]]:
        """Yield what the last look found, then what all of them did."""
        said = self.said
        moved = [self._moved(said.drift)] if said.drift else []
        yield [self._age(), self._rows(), *moved, self._breaches_now()]
        yield [self._drift(said.drift)] if said.drift else []
        yield [*self._predictions(said.prediction_drift)] if said.prediction_drift else []
        yield [*self._quality(said.quality)] if said.quality else []
        yield [*self._performance(said.performance)] if said.performance else []
        yield [self._breaches()]

    def _age(self) -> Sketch:
        schedule, seconds = self.watch.job.schedule, patience(self.watch.job)
        bounds = [Bound(Condition(f"<= {seconds}s"), loudest(self.said), schedule.address)]
        asks = [Ask(self.metrics.age(table.LAST_LOOK, self.select), "ago")]
        said = "How long ago the monitor finished a look."
        return self.panels.panel("number", "Last look", schedule.address, SECONDS, asks, said, bounds)

    def _rows(self) -> Sketch:
        bounds = [Bound(Condition(f">= {self.said.min_rows}"), TICKET, None)]
        said = f"How many rows the last look found in its window; below {self.said.min_rows} nothing is concluded."
        asks = [Ask(self.metrics.latest(table.ROWS, self.select), "rows")]
        return self.panels.panel("number", "Rows", self.said.address, PLAIN, asks, said, bounds)

    def _moved(self, drift: Drift) -> Sketch:
        condition = Condition(f"< {plain(drift.share)}" if drift.share is not None else "<= 0")
        bounds = [Bound(condition, drift.severity, drift.address)]
        said = "The share of the compared columns that have moved away from the reference."
        asks = [Ask(self.metrics.latest(table.DRIFT_SHARE, self.select), "moved")]
        return self.panels.panel("number", "Columns that have moved", drift.address, SHARE, asks, said, bounds, most=1)

    def _drift(self, drift: Drift) -> Sketch:
        bound = Bound(self.backend.unmoved(drift.method, drift.threshold), drift.severity, None)
        low = bound.condition.operator[0] == ">"
        scores = self.metrics.outermost(table.DRIFT_SCORE, self.select, table.COLUMN, _COLUMNS, least=low)
        said = (
            f"How far each column has moved from the reference ({drift.method}); one has moved when its score is not "
            f"`{bound.condition}`. Of more than {_COLUMNS} columns those that have moved most."
        )
        return self.panels.panel(
            "history", "Drift by column", drift.address, PLAIN, [Ask(scores, self.panels.labelled(table.COLUMN))], said,
            colours=heat(drift.address, bound),
        )  # fmt: skip

    def _predictions(self, drift: PredictionDrift) -> Iterator[Sketch]:
        bounds = [Bound(self.backend.unmoved(drift.method, drift.threshold), drift.severity, drift.address)]
        asks = [Ask(self.metrics.latest(table.PREDICTION_DRIFT, self.select), drift.method)]
        said = "How far predictions have moved from the reference."
        yield self.panels.panel("lines", "Drift of predictions", drift.address, PLAIN, asks, said, bounds)
        said = "The share of predictions of each class, or in each tenth of the reference's range."
        shares = self._by(table.PREDICTIONS, table.CATEGORY)
        yield self.panels.panel("areas", "Predictions", drift.address, SHARE, shares, said, most=1)

    def _quality(self, quality: Quality) -> Iterator[Sketch]:
        at = quality.address
        for condition in dict.fromkeys(quality.nulls.values()):
            columns = sorted(column for column, wanted in quality.nulls.items() if wanted == condition)
            asks = [
                Ask(self.metrics.latest(table.NULLS, {**self.select, table.COLUMN: column}), column)
                for column in columns
            ]  # fmt: skip
            bounds = [Bound(condition, quality.severity, f"{at}.nulls")]
            said = "The share of rows in which each column is empty."
            yield self.panels.panel("history", f"Empty, wanted {condition}", at, SHARE, asks, said, bounds, most=1)
        if quality.ranges:
            bounds = [Bound(Condition("<= 0"), quality.severity, f"{at}.ranges")]
            said = "The share of rows in which each column is out of its range."
            asks = self._by(table.OUT_OF_RANGE, table.COLUMN)
            yield self.panels.panel("history", "Out of range", at, SHARE, asks, said, bounds, most=1)
        if quality.new_categories is not None:
            bounds = [Bound(quality.new_categories, quality.severity, f"{at}.new_categories")]
            said = "The share of rows that hold a text which the reference lacks, by column."
            asks = self._by(table.NEW_CATEGORIES, table.COLUMN)
            yield self.panels.panel("history", "New categories", at, SHARE, asks, said, bounds, most=1)

    def _performance(self, said: Performance) -> Iterator[Sketch]:
        for metric, condition in sorted(said.require.items()):
            bounds = [Bound(condition, said.severity, f"{said.address}.require.{metric}")]
            asks = [Ask(self.metrics.latest(table.PERFORMANCE, {**self.select, table.METRIC: metric}), metric)]
            delay = f" They are complete after {said.delay}." if said.delay else ""
            told = f"By the true labels.{delay}"
            yield self.panels.panel(
                "lines", f"Performance: {metric}", said.address, condition.unit, asks, told, bounds, least=None
            )

    def _breaches_now(self) -> Sketch:
        asks = [Ask(self.metrics.counted(table.BREACHES, self.select, above=0), "breached")]
        bounds = [Bound(Condition("< 1"), loudest(self.said), None)]
        said = "How many conditions the last look found breached."
        return self.panels.panel("number", "Breached", self.said.address, PLAIN, asks, said, bounds)

    def _breaches(self) -> Sketch:
        by = (table.CONDITION, table.SUBJECT)
        asks = [Ask(self.metrics.latest(table.BREACHES, self.select, by), self.panels.labelled(*by))]
        waits = {kind: getattr(found, "consecutive", 1) for kind, found in on_rows(self.said).items()}
        alerts = ", ".join(f"{kind} at {count}" for kind, count in waits.items())
        said = f"How many looks in a row breached each condition. Alerts begin for {alerts}."
        bounds = [Bound(Condition("< 1"), TICKET, None)]
        return self.panels.panel("history", "Breaches in a row", self.said.address, PLAIN, asks, said, bounds)

    def _by(self, series: Series, label: str) -> list[Ask]:
        return [Ask(self.metrics.latest(series, self.select, (label,)), self.panels.labelled(label))]
