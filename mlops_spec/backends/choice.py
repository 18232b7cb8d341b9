"""Which real system carries each capability of an environment: its own node, or what is withheld for want of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple, cast

from mlops_spec.address import Path, parse
from mlops_spec.backends import systems
from mlops_spec.backends.backend import System
from mlops_spec.backends.limits import check, unbuilt
from mlops_spec.blueprint.lower.context import Ports
from mlops_spec.blueprint.types import Blueprint
from mlops_spec.diagnostic import Diagnostic
from mlops_spec.model.build import build
from mlops_spec.source.tree import Map, find

CAPABILITIES = (
    "tracking registry orchestrator features serving gateway rollout batch monitoring metrics dashboards "
    "secrets delivery ci"
).split()


class Chosen(NamedTuple):
    """The systems in use: by capability, then by pipeline and by model, which may have their own. None: not built."""

    systems: dict[str, System | None]
    orchestrators: dict[str, System | None]
    servers: dict[str, System | None]
    problems: list[Diagnostic]

    def ports(self) -> Ports:
        """Return what lowering asks."""
        return Ports(
            tracking=cast(Any, self.systems["tracking"]),
            registry=cast(Any, self.systems["registry"]),
            orchestrators=cast(Any, self.orchestrators),
            servers=cast(Any, self.servers),
            gateway=cast(Any, self.systems["gateway"]),
            metrics=cast(Any, self.systems["metrics"]),
            secrets=cast(Any, self.systems["secrets"]),
            delivery=cast(Any, self.systems["delivery"]),
        )

    def assigned(self, system: System, blueprint: Blueprint) -> Blueprint:
        """Return what a system is to print: an orchestrator its own pipelines alone, a server its own models.

        The event bus is printed by one of those that need it.
        """
        pipelines, triggers, services = blueprint.pipelines, blueprint.triggers, blueprint.services
        if system in (self.systems["orchestrator"], *self.orchestrators.values()):
            pipelines = tuple(p for p in pipelines if self.orchestrators[parse(p.address)[1]] == system)
            triggers = tuple(t for t in triggers if self.orchestrators[parse(t.address)[1]] == system)
        if system in (self.systems["serving"], *self.servers.values()):
            services = tuple(s for s in services if self.servers[parse(s.address)[1]] == system)
        first = next((trigger for trigger in blueprint.triggers if trigger.bus), None)
        bus = blueprint.bus if first in triggers else None
        mine = {"pipelines": pipelines, "triggers": triggers, "bus": bus, "services": services}
        return Blueprint(**{**blueprint.__dict__, **mine})

    def distinct(self) -> tuple[System, ...]:
        """Return every system in use once."""
        found: list[System] = []
        for system in (*self.systems.values(), *self.orchestrators.values(), *self.servers.values()):
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
    orchestrators = _by_resource("orchestrator", chosen, tree, problems)
    return Chosen(chosen, orchestrators, _by_resource("serving", chosen, tree, problems), problems)


_CHOOSERS = {"orchestrator": ("pipelines", "orchestrator"), "serving": ("models", "serving", "server")}
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
    problems += check(system, name, capability, tree, assigned)
    return system


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
