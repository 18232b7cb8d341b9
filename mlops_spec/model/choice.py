"""The choice of a real system for a capability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_spec.model.node import Node


class Choice(Node):
    """A system and its options, as data: the compiler builds the system's own node of them.

    ``options`` is everything that stands beside ``backend``, with defaults.
    """

    backend: str
    options: Mapping[str, Any]
