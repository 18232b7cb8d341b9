"""Manifests: objects of the team's own."""

from __future__ import annotations

from mlops_spec.model.node import Node


class Manifest(Node):
    """A file with one object."""

    path: str
