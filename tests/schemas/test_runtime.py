"""The schemas of what the runtime's programs are told: closed, explained, and themselves as JSON Schema has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlops_spec import assets

FILES = sorted((assets.SCHEMAS / "runtime").glob("*.schema.json"))


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
    for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_schema_is_closed_and_says_what_each_field_is_for(path: Path) -> None:
    schema = json.loads(path.read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/runtime/{path.name}")
    for part in parts(schema):
        if part.get("type") == "object" and isinstance(part.get("properties"), dict):
            assert part.get("additionalProperties") is False, part
            assert all(field.get("description") for field in part["properties"].values()), part
