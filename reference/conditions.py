"""The condition of an ``if`` in words: what of a value makes one branch of a schema speak, or the other."""

from __future__ import annotations

from typing import Any

from reference.markdown import code, names


def said(condition: dict[str, Any]) -> str:
    """Say when a condition holds; one on the type of the value itself needs no words."""
    return _words(condition, "where {key} is {value}", "with {key}")


def negated(condition: dict[str, Any]) -> str:
    """Say when a condition does not hold."""
    return _words(condition, "where {key} is not {value}", "without {key}")


def _words(condition: dict[str, Any], of_value: str, of_presence: str) -> str:
    if "type" in condition:
        return ""
    if "properties" not in condition:
        return of_presence.format(key=names(condition["required"]))
    ((key, asked),) = condition["properties"].items()
    if isinstance(asked, dict) and asked.keys() & {"const", "enum"}:
        values = [asked["const"]] if "const" in asked else asked["enum"]
        return of_value.format(key=code(key), value=names(map(str, values), "or"))
    return of_presence.format(key=code(key))
