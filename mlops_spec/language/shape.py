"""The schemas as data: which of their parts speak of a value, given what the value is."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mlops_spec import assets
from mlops_spec.source.tree import find

BASE = "https://mlops-spec.dev/schemas/v1/"


class Part(NamedTuple):
    """One schema that speaks of a value, and the file that it stands in (below ``schemas/``)."""

    schema: dict[str, Any]
    file: str


Shape = tuple[Part, ...]


@functools.cache
def document(file: str) -> dict[str, Any]:
    """Read one schema file."""
    loaded: dict[str, Any] = json.loads((assets.SCHEMAS / file).read_bytes())
    return loaded


def retrieve(address: str) -> dict[str, Any]:
    """Return the schema of an address. Raises ValueError for one that is not ours: none is ever fetched."""
    if not address.startswith(BASE):
        raise ValueError(f"{address} is no schema of this product")
    return document(address.removeprefix(BASE))


@functools.cache
def documents() -> dict[str, dict[str, Any]]:
    """Read every strict schema of what users write, by its address."""
    files = (p.relative_to(assets.SCHEMAS).as_posix() for p in sorted(assets.SCHEMAS.rglob("*.schema.json")))
    others = ("editor.schema.json", "runtime/")
    return {BASE + file: document(file) for file in files if not file.startswith(others)}


def root(name: str = "spec") -> Shape:
    """Return the shape of a whole document, such as ``spec`` or ``lock``."""
    file = f"{name}.schema.json"
    return (Part(document(file), file),)


def parts(shape: Shape, data: Any) -> Iterator[Part]:
    """Yield every schema that applies to ``data``: the shape's own, what they refer to, and the branches it takes."""
    for part in shape:
        yield part
        schema, file = part
        if "$ref" in schema:
            yield from parts((refer(schema["$ref"], file),), data)
        for member in schema.get("allOf", ()):
            yield from parts((Part(member, file),), data)
        if "if" in schema:
            branch = schema.get("then" if applies(schema["if"], data) else "else")
            if isinstance(branch, dict):
                yield from parts((Part(branch, file),), data)


def properties(shape: Shape, data: Any) -> dict[str, Shape]:
    """Return the shapes of the keys that a mapping like ``data`` may have."""
    return named(parts(shape, data))


def named(applying: Iterable[Part]) -> dict[str, Shape]:
    """Return the shapes of the keys that all these schemas together name."""
    found: dict[str, Shape] = {}
    for schema, file in applying:
        for key, value in schema.get("properties", {}).items():
            if isinstance(value, dict):
                found[key] = (*found.get(key, ()), Part(value, file))
    return found


def entries(shape: Shape, data: Any) -> Shape:
    """Return the shape of what a mapping of free names holds, or of a list's items."""
    return unnamed(parts(shape, data))


def unnamed(applying: Iterable[Part]) -> Shape:
    """Return the shape that all these schemas together give to keys that they do not name, or to items."""
    return tuple(
        Part(schema[keyword], file)
        for schema, file in applying
        for keyword in ("additionalProperties", "items")
        if isinstance(schema.get(keyword), dict)
    )


def at(shape: Shape, data: Any, path: Iterable[str | int]) -> Shape:
    """Return the shape of the value at ``path``, empty where the schemas say nothing of it."""
    for key in path:
        shape = properties(shape, data).get(str(key)) or entries(shape, data)
        data = find(data, (key,))
    return shape


def applies(condition: Any, data: Any) -> bool:
    """Tell whether ``data`` meets the condition of an ``if``: of type, const, enum, required, properties."""
    if isinstance(condition, bool):
        return condition
    if "const" in condition and data != condition["const"]:
        return False
    if "enum" in condition and data not in condition["enum"]:
        return False
    if "type" in condition and not isinstance(data, {"string": str, "object": dict}[condition["type"]]):
        return False
    if not isinstance(data, dict):
        return True
    if any(key not in data for key in condition.get("required", ())):
        return False
    return all(applies(c, data[k]) for k, c in condition.get("properties", {}).items() if k in data)


@functools.cache
def refer(reference: str, file: str) -> Part:
    """Follow a reference that stands in ``file``."""
    target, _, pointer = reference.partition("#/")
    name = join(file, target) if target else file
    schema: Any = document(name)
    for key in pointer.split("/") if pointer else ():
        schema = schema[key]
    return Part(schema, name)


def join(file: str, target: str) -> str:
    """Return the file that ``target``, a relative reference in ``file``, names."""
    folder = file.split("/")[:-1]
    while target.startswith("../"):
        folder, target = folder[:-1], target[3:]
    return "/".join((*folder, target))
