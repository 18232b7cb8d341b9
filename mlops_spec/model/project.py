"""The project: what the system is called, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.language.text import Name
from mlops_spec.model.node import Node


class Project(Node):
    """What this system is called, whose it is, and where its rendered tree is committed."""

    name: Name
    owner: str | None
    description: str | None
    repository: str | None
    labels: Mapping[str, str]
