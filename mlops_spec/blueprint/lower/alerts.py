"""Alerts: of a model's objectives, and of what a monitor says of its server and asks of Prometheus itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from mlops_spec.blueprint import signals as table
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.monitors import COMPONENT, called, loudest, patience
from mlops_spec.blueprint.lower.objectives import Promise, paces, promises
from mlops_spec.blueprint.lower.services import Served
from mlops_spec.blueprint.names import shorten
from mlops_spec.blueprint.ports import Metrics, Refused
from mlops_spec.blueprint.types import Alert, AlertGroup, Check, Label, Objective, Recording, Scrape
from mlops_spec.blueprint.types import Monitor as Watch
from mlops_spec.language.condition import Condition
from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration
from mlops_spec.model.common import MEASURED
from mlops_spec.model.monitors import CustomCondition, Monitor, ServiceConditions, on_rows

_BREACHED = {
    "quality": "the rows are not what they must be",
    "drift": "its features have moved away from the reference",
    "prediction_drift": "its predictions have moved away from the reference",
    "performance": "it no longer reaches what it must",
}


def scrapes(context: Context, served: Iterable[Served]) -> tuple[Scrape, ...]:
    """Return where the series of each model's servers are read; nothing reads them without a metrics system."""
    if context.ports.metrics is None:
        return ()
    return tuple(
        Scrape(
            **context.resource(service.address, service.name, COMPONENT),
            model=service.name,
            pods=service.selector,
            signals=each.server.signals(service),
        )
        for each in served
        for service in each.services()
    )


def groups(context: Context, served: Iterable[Served], watched: Iterable[Watch]) -> tuple[AlertGroup, ...]:
    """Return the alerts of every model's objectives and of every monitor."""
    metrics = context.ports.metrics
    if metrics is None:
        return ()
    live, looking = {each.model.name: each for each in served}, {watch.address: watch for watch in watched}
    for name, model in sorted(context.spec.models.items()):
        if model.slo and name not in live:
            context.withhold(model.slo.address, f"{name} is not served here")
    found = [_Objectives(context, metrics, each).group() for each in live.values() if each.model.slo]
    for _, said in sorted(context.spec.monitors.items()):
        found.append(_Monitor(context, metrics, said, live.get(said.model), looking.get(said.address)).group())
    return tuple(group for group in found if group.alerts)


class Alerts:
    """What the alerts of one group share: whose they are, and the labels by which they are routed."""

    def __init__(self, context: Context, metrics: Metrics, address: str, named: str, labels: Mapping[str, str]) -> None:
        self.context, self.metrics, self.address, self.named = context, metrics, address, named
        environment = context.environment
        self.recordings: dict[tuple[str, str], Recording] = {}
        self.labels = {"environment": str(environment.name), table.NAMESPACE: str(environment.namespace), **labels}

    def alert(
        self,
        address: str,
        kind: str,
        expression: str,
        said: str,
        severity: str,
        action: str | None,
        wait: int = 0,
        **more: str,
    ) -> Alert:
        """Make an alert; ``said`` is a sentence about what has happened."""
        labels = {**self.labels, "severity": severity, **({"action": action} if action else {}), **more}
        return Alert(
            address=address,
            name=_camel(f"{self.named}-{kind}"),
            expression=expression,
            wait=str(Duration.of(wait)) if wait else None,
            severity=Name(severity),
            action=Name(action) if action else None,
            labels=_labels(address, labels),
            summary=said,
            description=self.metrics.text(
                f"Asked for by {self.context.file}#{address} in {self.context.environment.name}."
            ),
        )

    def group_of(self, name: Name, alerts: Iterable[Alert]) -> AlertGroup:
        """Return the alerts as one object, with the series that making them has asked for."""
        made, resource = tuple(alerts), self.context.resource(self.address, name, COMPONENT)
        return AlertGroup(**resource, recordings=tuple(self.recordings.values()), alerts=made)


def _labels(address: str, labels: Mapping[str, str]) -> tuple[Label, ...]:
    return tuple(Label(address=address, key=key, value=value) for key, value in sorted(labels.items()))


def _camel(name: str) -> Name:
    return Name("".join(part[:1].upper() + part[1:] for part in name.replace("_", "-").split("-")))


class _Objectives(Alerts):
    """The alerts of one model's objectives: by how fast they use up their budget of errors."""

    def __init__(self, context: Context, metrics: Metrics, each: Served) -> None:
        assert each.model.slo is not None
        self.slo, self.served = each.model.slo, each
        server, model = str(each.live.name), str(context.names.of(each.model.address))
        super().__init__(context, metrics, self.slo.address, server, {table.MODEL: model})
        self.signals = each.server.signals(each.live)
        self.select = {table.NAMESPACE: str(context.environment.namespace), table.MODEL: server}

    def group(self) -> AlertGroup:
        name = shorten(f"{self.served.live.name}.slo", self.address, 253)
        return self.group_of(Name(name), self._alerts())

    def _alerts(self) -> Iterator[Alert]:
        for promise in promises(self.slo):
            under = promise.objective.under
            if under is not None and under not in self.signals.buckets:
                self._refuse(f"{promise.objective.address}.under", under)
            else:
                yield from self._burning(promise)

    def _refuse(self, address: str, under: float) -> None:
        known = ", ".join(_milliseconds(bucket) for bucket in self.signals.buckets)
        message = f"the server counts no requests under {_milliseconds(under)}: its histogram has other bounds"
        self.context.refuse("MS134", message, address, f"choose one of {known}")

    def _burning(self, promise: Promise) -> Iterator[Alert]:
        """Yield the alerts of an objective, and keep what they are decided by."""
        kind, objective, well = promise
        select, window = {**self.select, table.OBJECTIVE: kind}, self.slo.window
        promised = f"{objective.share * 100:g}% are to be {well}"
        for severity, found in paces(window).items():
            burns = []
            for pace in found:
                windows = (pace.window, pace.recent)
                self._keep(objective, kind, windows)
                burns.append(self.metrics.burn(table.MISSED, select, pace.factor * (1 - objective.share), windows))
            lasting = Duration.of(int(window.seconds / found[-1].factor))
            said = f"{self.named}: so many requests miss the objective ({promised}) that the budget of {window} is gone"
            expression = f" or ignoring({table.WINDOW}) ".join(burns)
            yield self.alert(
                objective.address, f"{kind}-{severity}", expression, f"{said} after {lasting}.", severity, None,
                objective=kind,
            )  # fmt: skip

    def _keep(self, objective: Objective, kind: str, windows: Iterable[Duration]) -> None:
        for window in windows:
            labels = {table.MODEL: self.named, table.OBJECTIVE: kind, table.WINDOW: str(window)}
            labels[table.NAMESPACE] = str(self.context.environment.namespace)
            self.recordings[kind, window] = Recording(
                address=objective.address,
                series=table.MISSED.name,
                expression=self.metrics.missed(objective, self.signals, self.select, window),
                labels=_labels(objective.address, labels),
            )


def _milliseconds(seconds: float) -> str:
    return f"{seconds:g}s" if seconds >= 1 else f"{round(seconds * 1000)}ms"


class _Monitor(Alerts):
    """The alerts of one monitor."""

    def __init__(
        self, context: Context, metrics: Metrics, said: Monitor, served: Served | None, watch: Watch | None
    ) -> None:
        self.said, self.served, self.watch = said, served, watch
        self.name = called(context, said)
        self.model = str(context.names.of(f"models.{said.model}"))
        labels = {table.MODEL: self.model, table.MONITOR: str(self.name)}
        super().__init__(context, metrics, said.address, str(self.name), labels)

    def group(self) -> AlertGroup:
        return self.group_of(self.name, (*self._watched(), *self._service(), *self._custom()))

    def _watched(self) -> Iterator[Alert]:
        """Yield the alerts of what the monitor's job decides: one per condition, and those of its silence."""
        if self.watch is None:
            return
        select = {key: self.labels[key] for key in table.MONITORED_BY}
        found = on_rows(self.said)
        for kind, said in found.items():
            expression = self.metrics.reached(
                table.BREACHES, {**select, table.CONDITION: kind}, (table.SUBJECT,), getattr(said, "consecutive", 1)
            )
            text = f"{self.model}: {_BREACHED[kind]}: {{{{ $labels.{table.SUBJECT} }}}}."
            yield self.alert(said.address, kind, expression, text, said.severity, said.action, condition=kind)
        yield from self._silent(select)

    def _silent(self, select: Mapping[str, str]) -> Iterator[Alert]:
        """Yield the alerts of a monitor that has stopped reporting, and of one that never began."""
        assert self.watch is not None
        schedule, seconds, severity = self.watch.job.schedule, patience(self.watch.job), loudest(self.said)
        silent = self.metrics.silent(table.LAST_LOOK, select, seconds)
        text = f"The monitor {self.name} has not looked at {self.model} for {Duration.of(seconds)}: its job fails."
        yield self.alert(schedule.address, "silent", silent, text, severity, None)
        missing = self.metrics.missing(table.LAST_LOOK, select)
        text = f"Nothing is known of the monitor {self.name}: its job has never ended well, or the Pushgateway is lost."
        yield self.alert(schedule.address, "unheard", missing, text, severity, None, seconds)

    def _service(self) -> Iterator[Alert]:
        said, served = self.said.service, self.served
        if said is None:
            return
        if served is None:
            self.context.withhold(said.address, f"{self.said.model} is not served here")
            return
        signals = served.server.signals(served.live)
        select = {table.NAMESPACE: str(self.context.environment.namespace), table.MODEL: str(served.live.name)}
        for metric in MEASURED:
            condition: Condition | None = getattr(said, metric)
            if condition is not None:
                check = partial(self.metrics.check, metric, condition, signals, select)
                yield from self._checked(f"{said.address}.{metric}", metric, condition, check, said)

    def _custom(self) -> Iterator[Alert]:
        for name, said in sorted(self.said.custom.items()):
            yield from self._checked(
                said.address, name, said.require, partial(self.metrics.custom, said.query, said.require), said
            )

    def _checked(
        self,
        address: str,
        name: str,
        condition: Condition,
        check: Callable[[], Check],
        said: ServiceConditions | CustomCondition,
    ) -> Iterator[Alert]:
        try:
            breach = check().breach
        except Refused as problem:
            self.context.refuse("MS133", str(problem), address, "write it in another way")
            return
        text = f"{self.model}: {name} is not {condition}."
        yield self.alert(address, name, breach, text, said.severity, said.action, said.for_.seconds)
