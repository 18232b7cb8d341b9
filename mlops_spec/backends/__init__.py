"""The real systems: each says which template prints which node of the blueprint, and what it cannot do.

One folder per capability; its ``SYSTEMS`` names the systems that are built.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_spec.backends.backend import System


def systems(capability: str) -> Mapping[str, type[System]]:
    """Return the built systems of a capability by the names that the spec's ``backend:`` has for them; none: empty."""
    if find_spec(f"{__name__}.{capability}") is None:
        return {}
    found: dict[str, type[System]] = import_module(f"{__name__}.{capability}").SYSTEMS
    return found
