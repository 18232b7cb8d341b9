"""Rules about conditions that say nothing, or the opposite of what is meant: of MS401 to MS499."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.diagnostic import Severity
from mlops_spec.language.condition import Condition
from mlops_spec.lint.bounds import is_part_of_one, is_settled, settled
from mlops_spec.lint.rule import Change, Finding, View, rule
from mlops_spec.model.models import Analysis
from mlops_spec.model.monitors import Drift, Monitor, PredictionDrift, ServiceConditions

_COSTS = ("latency_p50", "latency_p95", "latency_p99", "error_rate")
_UP_TO_ONE = ("chisquare", "hellinger", "jensenshannon", "ks")


@rule("MS411", "a condition that is written as its breach", Severity.ERROR, repair="turns the condition around")
def inverted(view: View) -> Iterator[Finding]:
    """A condition asks for slow answers, errors or missing values: that `error_rate`, a latency, `nulls` or
    `new_categories` is above a number.

    Why: A condition says what must hold, not when to alert. Written the other way round it alerts, or ends a rollout,
    for as long as all is well, and falls silent when all is lost.

    Bad:

        service: {error_rate: "> 1%"}

    Good:

        service: {error_rate: "< 1%"}
    """
    for address, name, condition in _costs(view):
        if condition.operator[0] == ">":
            message = f"{name} must be {condition}: this is broken as long as all is well"
            holds = condition.replace(">", "<")
            yield Finding(address, message, f'write what must hold: "{holds}"', change=Change(address, holds))


@rule("MS412", "a range that no value is in", Severity.ERROR, repair="puts the smaller number first")
def empty(view: View) -> Iterator[Finding]:
    """A range under `ranges` has its larger number first.

    Why: No value is both at least the larger and at most the smaller one, so that every row breaches: the monitor
    alerts from the first look on, and is soon ignored.

    Bad:

        quality: {ranges: {tenure: [600, 0]}}

    Good:

        quality: {ranges: {tenure: [0, 600]}}
    """
    for monitor in view.spec.monitors.values():
        quality = monitor.quality
        for column, (low, high) in quality.ranges.items() if quality else ():
            if quality and low > high:
                message = f"no value of {column} is at least {low} and at most {high}"
                address = f"{quality.address}.ranges.{column}"
                change = Change(address, (high, low))
                yield Finding(address, message, f"write `[{high}, {low}]`", change=change)


@rule(
    "MS413",
    "a condition that is always broken, or never",
    Severity.ERROR,
    repair="writes a number above 1 as a percentage",
)
def undecided(view: View) -> Iterator[Finding]:
    """A condition on a part of one can never hold, or always does: on the share of `nulls` or `new_categories`, or on a
    metric of `performance` that lies between 0 and 1 by its name (AUC, accuracy, precision, recall, F1).

    Why: What always holds watches nothing. What never holds alerts at every look, until somebody switches it off:
    mostly it is a percentage with the sign missing.

    Bad:

        quality: {nulls: {tenure: "< 5"}}

    Good:

        quality: {nulls: {tenure: "< 5%"}}
    """
    for address, name, condition in _parts(view):
        holds = is_settled(condition, 0, 1)
        if holds is not None:
            how = "always" if holds else "never"
            message = f"{name} is {how} {condition}: this {'never alerts' if holds else 'alerts at every look'}"
            yield settled(message, address, condition)


@rule("MS414", "a distance that is never reached, or always", Severity.ERROR)
def unreachable(view: View) -> Iterator[Finding]:
    """The `threshold` of a drift is 0, or more than 1 with a method whose distances end there: `chisquare`,
    `hellinger`, `jensenshannon` or `ks`.

    Why: From a distance of 0 on every column has moved, at every look. Beyond the largest distance none ever has: the
    monitor runs each hour and sees nothing.

    Bad:

        drift: {method: jensenshannon, threshold: 20}

    Good:

        drift: {method: jensenshannon, threshold: 0.2}
    """
    for watched in _drifts(view):
        if watched.threshold == 0:
            message = "every column is at a distance of 0 or more: this alerts at every look"
            yield Finding(f"{watched.address}.threshold", message, "choose a distance above 0")
        elif watched.threshold > 1 and watched.method in _UP_TO_ONE:
            message = f"the distance of {watched.method} is 1 at most: this never alerts"
            yield Finding(f"{watched.address}.threshold", message, "choose a distance between 0 and 1")


def _costs(view: View) -> Iterator[tuple[str, str, Condition]]:
    """Yield the conditions on what is better the less there is of it."""
    for model in view.spec.models.values():
        rollout = model.serving.rollout if model.serving else None
        if rollout and rollout.analysis:
            yield from _of_service(rollout.analysis)
    for monitor in view.spec.monitors.values():
        yield from _shares(monitor)
        if monitor.service:
            yield from _of_service(monitor.service)


def _of_service(node: Analysis | ServiceConditions) -> Iterator[tuple[str, str, Condition]]:
    for name in _COSTS:
        condition: Condition | None = getattr(node, name)
        if condition is not None:
            yield f"{node.address}.{name}", name, condition


def _parts(view: View) -> Iterator[tuple[str, str, Condition]]:
    """Yield the conditions on a part of one, less those that are written as their breach."""
    for monitor in view.spec.monitors.values():
        yield from (found for found in _shares(monitor) if found[2].operator[0] != ">")
        watched = monitor.performance
        for metric, condition in watched.require.items() if watched else ():
            if watched and is_part_of_one(metric):
                yield f"{watched.address}.require.{metric}", metric, condition


def _shares(monitor: Monitor) -> Iterator[tuple[str, str, Condition]]:
    """Yield the conditions on a share of rows."""
    if monitor.quality:
        at = monitor.quality.address
        for column, condition in monitor.quality.nulls.items():
            yield f"{at}.nulls.{column}", f"the share of rows without {column}", condition
        if monitor.quality.new_categories:
            yield f"{at}.new_categories", "the share of new categories", monitor.quality.new_categories


def _drifts(view: View) -> Iterator[Drift | PredictionDrift]:
    for monitor in view.spec.monitors.values():
        yield from (watched for watched in (monitor.drift, monitor.prediction_drift) if watched)


RULES = (inverted, empty, undecided, unreachable)
