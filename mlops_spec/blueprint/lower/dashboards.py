"""Dashboards: one for each model that a monitor asks one for, and the series that are kept for them alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mlops_spec.blueprint import signals as table
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.grid import Section, arrange
from mlops_spec.blueprint.lower.monitors import COMPONENT
from mlops_spec.blueprint.lower.panels import Panels
from mlops_spec.blueprint.lower.served_panels import ServedPanels
from mlops_spec.blueprint.lower.services import Served
from mlops_spec.blueprint.lower.watched_panels import section
from mlops_spec.blueprint.names import shorten
from mlops_spec.blueprint.ports import Metrics
from mlops_spec.blueprint.types import AlertGroup, Dashboard, Label, Mark, Recording, Service, Version
from mlops_spec.blueprint.types import Monitor as Watch
from mlops_spec.language.text import Name
from mlops_spec.model.monitors import Monitor

_UID = 40
"""The longest that Grafana takes; a project, environment or model has no underscore in its name."""


class Shown(NamedTuple):
    """The dashboards of an environment, and what is kept for them."""

    dashboards: tuple[Dashboard, ...]
    kept: tuple[AlertGroup, ...]


def dashboards(context: Context, served: Iterable[Served], watched: Iterable[Watch]) -> Shown:
    """Return a dashboard for each model of which a monitor asks for one and of which something is measured."""
    live, looking = {each.model.name: each for each in served}, {watch.address: watch for watch in watched}
    found: list[Dashboard] = []
    kept: list[AlertGroup] = []
    for model, monitors in _asking(context).items():
        made = _dashboard(context, monitors, live.get(model), looking)
        if made is None:
            address = f"{monitors[0].address}.dashboard"
            context.withhold(address, f"nothing is measured of {model} that it could show")
            continue
        found.append(made)
        if model in live and context.ports.metrics is not None:
            kept.append(_weights(context, context.ports.metrics, live[model].live))
    return Shown(tuple(found), tuple(kept))


def _asking(context: Context) -> dict[str, list[Monitor]]:
    """Return by model the monitors that ask for a dashboard; none where nothing could draw it."""
    if context.ports.dashboards is None:
        return {}
    found: dict[str, list[Monitor]] = {}
    for _, monitor in sorted(context.spec.monitors.items()):
        if monitor.dashboard:
            found.setdefault(str(monitor.model), []).append(monitor)
    return found


def _dashboard(
    context: Context, monitors: Sequence[Monitor], served: Served | None, looking: Mapping[str, Watch]
) -> Dashboard | None:
    drawing, metrics = context.ports.dashboards, context.ports.metrics
    if drawing is None or metrics is None:
        return None
    panels = Panels(context, drawing, metrics)
    rows = arrange(_sections(panels, monitors, served, looking))
    if not rows:
        return None
    model, project, environment = context.spec.models[monitors[0].model], context.spec.project, context.environment
    name = context.names.of(model.address)
    resource = context.resource(f"{monitors[0].address}.dashboard", name, COMPONENT)
    family = f"project: {project.name}"
    uid = f"{project.name}_{environment.name}_{name}"
    return Dashboard(
        **resource,
        uid=shorten(uid, uid, _UID),
        title=f"{project.name}: {name} in {environment.name}",
        description=panels.text(f"{model.address}.description", model.description) if model.description else None,
        tags=("mlops-spec", family, f"environment: {environment.name}", f"model: {name}"),
        family=family,
        link=_link(panels, project.repository),
        marks=tuple(_marks(panels, model.address, name, served)),
        rows=rows,
    )


def _sections(
    panels: Panels, monitors: Sequence[Monitor], served: Served | None, looking: Mapping[str, Watch]
) -> Iterator[Section]:
    if served is not None:
        yield from ServedPanels(panels, served, monitors).sections()
    for monitor in monitors:
        yield section(panels, monitor, looking.get(monitor.address))


def _link(panels: Panels, repository: str | None) -> str | None:
    """Return the repository where a browser can open it."""
    if repository is None or not repository.startswith("http"):
        return None
    return panels.text("project.repository", repository)


def _marks(panels: Panels, address: str, name: Name, served: Served | None) -> Iterator[Mark]:
    """Yield what all panels show of a model beside their own: new versions and steps of rollouts, and its alerts."""
    select = {table.NAMESPACE: str(panels.context.environment.namespace), table.MODEL: str(name)}
    if served is not None:
        begun = panels.metrics.begun(table.WEIGHTS, {**select, table.MODEL: str(served.live.name)})
        title = f"{panels.labelled(table.VERSION)} gets {panels.labelled(table.WEIGHT)} of the requests"
        at = served.serving.address
        yield Mark(address=at, name="Versions and steps", expression=begun, title=title, colour=Name("blue"))
    named = (table.ALERTNAME, table.SEVERITY)
    firing = panels.metrics.latest(table.ALERTS, {**select, table.STATE: "firing"}, named)
    yield Mark(
        address=address, name="Alerts", expression=firing, title=panels.labelled(*named), colour=Name("red")
    )  # fmt: skip


def _weights(context: Context, metrics: Metrics, live: Service) -> AlertGroup:
    """Return what says which version of a model shall get which share of its requests."""
    name = shorten(f"{live.name}.versions", live.address, 253)
    shares = [(live.version, 100 - live.canary.weight if live.canary else 100)]
    shares += [(live.canary.version, live.canary.weight)] if live.canary else []
    recordings = tuple(_weight(metrics, live, version, weight) for version, weight in shares)
    return AlertGroup(**context.resource(live.address, name, COMPONENT), recordings=recordings, alerts=())


def _weight(metrics: Metrics, live: Service, version: Version, weight: int) -> Recording:
    labels = {
        table.NAMESPACE: str(live.namespace), table.MODEL: str(live.name), table.VERSION: str(version.name),
        table.WEIGHT: f"{weight}%",
    }  # fmt: skip
    return Recording(
        address=live.canary.address if live.canary else live.address,
        series=table.WEIGHTS.name,
        expression=metrics.constant(weight / 100),
        labels=tuple(Label(address=live.address, key=key, value=value) for key, value in sorted(labels.items())),
    )
