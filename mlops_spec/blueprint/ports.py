"""What lowering asks of backends, and what backends give: here, since ``blueprint`` imports nothing above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Protocol, Union

from mlops_spec.model.node import Frozen, Node

Value = Union[Node, str, int, float, bool, tuple[Any, ...], "File", None]


class File(Frozen):
    """One file to print: ``values`` are what the template names, a ``File`` among them prints as a block.

    ``path`` places a file that is no Kubernetes object; an object's path follows from its component, kind and name.
    """

    template: str
    values: Mapping[str, Value]
    path: str | None


def file(template: str, path: str | None = None, **values: Value) -> File:
    """Name a template (below ``templates/``) and the nodes that it prints."""
    return File(template=template, values=values, path=path)


class Limit(Frozen):
    """Something that a backend cannot say: a field of the spec, the values that it honours, and why not the others.

    ``field`` is an address with ``*`` for names. ``built`` is False where the product does not do it *yet*: that is a
    warning which never rises, while what the system itself cannot do is an error.
    """

    field: str
    honours: Callable[[Any], bool]
    reason: str
    built: bool


def limit(field: str, honours: Callable[[Any], bool], reason: str) -> Limit:
    """Declare what a system cannot do."""
    return Limit(field=field, honours=honours, reason=reason, built=True)


def unbuilt(field: str, reason: str) -> Limit:
    """Declare what the language names and this product does not do yet."""
    return Limit(field=field, honours=absent, reason=reason, built=False)


def absent(value: Any) -> bool:
    """Honour only a field that says nothing."""
    return value is None or value is False or value in ((), [], {}, "")


def one_of(*values: Any) -> Callable[[Any], bool]:
    """Honour these values and none else."""
    return lambda value: value in values


class Refused(Exception):
    """A value that a system has no way to carry; the message says why."""


class Backend(Protocol):
    """A real system: the node of its own options, what it cannot do, and the files that it prints."""

    limits: ClassVar[tuple[Limit, ...]]

    def emit(self, blueprint: Any) -> Iterable[File]:
        """Say which template prints which node."""
        ...
