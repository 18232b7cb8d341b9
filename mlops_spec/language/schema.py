"""Phase 4: whether the data have the shape that the schemas say. jsonschema-rs decides, jsonschema explains."""

from __future__ import annotations

import functools
from typing import Any

import jsonschema_rs

from mlops_spec.diagnostic import Diagnostic
from mlops_spec.language import shape
from mlops_spec.source.tree import Map


def check(tree: Map, schema: str = "spec") -> list[Diagnostic]:
    """Report every place where resolved data are not as ``schemas/<schema>.schema.json`` says; none is valid data."""
    if _validator(schema, frozenset(tree)).is_valid(tree):
        return []
    from mlops_spec.language import explain  # jsonschema takes 76 ms to import, and is needed for faults only

    return explain.explain(tree, schema)


@functools.cache
def _validator(schema: str, keys: frozenset[str]) -> Any:
    """Make what decides on documents with these keys: the schemas of absent ones say nothing, and take time to read."""
    whole = shape.document(f"{schema}.schema.json")
    properties = {key: value for key, value in whole["properties"].items() if key in keys}
    return jsonschema_rs.Draft202012Validator({**whole, "properties": properties}, retriever=shape.retrieve)
