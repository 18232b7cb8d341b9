"""The real systems: each says which template prints which node of the blueprint, and what it cannot do.

One folder per capability; its ``SYSTEMS`` names the systems that are built.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_spec.backends.backend import System

GROUP = "mlops_spec.backends"
"""The entry-point group of other packages' systems; an entry is named ``<capability>/<system>``."""


def systems(capability: str) -> Mapping[str, type[System]]:
    """Return the built systems of a capability by the names that the spec's ``backend:`` has for them; none: empty."""
    if find_spec(f"{__name__}.{capability}") is None:
        return {}
    found: dict[str, type[System]] = import_module(f"{__name__}.{capability}").SYSTEMS
    return found


@cache
def system(capability: str, name: str) -> type[System] | None:
    """Return one system: built in, else from another package that brings it, else None."""
    return systems(capability).get(name) or _brought(capability, name)


def _brought(capability: str, name: str) -> type[System] | None:
    from importlib.metadata import entry_points

    from mlops_spec.backends.backend import System

    for entry in entry_points(group=GROUP, name=f"{capability}/{name}"):
        loaded = entry.load()
        if isinstance(loaded, type) and issubclass(loaded, System):
            return loaded
    return None
