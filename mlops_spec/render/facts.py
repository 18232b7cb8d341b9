"""What a template says about itself, kept in the module that it is compiled into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Facts(NamedTuple):
    """The kind and version on a template's own lines; the values that it names, and where."""

    kind: str | None
    api_version: str | None
    named: dict[str, int]


def facts_of(compiled: Callable[..., Any]) -> Facts:
    """Read a template's facts from the module that its render function was compiled into."""
    return Facts(*compiled.__globals__["facts"])
