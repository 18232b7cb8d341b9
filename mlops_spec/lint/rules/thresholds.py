"""Rules about conditions that say nothing, or the opposite of what is meant: of MS401 to MS499."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.diagnostic import Severity
from mlops_spec.language.condition import Condition
from mlops_spec.lint.bounds import as_percentage, is_settled, largest, meant
from mlops_spec.lint.rule import Change, Finding, View, rule
from mlops_spec.model.common import ERRORS, LATENCIES
from mlops_spec.model.models import Analysis
from mlops_spec.model.monitors import Drift, Monitor, PredictionDrift, ServiceConditions

_UP_TO_ONE = ("hellinger", "jensenshannon")
_P_VALUES = ("chisquare", "ks")


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
    repair="writes a share of rows above 1 as a percentage",
)
def undecided(view: View) -> Iterator[Finding]:
    """A condition can never hold, or always does, because of what it is about: a share of rows lies between 0 and 1
    (`nulls`, `new_categories`), and so does AUC; accuracy, precision, recall and F1 lie there, or are in percent.

    Why: What always holds watches nothing. What never holds alerts at every look, until somebody switches it off:
    mostly it is a percentage with the sign missing.

    Bad:

        quality: {nulls: {tenure: "< 5"}}

    Good:

        quality: {nulls: {tenure: "< 5%"}}
    """
    for monitor in view.spec.monitors.values():
        for address, name, condition in _shares(monitor):
            percentage = as_percentage(condition)
            change = Change(address, percentage) if percentage else None
            if condition.operator[0] != ">":  # else it is written as its breach
                yield from _settled(address, name, condition, is_settled(condition), change)
        watched = monitor.performance
        for metric, condition in watched.require.items() if watched else ():
            if watched:
                holds = is_settled(condition, largest(metric))
                yield from _settled(f"{watched.address}.require.{metric}", metric, condition, holds)


@rule("MS414", "a drift that is never seen, or always", Severity.ERROR)
def unreachable(view: View) -> Iterator[Finding]:
    """The `threshold` of a drift is 0, or above all that the method can measure: distances of `hellinger` and
    `jensenshannon` are 1 at most, and so are the p-values of `chisquare` and `ks`, below which a column has moved.

    Why: The monitor runs each hour and never sees anything, or alerts at every look and is soon ignored.

    Bad:

        drift: {method: jensenshannon, threshold: 20}

    Good:

        drift: {method: jensenshannon, threshold: 0.2}
    """
    for watched in _drifts(view):
        is_p_value = watched.method in _P_VALUES
        is_above = watched.threshold > 1 and (is_p_value or watched.method in _UP_TO_ONE)
        if watched.threshold == 0 or is_above:
            number, bound = "p-value" if is_p_value else "distance", "above 1" if is_above else "below 0"
            what = "alerts at every look" if is_above is is_p_value else "never alerts"
            message = f"no {number} of {watched.method} is {bound}: this {what}"
            yield Finding(f"{watched.address}.threshold", message, f"choose a {number} that can be measured")


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
    for name in (*LATENCIES, ERRORS):
        condition: Condition | None = getattr(node, name)
        if condition is not None:
            yield f"{node.address}.{name}", name, condition


def _settled(
    address: str, name: str, condition: Condition, holds: bool | None, change: Change | None = None
) -> Iterator[Finding]:
    if holds is not None:
        how, what = ("always", "never alerts") if holds else ("never", "alerts at every look")
        yield Finding(address, f"{name} is {how} {condition}: this {what}", meant(condition), change=change)


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
