"""Which real system carries each capability of an environment: its own node, or what is withheld for want of it."""

from __future__ import annotations

from collections.abc import Callable
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
    """The systems in use: by capability, and by pipeline where one has an orchestrator of its own. None: not built."""

    systems: dict[str, System | None]
    orchestrators: dict[str, System | None]
    problems: list[Diagnostic]

    def ports(self) -> Ports:
        """Return what lowering asks."""
        return Ports(
            tracking=cast(Any, self.systems["tracking"]),
            registry=cast(Any, self.systems["registry"]),
            orchestrators=cast(Any, self.orchestrators),
            secrets=cast(Any, self.systems["secrets"]),
            delivery=cast(Any, self.systems["delivery"]),
        )

    def assigned(self, system: System, blueprint: Blueprint) -> Blueprint:
        """Return what a system is to print: an orchestrator gets its own pipelines alone."""
        if system not in self.orchestrators.values():
            return blueprint
        own = tuple(p for p in blueprint.pipelines if self.orchestrators[parse(p.address)[1]] == system)
        return Blueprint(**{**blueprint.__dict__, "pipelines": own})

    def distinct(self) -> tuple[System, ...]:
        """Return every system in use once."""
        found: list[System] = []
        for system in (*self.systems.values(), *self.orchestrators.values()):
            if system is not None and system not in found:
                found.append(system)
        return tuple(found)


def choose(tree: Map) -> Chosen:
    """Build the systems that a resolved tree with defaults chooses; run their limits on what is assigned to them."""
    problems: list[Diagnostic] = []
    own = _own_orchestrators(tree)

    def ours(path: Path) -> bool:
        return not (path[0] == "pipelines" and len(path) > 1 and path[1] in own)

    chosen = {name: _system(name, ("platform", name), tree, ours, problems) for name in CAPABILITIES}
    default = chosen["orchestrator"]
    orchestrators: dict[str, System | None] = {}
    for pipeline in _map(tree, ("pipelines",)):
        if pipeline in own:
            at = ("pipelines", pipeline, "orchestrator")
            orchestrators[pipeline] = _system("orchestrator", at, tree, _only(pipeline), problems)
        else:
            orchestrators[pipeline] = default
    return Chosen(chosen, orchestrators, problems)


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


def _own_orchestrators(tree: Map) -> set[str]:
    return {name for name, pipeline in _map(tree, ("pipelines",)).items() if pipeline.get("orchestrator")}


def _only(pipeline: str) -> Callable[[Path], bool]:
    return lambda path: path[:2] == ("pipelines", pipeline)


def _map(tree: Map, path: Path) -> Map:
    found = find(tree, path)
    return found if isinstance(found, Map) else Map()
