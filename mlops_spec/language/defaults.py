"""Defaults, put in where the spec says nothing: the schemas own them."""

from __future__ import annotations

from typing import Any

from mlops_spec.diagnostic import Place
from mlops_spec.language import shape
from mlops_spec.language.shape import Shape
from mlops_spec.source.tree import Map, Mark, Seq

LAYER = "default"


def fill(tree: Map, schema: str = "spec") -> Map:
    """Return valid data with every default in it, those of a backend's options by the backend that is chosen.

    What has no default stays absent. A value that is short for a mapping (a cron line for a schedule) becomes that
    mapping. ``tree`` is left as it is; what is put in stands at the key that lacks it, in the layer ``default``.
    """
    first = next(iter(tree.marks.values()), None)
    place = Place(first.key.file, 1, 1) if first else Place("", 1, 1)
    filled = _filled(tree, shape.root(schema), Mark(place, place, LAYER))
    assert isinstance(filled, Map)
    return filled


def _filled(data: Any, where: Shape, mark: Mark) -> Any:
    if not where:
        return data
    applying = tuple(shape.parts(where, data))
    if isinstance(data, Seq):
        items = shape.unnamed(applying)
        marks = list(data.marks) or [mark] * len(data)
        return Seq((_filled(value, items, m) for value, m in zip(data, marks)), marks)
    if not isinstance(data, Map):
        key = _short_for(applying)
        return data if key is None else _filled(Map({key: data}, {key: mark}), where, mark)
    known, others = shape.named(applying), shape.unnamed(applying)
    result = Map()
    for key, value in data.items():
        own = data.marks.get(key, mark)
        result[key] = _filled(value, known.get(key, others), own)
        result.marks[key] = own
    absent = Mark(mark.key, mark.key, LAYER)
    for key, schemas in known.items():
        if key not in data and (default := _default(schemas)) is not _NONE:
            result[key] = _filled(_marked(default, absent), schemas, absent)
            result.marks[key] = absent
    return result


_NONE = object()


def _default(schemas: Shape) -> Any:
    return next((part.schema["default"] for part in schemas if "default" in part.schema), _NONE)


def _short_for(applying: Shape) -> str | None:
    return next((part.schema["x-short-for"] for part in applying if "x-short-for" in part.schema), None)


def _marked(value: Any, mark: Mark) -> Any:
    if isinstance(value, dict):
        return Map({k: _marked(v, mark) for k, v in value.items()}, dict.fromkeys(value, mark))
    if isinstance(value, list):
        return Seq((_marked(v, mark) for v in value), [mark] * len(value))
    return value
