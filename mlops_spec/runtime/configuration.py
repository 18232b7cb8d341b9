"""What a program is told: JSON, held to the schema that the compiler's output is held to."""

from __future__ import annotations

import json
from typing import Any

from mlops_spec import assets


class Invalid(Exception):
    """A configuration that is no JSON, or not as its schema says; the message says where."""


def schema(program: str) -> dict[str, Any]:
    """Return the JSON Schema of a program's configuration."""
    found: dict[str, Any] = json.loads((assets.SCHEMAS / "runtime" / f"{program}.schema.json").read_bytes())
    return found


def read(program: str, text: str) -> dict[str, Any]:
    """Return a configuration. Raises Invalid."""
    import jsonschema_rs

    try:
        found = json.loads(text)
    except ValueError as problem:
        raise Invalid(f"the configuration is no JSON: {problem}") from None
    for broken in jsonschema_rs.Draft202012Validator(schema(program)).iter_errors(found):
        where = "/".join(map(str, broken.instance_path)) or "the configuration"
        raise Invalid(f"{where}: {broken.message}")
    configuration: dict[str, Any] = found
    return configuration
