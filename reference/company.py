"""Which keys of a field need each other, and which exclude each other, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reference.fields import Field
from reference.markdown import names


def company(field: Field) -> Iterator[str]:
    """Yield a sentence for each rule about the keys of a field together."""
    kinds: list[str] = field.says("x-kinds") or []
    if kinds:
        yield f"Exactly one of {names(kinds, 'or')} stands in it."
    for schema, _, where in field.said:
        condition = f", {where}" if where else ""
        if where and schema.get("required"):
            yield f"{names(schema['required'])} must stand in it{condition}."
        excluded = [key for key, asked in schema.get("properties", {}).items() if asked is False and key not in kinds]
        if excluded:
            yield f"{names(excluded, 'or')} may not stand in it{condition}."
        if not kinds and _is_of_presence(schema.get("anyOf", ())):
            yield f"At least one of {names(branch['required'][0] for branch in schema['anyOf'])} stands in it."
        if _is_of_presence(schema.get("oneOf", ())):
            yield f"Exactly one of {names((branch['required'][0] for branch in schema['oneOf']), 'or')} stands in it."
        for key, needed in schema.get("dependentRequired", {}).items():
            yield f"{names([key])} needs {names(needed)}."
        if "x-short-for" in schema:
            yield f"A text alone is its {names([schema['x-short-for']])}."


def _is_of_presence(branches: Any) -> bool:
    return bool(branches) and all("required" in branch for branch in branches)
