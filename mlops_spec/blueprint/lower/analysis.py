"""What must hold of a new version while it takes over: its analysis, and monitors that ask for the version before."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.blueprint import signals as table
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.monitors import called
from mlops_spec.blueprint.lower.services import CANARY, Served
from mlops_spec.blueprint.ports import Refused
from mlops_spec.blueprint.types import AlertGroup
from mlops_spec.model.common import MEASURED
from mlops_spec.model.monitors import ROLLBACK, Monitor, acting

Check = dict[str, str]
"""What ``schemas/runtime/rollout.schema.json`` says that a check is."""


def analysis(context: Context, each: Served) -> list[Check]:
    """Return the conditions on the servers of the version that takes over, and report what cannot be compared.

    While none does they are those on all servers: what is wrong with an analysis must not wait for a rollout.
    """
    metrics, rollout, canary = context.ports.metrics, each.serving.rollout, each.live.canary
    said = rollout.analysis if rollout else None
    if metrics is None or said is None:
        return []
    select = {table.NAMESPACE: str(context.environment.namespace), table.MODEL: str(each.live.name)}
    if canary is not None:
        select[table.VERSION] = str(canary.version.name)
    found = []
    for metric in sorted(MEASURED):
        condition = getattr(said, metric)
        try:
            if condition is not None:
                check = metrics.check(metric, condition, each.server.signals(each.live), select)
                found.append({"name": metric, "query": check.query, "breach": check.breach})
        except Refused as problem:
            context.refuse("MS133", str(problem), f"{said.address}.{metric}", "write it in another way")
    return found


def asking(context: Context, alerted: Iterable[AlertGroup]) -> list[Monitor]:
    """Return the monitors that have an alert whose action is to put the version before back."""
    found = {group.address for group in alerted if any(alert.action == ROLLBACK for alert in group.alerts)}
    return [monitor for _, monitor in sorted(context.spec.monitors.items()) if monitor.address in found]


def alerts(context: Context, monitors: Iterable[Monitor]) -> list[Check]:
    """Return for each monitor that asks for the version before the condition that no such alert of its is firing.

    One that was there before the rollout is no fault of the new version: ``before`` finds it.
    """
    metrics, found = context.ports.metrics, []
    if metrics is not None:
        for monitor in monitors:
            names = {table.MONITOR: str(called(context, monitor)), "action": ROLLBACK}
            select = {table.NAMESPACE: str(context.environment.namespace), **names}
            breach, before = metrics.firing(select), metrics.active(select)
            found.append({"name": monitor.address, "breach": breach, "before": before})
    return found


def withhold(context: Context, monitors: Iterable[Monitor]) -> None:
    """List what asks for the version before where nothing keeps it: only the rollout of a canary does."""
    for monitor in monitors:
        for said in acting(monitor, ROLLBACK):
            reason = "only while a canary takes over is there a version to put back; people alone are told"
            hint = f"set models.{monitor.model}.serving.rollout.strategy to {CANARY}"
            context.withhold(f"{said.address}.action", reason, hint)
