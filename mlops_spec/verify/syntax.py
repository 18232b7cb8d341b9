"""A rendered file is one object, read alike by every reader, and no value of it is null."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlops_spec.diagnostic import Diagnostic, Place, error, failed
from mlops_spec.source.refusals import TOO_LARGE
from mlops_spec.source.tree import Map, mark
from mlops_spec.source.yaml import read as read_yaml

_MEND = "mend the template, or the patch"


def read(text: str, path: str) -> tuple[Map | None, list[Diagnostic]]:
    """Read a rendered file; there is no object where it cannot be read as exactly one."""
    source, found = read_yaml(text.encode("utf-8", "surrogatepass"), path)
    if source is None or failed(found):
        return None, [_unreadable(problem, path) for problem in found]
    return source.data, [_null(source.data, field, path) for field in nulls(source.data)]


def nulls(value: Any, field: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every null below a value."""
    items: Iterable[tuple[str | int, Any]]
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return
    for key, item in items:
        if item is None:
            yield (*field, key)
        elif not isinstance(item, (str, int, float)):
            yield from nulls(item, (*field, key))


def at(
    document: Mapping[str, Any],
    field: Iterable[str | int],
    path: str,
    code: str,
    message: str,
    address: str = "",
    hint: str = "",
) -> Diagnostic:
    """Make an error at a field of a rendered file; at its nearest parent where there is no such field."""
    where = mark(document, field)
    place = where.key if where is not None else Place(path, 1, 1)
    return error(code, message, place, address, hint)


def dotted(field: Iterable[str | int]) -> str:
    """Write a path within an object as Kubernetes' own messages do: ``spec.templates[0].name``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in field).removeprefix(".")


def _unreadable(problem: Diagnostic, path: str) -> Diagnostic:
    if problem.code == TOO_LARGE.code:
        message = "this object has more than 1 MiB, about the most that a cluster keeps"
        return error("MS181", message, Place(path, 1, 1), "", "split what it is made of, such as a pipeline's steps")
    message = f"what was rendered cannot be read back as one object: {problem.message}"
    return error("MS181", message, problem.place or Place(path, 1, 1), problem.address, _MEND)


def _null(document: Map, field: tuple[str | int, ...], path: str) -> Diagnostic:
    message = f"`{dotted(field)}` holds nothing (null)"
    return at(document, field, path, "MS183", message, hint="leave the field out where it has no value")
