"""Moves: things that got a new address."""

from __future__ import annotations

from mlops_spec.language.text import Name
from mlops_spec.model.node import Node


class Move(Node):
    """A new address."""

    from_: Name
    to: Name
