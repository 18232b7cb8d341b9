"""The schema that editors use: the strict one, loosened to what one file may say before layers and values are joined.

Placeholders may stand for any scalar, no key is required (a lower layer may have it), and overrides may hold nulls.
It is one file, so that an editor fetches one. Run as a module this writes it, and ``choices.schema.json`` before it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlops_spec import assets
from mlops_spec.language import choices, shape

FILE = "editor.schema.json"
_PLACEHOLDER = {"type": "string", "pattern": r"\$\{\{"}
_NOTES = ("title", "description", "examples", "default")
_LEFT_OUT = ("$schema", "$id", "$defs", "required", "dependentRequired", "minProperties", "minItems")
_OVERRIDE = "override."


def derive() -> str:
    """Return the text of the editors' schema."""
    documents = {name.removeprefix(shape.BASE): d for name, d in shape.documents().items()}
    definitions: dict[str, Any] = {}
    for file, document in sorted(documents.items()):
        if file in ("lock.schema.json", "spec.schema.json"):
            continue
        for name, schema in {"": document, **document.get("$defs", {})}.items():
            if name or "type" in document:
                key = _key(f"#/$defs/{name}", file)
                definitions[key] = _Loosening(file, nullable=False).schema(schema)
                definitions[_OVERRIDE + key] = _Loosening(file, nullable=True).schema(schema)
    overrides = definitions["environments.environment"]["properties"]["overrides"]
    overrides["properties"] = {
        section: {**loosened, "$ref": f"#/$defs/{_OVERRIDE}{section}"}
        for section, loosened in overrides["properties"].items()
    }
    root = documents["spec.schema.json"]
    whole = {
        "$schema": root["$schema"],
        "$id": shape.BASE + FILE,
        **_Loosening("spec.schema.json", nullable=False).schema(root),
    }
    return json.dumps({**whole, "$defs": _reachable(whole, definitions)}, indent=1, ensure_ascii=False) + "\n"


class _Loosening:
    """Loosens the schemas of one file; ``nullable`` where null deletes."""

    def __init__(self, file: str, *, nullable: bool) -> None:
        self.file = file
        self.nullable = nullable

    def schema(self, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        if _is_scalar(schema):
            return self._scalar(schema)
        loose: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword.startswith("x-") or keyword in _LEFT_OUT or (keyword == "anyOf" and _of_presence(value)):
                continue
            loose.update(self._keyword(keyword, value))
        return loose

    def _keyword(self, keyword: str, value: Any) -> dict[str, Any]:
        if keyword == "$ref":
            return {"$ref": f"#/$defs/{_OVERRIDE if self.nullable else ''}{_key(value, self.file)}"}
        if keyword == "properties":
            return {keyword: {name: self.schema(s) for name, s in value.items()}}
        if keyword in ("then", "else", "items", "additionalProperties"):
            return {keyword: self.schema(value)}
        if keyword in ("allOf", "anyOf"):
            return {keyword: [self.schema(s) for s in value]}
        if keyword == "propertyNames":
            name = shape.refer(value["$ref"], self.file).schema
            return {keyword: {k: v for k, v in name.items() if not k.startswith("x-")}}
        if keyword == "unevaluatedProperties":
            return {"additionalProperties": False}  # all properties stand beside it, and more editors know this one
        if keyword == "type" and self.nullable:
            return {"type": [value, "null"]}
        return {keyword: value}

    def _scalar(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        notes = {k: v for k, v in schema.items() if k in _NOTES}
        form = {k: v for k, v in schema.items() if k not in notes and not k.startswith("x-")}
        choices = [form] if form == {"type": "string"} else [form, _PLACEHOLDER]
        if self.nullable:
            choices = [*choices, {"type": "null"}]
        return {**notes, **form} if len(choices) == 1 else {**notes, "anyOf": choices}


def _is_scalar(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") in ("string", "integer", "number", "boolean") or "enum" in schema or "const" in schema


def _of_presence(branches: list[Any]) -> bool:
    return all("required" in branch for branch in branches)


def _key(reference: str, file: str) -> str:
    """Name in the one file what ``reference``, standing in ``file``, names in the many."""
    target, _, pointer = reference.partition("#/$defs/")
    stem = shape.join(file, target) if target else file
    return ".".join(filter(None, (stem.removesuffix(".schema.json").replace("/", "."), pointer)))


def _reachable(root: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Leave out definitions that nothing refers to, such as overrides of what cannot be overridden."""
    text = json.dumps([root, definitions])
    kept = {key: schema for key, schema in definitions.items() if f'"#/$defs/{key}"' in text}
    return kept if len(kept) == len(definitions) else _reachable(root, kept)


if __name__ == "__main__":
    (assets.SCHEMAS / choices.FILE).write_text(choices.derive(), encoding="utf-8")
    (assets.SCHEMAS / FILE).write_text(derive(), encoding="utf-8")
