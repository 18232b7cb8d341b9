"""Patches: changes to rendered objects."""

from __future__ import annotations

from typing import Any

from mlops_spec.language.text import Name
from mlops_spec.model.node import Node


class PatchTarget(Node):
    """A rendered object."""

    kind: str
    name: Name


class Operation(Node):
    """One change."""

    op: str
    path: str
    from_: str | None
    value: Any


class Patch(Node):
    """A change to one rendered object."""

    target: PatchTarget
    patch: tuple[Operation, ...]
    reason: str
