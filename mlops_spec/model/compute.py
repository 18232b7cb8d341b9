"""Compute: hardware profiles."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.language.text import Name
from mlops_spec.language.units import Quantity
from mlops_spec.model.node import Named, Node


class Accelerator(Node):
    """An accelerator."""

    model: Name
    count: int


class Toleration(Node):
    """A taint that is borne."""

    key: str | None
    operator: str
    value: str | None
    effect: str | None


class ComputeProfile(Named):
    """A hardware profile."""

    cpu: Quantity
    memory: Quantity
    accelerator: Accelerator | None
    shared_memory: Quantity | None
    disk: Quantity | None
    node_selector: Mapping[str, str]
    tolerations: tuple[Toleration, ...]
    queue: Name | None
