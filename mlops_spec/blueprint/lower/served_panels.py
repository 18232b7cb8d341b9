"""What a dashboard shows of a model that answers requests: how many, how fast, how well, by which versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlops_spec.blueprint import signals as table
from mlops_spec.blueprint.lower.grid import Section, Sketch
from mlops_spec.blueprint.lower.objectives import PAGE, Pace, Promise, paces, promises
from mlops_spec.blueprint.lower.panels import PER_SECOND, SECONDS, SHARE, TIMES, Ask, Panels
from mlops_spec.blueprint.lower.services import CANARY, Served
from mlops_spec.blueprint.lower.thresholds import Bound
from mlops_spec.blueprint.types import Service
from mlops_spec.language.condition import Condition
from mlops_spec.language.units import Duration
from mlops_spec.model.common import ERRORS, LATENCIES, REQUESTS
from mlops_spec.model.models import Objectives, Rollout
from mlops_spec.model.monitors import Monitor


class ServedPanels:
    """The panels of one model's servers; the conditions of ``monitors`` colour them."""

    def __init__(self, panels: Panels, served: Served, monitors: Sequence[Monitor]) -> None:
        self.panels, self.served, self.monitors = panels, served, monitors
        self.metrics, self.address = panels.metrics, served.serving.address
        self.signals, self.select = served.server.signals(served.live), self._select(served.live)
        self.version = panels.labelled(table.VERSION)

    def _select(self, service: Service) -> dict[str, str]:
        return {table.NAMESPACE: str(service.namespace), table.MODEL: str(service.name)}

    def sections(self) -> Iterator[Section]:
        """Yield what is true now, then how it came to be."""
        slo, rollout, shadow = self.served.model.slo, self.served.serving.rollout, self.served.shadow
        yield Section(self.address, None, [[*self._now(), *(self._budgets(slo) if slo else ()), self._alerts()]])
        yield Section(self.address, "Requests", [[self._requests(), self._errors()]])
        yield Section(self.address, "Latency", [[self._latency(), self._spread()]])
        if rollout and rollout.strategy == CANARY:
            yield Section(rollout.address, "Versions beside each other", [[*self._versions(rollout)]])
        if slo:
            yield Section(slo.address, "Objectives", [[self._burn(slo, each) for each in promises(slo)]])
        if shadow:
            yield Section(shadow.address, "Shadow", [[*self._shadow(shadow)]])

    def _now(self) -> Iterator[Sketch]:
        by = (table.VERSION, table.WEIGHT)
        ask = Ask(self.metrics.latest(table.WEIGHTS, self.select, by), self.panels.labelled(*by), instant=True)
        said = "The versions that answer now, and the share of requests that each shall get."
        yield self.panels.panel("names", "Versions", self.address, SHARE, [ask], said)
        yield self._number("Requests", PER_SECOND, REQUESTS)
        yield self._number("Errors", SHARE, ERRORS)
        quantile = next((each for each in reversed(LATENCIES) if self._bounds(each)), LATENCIES[-1])
        yield self._number(f"Latency {_short(quantile)}", SECONDS, quantile)

    def _number(self, title: str, unit: str, metric: str) -> Sketch:
        asks = [Ask(self.metrics.measured(metric, self.signals, self.select), title)]
        return self.panels.panel("number", title, self.address, unit, asks, bounds=self._bounds(metric))

    def _budgets(self, slo: Objectives) -> Iterator[Sketch]:
        for promise in promises(slo):
            at, share = promise.objective.address, f"{promise.objective.share * 100:g}%"
            left = self.metrics.left(promise.objective, self.signals, self.select, slo.window)
            said = f"What is left, over {slo.window}, of the requests that may miss that {share} are {promise.well}."
            yield self.panels.panel(
                "number", f"Budget: {promise.kind}", at, SHARE, [Ask(left, promise.kind, instant=True)], said,
                [Bound(Condition("> 0"), PAGE, None)], least=None,
            )  # fmt: skip

    def _alerts(self) -> Sketch:
        model = str(self.panels.context.names.of(self.served.model.address))
        firing = self.metrics.counted(table.ALERTS, {**self.select, table.MODEL: model, table.STATE: "firing"})
        bounds = [Bound(Condition("< 1"), PAGE, None)]
        return self.panels.panel("number", "Alerts", self.address, "", [Ask(firing, "firing")], bounds=bounds)

    def _requests(self) -> Sketch:
        rate = self.metrics.measured(REQUESTS, self.signals, self.select, (table.VERSION,))
        return self.panels.panel(
            "areas", "Requests by version", self.address, PER_SECOND, [Ask(rate, self.version)],
            bounds=self._bounds(REQUESTS),
        )  # fmt: skip

    def _errors(self) -> Sketch:
        asks = [Ask(self.metrics.measured(ERRORS, self.signals, self.select), "all")]
        return self.panels.panel(
            "lines", "Requests that failed", self.address, SHARE, asks, bounds=self._bounds(ERRORS)
        )

    def _latency(self) -> Sketch:
        asks = [Ask(self.metrics.measured(each, self.signals, self.select), _short(each)) for each in LATENCIES]
        bounds = [bound for quantile in LATENCIES for bound in self._bounds(quantile)]
        said = "The time within which half, 95% and 99% of the requests are answered."
        return self.panels.panel("lines", "Latency", self.address, SECONDS, asks, said, bounds)

    def _spread(self) -> Sketch:
        asks = [Ask(self.metrics.spread(self.signals, self.select), self.panels.labelled(table.BUCKET))]
        said = "How many requests took how long."
        return self.panels.panel("spread", "Latency of all requests", self.address, SECONDS, asks, said)

    def _versions(self, rollout: Rollout) -> Iterator[Sketch]:
        by = (table.VERSION,)
        asks = [
            Ask(self.metrics.split(self.signals, self.select, table.VERSION), self.version),
            Ask(self.metrics.latest(table.WEIGHTS, self.select, by), f"{self.version} as the lock has it"),
        ]
        said = "The share of requests that each version gets, and shall get."
        yield self.panels.panel("lines", "Share of requests", rollout.address, SHARE, asks, said, most=1)
        quantile = next((each for each in reversed(LATENCIES) if _wanted(rollout, each)), LATENCIES[-1])
        for title, unit, metric in (("Errors", SHARE, ERRORS), (f"Latency {_short(quantile)}", SECONDS, quantile)):
            ask = Ask(self.metrics.measured(metric, self.signals, self.select, by), self.version)
            wanted = _wanted(rollout, metric)
            said = f"The analysis of a rollout wants `{wanted}`." if wanted else ""
            bounds = [Bound(wanted, PAGE, None)] if wanted else []
            yield self.panels.panel("lines", f"{title} by version", rollout.address, unit, [ask], said, bounds)

    def _burn(self, slo: Objectives, promise: Promise) -> Sketch:
        select = {**self.select, table.OBJECTIVE: promise.kind}
        found = [pace for group in paces(slo.window).values() for pace in group]
        asks = [
            Ask(self._pace(select, each.window, promise.objective.share), f"over {each.window}") for each in found
        ]  # fmt: skip
        share = f"{promise.objective.share * 100:g}%"
        said = (
            f"{share} are to be {promise.well}: how many times as fast as promised the budget of {slo.window} is used "
            f"up. {' '.join(map(_told, found))}"
        )
        at = promise.objective.address
        bounds = [Bound(Condition(f"< {each.factor:g}"), each.severity, None) for each in found]
        return self.panels.panel("lines", f"Use of the budget: {promise.kind}", at, TIMES, asks, said, bounds)

    def _pace(self, select: dict[str, str], window: Duration, share: float) -> str:
        return self.metrics.pace(table.MISSED, {**select, table.WINDOW: window}, share)

    def _shadow(self, shadow: Service) -> Iterator[Sketch]:
        signals, select = self.served.server.signals(shadow), self._select(shadow)
        said = "Of the copies that the shadow gets; nobody waits for its answers."
        shown = (
            ("Requests to", PER_SECOND, REQUESTS),
            ("Errors of", SHARE, ERRORS),
            ("Latency p99 of", SECONDS, LATENCIES[-1]),
        )
        for title, unit, metric in shown:
            ask = Ask(self.metrics.measured(metric, signals, select, (table.VERSION,)), self.version)
            yield self.panels.panel("lines", f"{title} the shadow", shadow.address, unit, [ask], said)

    def _bounds(self, metric: str) -> list[Bound]:
        found = []
        for monitor in self.monitors:
            condition: Condition | None = getattr(monitor.service, metric, None)
            if monitor.service is not None and condition is not None:
                found.append(Bound(condition, monitor.service.severity, f"{monitor.service.address}.{metric}"))
        return found


def _wanted(rollout: Rollout, metric: str) -> Condition | None:
    return getattr(rollout.analysis, metric, None)


def _short(quantile: str) -> str:
    return quantile.removeprefix("latency_")


def _told(pace: Pace) -> str:
    outcome = "pages" if pace.severity == PAGE else "is a ticket"
    return f"More than {pace.factor:g} over {pace.window}, and still over {pace.recent}, {outcome}."
