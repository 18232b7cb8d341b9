"""The things that a spec names, by their addresses, and in which environments they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mlops_spec.address import Path, text
from mlops_spec.cli.compiling import Done
from mlops_spec.cli.locate import Located
from mlops_spec.language.defaults import LAYER
from mlops_spec.source.tree import Map, Mark
from mlops_spec.source.tree import find as value_at

_SECTIONS = (
    ("variables",),
    ("environments",),
    ("compute",),
    ("images",),
    ("secrets",),
    ("channels",),
    ("datasets",),
    ("features", "entities"),
    ("features", "views"),
    ("features", "services"),
    ("experiments",),
    ("pipelines",),
    ("models",),
    ("monitors",),
)
_HEADER = ("ADDRESS", "DEFINED AT")


class Resource(NamedTuple):
    """A thing with its address, where it is defined, and its state by environment: ``yes`` or ``withheld``."""

    address: str
    mark: Mark | None
    states: dict[str, str]


def find(done: Done, below: Path) -> list[Resource]:
    """Return what the environments of a compile have at or below an address, in the order of the spec's sections."""
    found: dict[str, Resource] = {}
    withheld = {(name, item.address) for name, item in done.withheld()}
    for name, compiled in done.compilation.environments.items():
        for path, mark in _named(compiled.resolved):
            if path[: len(below)] == below:
                address = text(path)
                resource = found.setdefault(address, Resource(address, mark, {}))
                resource.states[name] = "withheld" if (name, address) in withheld else "yes"
    return list(found.values())


def table(found: Sequence[Resource], environments: Sequence[str], located: Located) -> Iterator[str]:
    """Yield the lines of a table."""
    if not found:
        return
    rows = [(*_HEADER, *environments)]
    rows += [(r.address, _place(r, located), *(r.states.get(name, "-") for name in environments)) for r in found]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()


def as_json(found: Sequence[Resource], environments: Sequence[str], located: Located) -> dict[str, Any]:
    """Return the same as data."""
    return {
        "environments": list(environments),
        "resources": {r.address: {"defined_at": _place(r, located), "environments": r.states} for r in found},
    }


def _named(tree: Map) -> Iterator[tuple[Path, Mark | None]]:
    for section in _SECTIONS:
        things = value_at(tree, section)
        for name in things if isinstance(things, Map) else ():
            yield (*section, name), things.marks.get(name)
            steps = value_at(things, (name, "steps"))
            if not isinstance(steps, Map):
                continue
            for step in steps:
                yield (*section, name, "steps", step), steps.marks.get(step)


def _place(resource: Resource, located: Located) -> str:
    if resource.mark is None or resource.mark.layer == LAYER:
        return LAYER
    *_, lowest = resource.mark.history()
    return str(located.place(lowest.key))
