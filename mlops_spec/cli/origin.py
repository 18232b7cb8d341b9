"""Who set a value, in words: the place that decided, those below it, and where a placeholder's value comes from."""

from __future__ import annotations

from typing import Any

from mlops_spec.cli.locate import Located
from mlops_spec.diagnostic import Place
from mlops_spec.language.defaults import LAYER
from mlops_spec.source.tree import Mark


def history(where: Mark, located: Located) -> str:
    """Say it on one line: ``mlops.yaml:27:7 (overrides of prod), over platform/base.mlops.yaml:3:4``."""
    told = ", over ".join(_set_by(mark, located) for mark in where.history())
    return told if where.origin is None else f"{told}; its value from {_set_by(where.origin, located)}"


def as_json(where: Mark | None, located: Located) -> dict[str, Any]:
    """Return the same as data: ``history`` from the layer that decided down, and ``origin``."""
    marks = list(where.history()) if where is not None else []
    origin = where.origin if where is not None else None
    return {
        "history": [_entry(mark, located) for mark in marks],
        "origin": None if origin is None else _entry(origin, located),
    }


def _set_by(where: Mark, located: Located) -> str:
    if where.layer == LAYER:
        return LAYER
    _, overrides, environment = where.layer.partition(" (")
    return f"{located.place(where.key)}{overrides}{environment}"


def _entry(where: Mark, located: Located) -> dict[str, Any]:
    place: Place | None = None if where.layer == LAYER else located.place(where.key)
    return {"layer": where.layer, **(place._asdict() if place else dict.fromkeys(Place._fields))}
