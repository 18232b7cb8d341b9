"""Valid data, defaults in them, to nodes: by annotations alone."""

import functools
import types
import typing
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from mlops_spec.model.choice import Choice
from mlops_spec.model.node import Named, Node

N = TypeVar("N", bound=Node)
Maker = Callable[[Any, str], Any]
_ADDRESS = "address"


def build(kind: type[N], data: Mapping[str, Any], address: str = "") -> N:
    """Build the node ``kind`` of data that its schema accepts, and every node below it.

    A trailing ``_`` of an attribute is no part of its key (``from_`` is ``from``). What is absent becomes None, ``()``,
    an empty mapping or False, as the annotation says. Raises KeyError where an attribute that must be there is not,
    which means that schema and class disagree.
    """
    node = kind.__new__(kind)
    values = node.__dict__
    values[_ADDRESS] = address
    for attribute, key, make, absent in _plan(typing.cast(Any, kind)):
        if key in data:
            values[attribute] = make(data[key], f"{address}.{key}" if address else key)
        elif absent is not _REQUIRED:
            values[attribute] = absent
        else:
            raise KeyError(f"{kind.__name__}.{attribute} has no value at {address or 'the root'}")
    return node


_REQUIRED: Any = object()
_EMPTY: Mapping[str, Any] = MappingProxyType({})


@functools.cache
def _plan(kind: Any) -> tuple[tuple[str, str, Maker, Any], ...]:
    """Work out once for each class: attribute, key, how its value is made, what stands for an absent one."""
    return tuple((name, name.rstrip("_"), _maker(t), _absent(t)) for name, t in fields(kind).items())


def fields(kind: type[Any]) -> dict[str, Any]:
    """Return the attributes of a node class and their types, without ``address`` and class variables."""
    hints = typing.get_type_hints(kind)
    return {k: t for k, t in hints.items() if k != _ADDRESS and typing.get_origin(t) is not typing.ClassVar}


def _maker(annotation: Any) -> Maker:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        kinds = [a for a in arguments if a is not type(None)]
        return _optional(_maker(kinds[0])) if len(kinds) == 1 else _as_it_is
    if origin is tuple:
        return _many(_maker(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(arguments[1])
    if isinstance(annotation, type) and issubclass(annotation, Choice):
        return _choice
    if isinstance(annotation, type) and issubclass(annotation, Node):
        return functools.partial(build, annotation)
    if annotation in (Any, str, bool, float):
        return _as_it_is
    return lambda value, _: annotation(value)


def _absent(annotation: Any) -> Any:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if type(None) in arguments or annotation is Any:
        return None
    if origin is tuple:
        return ()
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _EMPTY
    return False if annotation is bool else _REQUIRED


def _as_it_is(value: Any, _: str) -> Any:
    return value


def _optional(make: Maker) -> Maker:
    return lambda value, address: None if value is None else make(value, address)


def _many(make: Maker) -> Maker:
    return lambda values, address: tuple(make(v, f"{address}.{i}") for i, v in enumerate(values))


def _mapping(kind: Any) -> Maker:
    if isinstance(kind, type) and issubclass(kind, Named):
        return lambda values, address: MappingProxyType(
            {k: build(kind, {"name": k, **v}, f"{address}.{k}") for k, v in values.items()}
        )
    make = _maker(kind)
    return lambda values, address: MappingProxyType({k: make(v, f"{address}.{k}") for k, v in values.items()})


def _choice(value: Mapping[str, Any], address: str) -> Choice:
    options = MappingProxyType({k: v for k, v in value.items() if k != "backend"})
    return Choice(address=address, backend=value["backend"], options=options)
