"""Prometheus, by the Prometheus operator: rules, what is scraped, and who is told through Alertmanager.

PromQL is written here and nowhere else. Every label's value and number goes through ``_quoted`` and ``_number``; a
query of the user's own stands between parentheses of ours, which it cannot close.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.effects import Effect, does
from mlops_spec.blueprint.lower.artifacts import endpoint
from mlops_spec.blueprint.ports import File, Refused, file, limit
from mlops_spec.blueprint.signals import ALERTS, BUCKET, STATE, WINDOW, Series
from mlops_spec.blueprint.types import Blueprint, Check, Label, Objective, Signals
from mlops_spec.language.condition import Condition
from mlops_spec.language.promql import whole
from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration

_WINDOW = "5m"
"""Over which rates are taken: ten scrapes at the operator's usual 30 s, so that one missed scrape changes nothing."""

_UNITS = {"latency": ("seconds",), "error_rate": ("share", ""), "throughput": ("per second", "")}
_WAYS_OUT = {"latency": "ms or s, as in `< 250ms`", "error_rate": "%, as in `< 1%`", "throughput": "/s, as in `> 1/s`"}


def _a_week(window: str) -> bool:
    return Duration(window).seconds >= 7 * 86400


class Prometheus(System):
    """The options of ``platform.metrics`` with ``backend: prometheus``."""

    url: str | None
    push: str | None
    labels: Mapping[str, str]

    effects = does(
        "PrometheusRule",
        Effect.THRESHOLD,
        *(f"spec/groups/*/rules/*/{field}" for field in ("expr", "for", "keep_firing_for")),
    )
    limits = (
        limit(
            "models.*.slo.window", _a_week,
            "the shortest of the windows that errors are counted over would hold too few scrapes (it takes 7d or more)",
        ),
    )  # fmt: skip

    def check(self, metric: str, condition: Condition, signals: Signals, labels: Mapping[str, str]) -> Check:
        """Say a condition on a server. Raises Refused.

        Where nobody asked, an error rate and a latency are no number and breach nothing, while the throughput is 0.
        """
        kind = metric.partition("_p")[0]
        if condition.unit not in _UNITS[kind]:
            raise Refused(f"{metric} is compared with a number in {_WAYS_OUT[kind]}")
        return self._compared(metric, self.measured(metric, signals, labels), condition)

    def measured(self, metric: str, signals: Signals, labels: Mapping[str, str], by: Sequence[str] = ()) -> str:
        """Say the number that a condition is about."""
        if metric == "error_rate":
            return _failed(signals, labels, _WINDOW, by)
        asked = _selector(labels, signals.asked)
        if metric == "throughput":
            rate = f"{_sum(by)}(rate({signals.requests}{asked}[{_WINDOW}]))"
            return rate if by else f"({rate} or vector(0))"
        buckets = f"{_sum((BUCKET, *by))}(rate({signals.latency}_bucket{asked}[{_WINDOW}]))"
        return f"histogram_quantile(0.{metric.partition('_p')[2]}, {buckets})"

    def split(self, signals: Signals, labels: Mapping[str, str], by: str) -> str:
        """Say the share of requests that each value of a label has."""
        rate = f"(rate({signals.requests}{_selector(labels, signals.asked)}[{_WINDOW}]))"
        return f"{_sum((by,))}{rate} / ignoring({by}) group_left sum{rate}"

    def spread(self, signals: Signals, labels: Mapping[str, str]) -> str:
        """Say how many requests per second ended in each bucket."""
        return f"{_sum((BUCKET,))}(rate({signals.latency}_bucket{_selector(labels, signals.asked)}[{_WINDOW}]))"

    def custom(self, query: str, condition: Condition) -> Check:
        """Say a condition on a query of the user's own. Raises Refused."""
        problem = whole(query)
        if problem:
            raise Refused(f"the query is not one whole PromQL expression: {problem}")
        return self._compared("custom", f"(\n{query.strip()}\n)", condition)

    def _compared(self, metric: str, query: str, condition: Condition) -> Check:
        breach = f"{query} {condition.breach} {_number(condition.value)}"
        return Check(address=self.address, metric=Name(metric), query=query, breach=breach)

    def missed(self, objective: Objective, signals: Signals, labels: Mapping[str, str], window: Duration) -> str:
        """Say the share of requests that missed an objective."""
        if objective.under is None:
            return _failed(signals, labels, window)
        every = f"sum(rate({signals.latency}_count{_selector(labels, signals.asked)}[{window}]))"
        bucket = _selector(labels, signals.asked, f"le={_quoted(repr(float(objective.under)))}")
        return f"1 - sum(rate({signals.latency}_bucket{bucket}[{window}])) / {every}"

    def burn(self, series: Series, labels: Mapping[str, str], bound: float, windows: tuple[Duration, Duration]) -> str:
        """Say that both windows miss too much (Google, The Site Reliability Workbook, chapter 5)."""
        wide, near = (
            f"{series.name}{_selector({**labels, WINDOW: window})} > {_number(round(bound, 12))}" for window in windows
        )
        return f"({wide} and ignoring({WINDOW}) {near})"

    def reached(self, series: Series, labels: Mapping[str, str], by: Sequence[str], count: int) -> str:
        """Say that a series has come to a count."""
        return f"{self.latest(series, labels, by)} >= {_number(count)}"

    def later(self, series: Series, than: Series, labels: Mapping[str, str], *, ever: bool = False) -> str:
        """Say that a series of Unix times is later than another one; with ``ever`` also where there is no other."""
        other = self.latest(than, labels)
        return f"{self.latest(series, labels)} > {f'({other} or vector(0))' if ever else other}"

    def age(self, series: Series, labels: Mapping[str, str]) -> str:
        """Say how many seconds ago the last of a series of Unix times was."""
        return f"time() - {self.latest(series, labels)}"

    def silent(self, series: Series, labels: Mapping[str, str], seconds: int) -> str:
        """Say that a series of Unix times is older than so many seconds."""
        return f"{self.age(series, labels)} > {_number(seconds)}"

    def missing(self, series: Series, labels: Mapping[str, str]) -> str:
        """Say that there is no such series."""
        return f"absent({series.name}{_selector(labels)})"

    def left(self, objective: Objective, signals: Signals, labels: Mapping[str, str], window: Duration) -> str:
        """Say what is left of a budget, as far back as Prometheus still has the series."""
        missed = self.missed(objective, signals, labels, window)
        return f"1 - ({missed}) / {_number(round(1 - objective.share, 12))}"

    def pace(self, series: Series, labels: Mapping[str, str], share: float) -> str:
        """Say how many times as fast as promised requests miss an objective."""
        return f"{self.latest(series, labels)} / {_number(round(1 - share, 12))}"

    def latest(self, series: Series, labels: Mapping[str, str], by: Sequence[str] = ()) -> str:
        """Say a series' own number."""
        return f"max{_by(by)}({series.name}{_selector(labels)})"

    def outermost(self, series: Series, labels: Mapping[str, str], by: str, count: int, *, least: bool) -> str:
        """Say as many of a series as are largest (or smallest)."""
        return f"{'bottomk' if least else 'topk'}({_number(count)}, {self.latest(series, labels, (by,))})"

    def counted(self, series: Series, labels: Mapping[str, str], above: float | None = None) -> str:
        """Say how many of a series there are, or are above a number."""
        bound = "" if above is None else f" > {_number(above)}"
        return f"(count({series.name}{_selector(labels)}{bound}) or vector(0))"

    def begun(self, series: Series, labels: Mapping[str, str]) -> str:
        """Say 1 of what there is now and was not before."""
        named = f"{series.name}{_selector(labels)}"
        return f"group{_by(series.labels)}({named} unless {named} offset {_WINDOW})"

    def constant(self, value: float) -> str:
        """Say a number that is always the same."""
        return f"vector({_number(value)})"

    def firing(self, labels: Mapping[str, str]) -> str:
        """Say which alerts are firing, by the series that Prometheus keeps of alerts."""
        return self.active({STATE: "firing", **labels})

    def active(self, labels: Mapping[str, str]) -> str:
        """Say which alerts wait to fire, or fire."""
        return f"max without ({STATE}) ({ALERTS.name}{_selector(labels)})"

    def text(self, text: str) -> str:
        """Return text that Go's templates, which Prometheus and Alertmanager use, print as it is."""
        return text.replace("{{", '{{"{{"}}')

    def scraped_from(self) -> Name | None:
        """Return the namespace of the server, where its address is one of this cluster."""
        return endpoint(self.url, self.address).namespace if self.url else None

    @property
    def selected(self) -> tuple[Label, ...]:
        """Return the labels by which the operator finds objects."""
        return tuple(
            Label(address=f"{self.address}.labels", key=key, value=value) for key, value in sorted(self.labels.items())
        )

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print what is scraped, what is alerted, and who is told."""
        for scrape in blueprint.scrapes:
            port = Name(str(scrape.signals.port))
            yield file("metrics/prometheus/podmonitor.yaml.j2", scrape=scrape, port=port, options=self)
        for group in blueprint.alerts:
            yield file("metrics/prometheus/prometheusrule.yaml.j2", group=group, options=self)
        if blueprint.notifications is not None:
            notifications = blueprint.notifications
            yield file("metrics/prometheus/alertmanagerconfig.yaml.j2", notifications=notifications, options=self)


def _failed(signals: Signals, labels: Mapping[str, str], window: str, by: Sequence[str] = ()) -> str:
    """Return the share of requests that failed: 0 where none ever did, no number where nobody asked."""
    every = f"{_sum(by)}(rate({signals.requests}{_selector(labels, signals.asked)}[{window}]))"
    failed = f"{_sum(by)}(rate({signals.requests}{_selector(labels, signals.asked, signals.failed)}[{window}]))"
    return f"({failed} or 0 * {every}) / {every}"


def _sum(by: Sequence[str]) -> str:
    return f"sum{_by(by)}"


def _by(labels: Sequence[str]) -> str:
    return f" by ({', '.join(labels)}) " if labels else ""


def _selector(labels: Mapping[str, str], *matchers: str) -> str:
    named = (f"{name}={_quoted(value)}" for name, value in labels.items())
    return "{" + ", ".join((*named, *matchers)) + "}"


def _quoted(value: str) -> str:
    """Write a text as PromQL's string literal: the only place where one is written."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _number(value: float) -> str:
    """Write a number as PromQL has it."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))
