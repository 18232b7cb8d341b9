"""The base of every backend: the node of its own options, printing nothing and limiting nothing unless it says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from mlops_spec.blueprint.effects import Does
from mlops_spec.blueprint.ports import File, Limit
from mlops_spec.blueprint.types import Blueprint, Project
from mlops_spec.model.node import Node


class System(Node):
    """A real system that the spec's ``backend:`` names; a subclass declares the options that its schema has."""

    limits: ClassVar[tuple[Limit, ...]] = ()
    effects: ClassVar[tuple[Does, ...]] = ()
    """What changes of what it prints do; the first rule that applies holds."""

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Say which template prints which node of one environment."""
        return ()

    def emit_project(self, project: Project) -> Iterable[File]:
        """Say which template prints which node of what belongs to no environment."""
        return ()
