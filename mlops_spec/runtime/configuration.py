"""What a program is told: JSON, or a document in YAML, held to the schema that the compiler's output is held to."""

from __future__ import annotations

import json
from typing import Any

from mlops_spec import assets

IN_YAML = ("sync",)
"""Programs that are told by a document which people read too."""


class Invalid(Exception):
    """A configuration that is no JSON, or not as its schema says; the message says where."""


def schema(program: str) -> dict[str, Any]:
    """Return the JSON Schema of a program's configuration."""
    found: dict[str, Any] = json.loads((assets.SCHEMAS / "runtime" / f"{program}.schema.json").read_bytes())
    return found


def read(program: str, text: str) -> dict[str, Any]:
    """Return a configuration. Raises Invalid."""
    import jsonschema_rs

    found = _yaml(text) if program in IN_YAML else _json(text)
    for broken in jsonschema_rs.Draft202012Validator(schema(program)).iter_errors(found):
        where = "/".join(map(str, broken.instance_path)) or "the configuration"
        raise Invalid(f"{where}: {broken.message}")
    configuration: dict[str, Any] = found
    return configuration


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as problem:
        raise Invalid(f"the configuration is no JSON: {problem}") from None


def _yaml(text: str) -> Any:
    import yaml

    try:
        return json.loads(json.dumps(yaml.safe_load(text)))  # which fails on dates and what else JSON has not
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as problem:
        raise Invalid(f"the configuration is no YAML: {' '.join(str(problem).split())}") from None
