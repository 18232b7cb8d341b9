"""Which real system carries each capability of an environment: its own node, or what is withheld for want of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple, cast

from mlops_spec.address import Path, parse
from mlops_spec.backends import systems
from mlops_spec.backends.backend import System
from mlops_spec.backends.limits import check, unbuilt
from mlops_spec.backends.orchestrator.local import Local
from mlops_spec.backends.registry.mlflow import MLflow as Registry
from mlops_spec.backends.tracking.mlflow import MLflow as Tracking
from mlops_spec.blueprint.lower.context import Ports
from mlops_spec.blueprint.types import Blueprint
from mlops_spec.diagnostic import Diagnostic
from mlops_spec.model.build import build
from mlops_spec.source.tree import Map, find, select

CAPABILITIES = (
    "tracking registry orchestrator features serving gateway rollout batch monitoring metrics dashboards "
    "secrets delivery ci"
).split()


class Chosen(NamedTuple):
    """The systems in use: by capability, then by pipeline, model, monitor that may have their own. None: not built."""

    systems: dict[str, System | None]
    orchestrators: dict[str, System | None]
    servers: dict[str, System | None]
    scorers: dict[str, System | None]
    watchers: dict[str, System | None]
    problems: list[Diagnostic]

    def ports(self) -> Ports:
        """Return what lowering asks."""
        return Ports(
            tracking=cast(Any, self.systems["tracking"]),
            registry=cast(Any, self.systems["registry"]),
            orchestrators=cast(Any, self.orchestrators),
            servers=cast(Any, self.servers),
            scorers=cast(Any, self.scorers),
            watchers=cast(Any, self.watchers),
            gateway=cast(Any, self.systems["gateway"]),
            rollout=cast(Any, self.systems["rollout"]),
            metrics=cast(Any, self.systems["metrics"]),
            dashboards=cast(Any, self.systems["dashboards"]),
            secrets=cast(Any, self.systems["secrets"]),
            delivery=cast(Any, self.systems["delivery"]),
        )

    def assigned(self, system: System, blueprint: Blueprint) -> Blueprint:
        """Return what a system is to print: to each its own pipelines, models or monitors alone.

        The event bus is printed by one of those that need it.
        """
        pipelines, triggers, services = blueprint.pipelines, blueprint.triggers, blueprint.services
        scorings, monitors = blueprint.scorings, blueprint.monitors
        if system in (self.systems["orchestrator"], *self.orchestrators.values()):
            pipelines = tuple(p for p in pipelines if self.orchestrators[parse(p.address)[1]] == system)
            triggers = tuple(t for t in triggers if self.orchestrators[parse(t.address)[1]] == system)
        if system in (self.systems["serving"], *self.servers.values()):
            services = tuple(s for s in services if self.servers[parse(s.address)[1]] == system)
        if system in (self.systems["batch"], *self.scorers.values()):
            scorings = tuple(s for s in scorings if self.scorers[parse(s.address)[1]] == system)
        if system in (self.systems["monitoring"], *self.watchers.values()):
            monitors = tuple(m for m in monitors if self.watchers[parse(m.address)[1]] == system)
        first = next((trigger for trigger in blueprint.triggers if trigger.bus), None)
        bus = blueprint.bus if first in triggers else None
        served = {"services": services, "scorings": scorings, "monitors": monitors}
        started = {"pipelines": pipelines, "triggers": triggers, "bus": bus}
        return Blueprint(**{**blueprint.__dict__, **started, **served})

    def distinct(self) -> tuple[System, ...]:
        """Return every system in use once."""
        found: list[System] = []
        own = (self.orchestrators, self.servers, self.scorers, self.watchers)
        for system in (*self.systems.values(), *(system for chosen in own for system in chosen.values())):
            if system is not None and system not in found:
                found.append(system)
        return tuple(found)


def choose(tree: Map) -> Chosen:
    """Build the systems that a resolved tree with defaults chooses; run their limits on what is assigned to them."""
    problems: list[Diagnostic] = []
    chosen: dict[str, System | None] = {}
    for name in CAPABILITIES:
        assigned = _all_but(_CHOOSERS[name][0], _own(tree, name)) if name in _CHOOSERS else _everything
        chosen[name] = _system(name, ("platform", name), tree, assigned, problems)
    own = (_by_resource(name, chosen, tree, problems) for name in _CHOOSERS)
    orchestrators, servers, scorers, watchers = own
    return Chosen(chosen, orchestrators, servers, scorers, watchers, problems)


def choose_at_hand(pipelines: Collection[str], tracking: str | None) -> Chosen:
    """Return the systems of the environment ``local``, which no spec chooses; ``tracking`` records runs."""
    systems: dict[str, System | None] = dict.fromkeys(CAPABILITIES)
    systems["tracking"] = Tracking(address="platform.tracking", uri=tracking, secret=None)
    systems["registry"] = Registry(address="platform.registry", uri=None, secret=None)
    systems["orchestrator"] = Local(address="platform.orchestrator")
    return Chosen(systems, dict.fromkeys(pipelines, systems["orchestrator"]), {}, {}, {}, [])


ORCHESTRATOR = "orchestrator"
_CHOOSERS = {
    ORCHESTRATOR: ("pipelines", "orchestrator"),
    "serving": ("models", "serving", "server"),
    "batch": ("models", "batch", "engine"),
    "monitoring": ("monitors", "monitoring"),
}
"""The capabilities that a resource may choose again: its section, and where in it its own block stands."""


def _by_resource(
    capability: str, chosen: dict[str, System | None], tree: Map, problems: list[Diagnostic]
) -> dict[str, System | None]:
    """Return the system of each resource that uses the capability: its own, or the platform's."""
    section, *block = _CHOOSERS[capability]
    found: dict[str, System | None] = {str(name): chosen[capability] for name in _map(tree, (section,))}
    for name in _own(tree, capability):
        found[name] = _system(capability, (section, name, *block), tree, _only(section, name), problems)
    return found


def _system(
    capability: str, at: Path, tree: Map, assigned: Callable[[Path], bool], problems: list[Diagnostic]
) -> System | None:
    block = _map(tree, at)
    name = str(block.get("backend"))
    kind = systems(capability).get(name)
    if kind is None:
        problems += unbuilt(capability, name, tree, at, assigned)
        return None
    system = build(kind, {key: value for key, value in block.items() if key != "backend"}, ".".join(map(str, at)))
    assert isinstance(system, System)
    problems += check(
        system, name, capability, tree, _in_use(tree, assigned) if capability == ORCHESTRATOR else assigned
    )
    return system


def _in_use(tree: Map, assigned: Callable[[Path], bool]) -> Callable[[Path], bool]:
    """Let what runs pipelines be asked of those compute profiles alone that its steps use."""
    patterns = (("pipelines", "*", "compute"), ("pipelines", "*", "steps", "*", "compute"))
    used = {value for pattern in patterns for path, value, _ in select(tree, pattern) if assigned(path)}
    return lambda path: path[1] in used if path[0] == "compute" and len(path) > 1 else assigned(path)


def _own(tree: Map, capability: str) -> tuple[str, ...]:
    """Return the resources that choose a system of their own."""
    section, *block = _CHOOSERS[capability]
    return tuple(str(name) for name in _map(tree, (section,)) if _map(tree, (section, name, *block)))


def _everything(path: Path) -> bool:
    return True


def _only(section: str, name: str) -> Callable[[Path], bool]:
    return lambda path: path[:2] == (section, name)


def _all_but(section: str, names: Collection[str]) -> Callable[[Path], bool]:
    return lambda path: not (path[0] == section and len(path) > 1 and path[1] in names)


def _map(tree: Map, path: Path) -> Map:
    found = find(tree, path)
    return found if isinstance(found, Map) else Map()
