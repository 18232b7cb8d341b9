"""Secrets, by reference."""

from __future__ import annotations

from mlops_spec.language.text import Name
from mlops_spec.model.node import Named


class Secret(Named):
    """A secret, by reference."""

    store: Name | None
    path: str
    keys: tuple[Name, ...]
