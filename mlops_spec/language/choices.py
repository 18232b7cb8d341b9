"""Which systems a capability may choose: derived from the folder of their option schemas, so that one more is one file.

``platform.schema.json`` says of each capability what it is for and which system is its default; what follows from
the files below ``schemas/backends/`` is ``choices.schema.json``.
"""

from __future__ import annotations

import json
from typing import Any

from mlops_spec import assets
from mlops_spec.language import shape

FILE = "choices.schema.json"


def derive() -> str:
    """Return the text of ``choices.schema.json``."""
    definitions = {
        name: _choice(part["x-backends"], part["properties"]["backend"].get("default"))
        for name, part in shape.document("platform.schema.json")["$defs"].items()
        if "x-backends" in part
    }
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": shape.BASE + FILE,
        "description": "Derived from backends/: which systems each capability may choose, and whose options then hold.",
        "$defs": definitions,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _choice(capability: str, default: str | None) -> dict[str, Any]:
    folder = assets.SCHEMAS / "backends" / capability
    names = sorted(path.name.removesuffix(".schema.json") for path in folder.glob("*.schema.json"))
    names.sort(key=lambda name: name != default)
    return {
        "type": "object",
        "properties": {"backend": {"type": "string", "enum": names}},
        "allOf": [_branch(capability, name, absent_too=name == default) for name in names],
    }


def _branch(capability: str, name: str, *, absent_too: bool) -> dict[str, Any]:
    condition: dict[str, Any] = {"properties": {"backend": {"const": name}}}
    if not absent_too:
        condition["required"] = ["backend"]
    return {"if": condition, "then": {"$ref": f"backends/{capability}/{name}.schema.json"}}
