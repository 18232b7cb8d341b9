"""What the schemas say of names under ``x-names`` is what is checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlops_spec.address import matches, parse
from mlops_spec.language.shape import document, refer
from mlops_spec.model.reference import NAMES


def named(schema: Any, file: str, path: tuple[str, ...], above: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield the address pattern of every field that names things by their bare name, and what it names."""
    if not isinstance(schema, dict):
        return
    kind = schema.get("x-names")
    if isinstance(kind, str) and not kind.startswith("."):
        yield ".".join(path), kind.removesuffix(".*")
    if "$ref" in schema and (mark := f"{file}:{schema['$ref']}") not in above:
        yield from named(*refer(schema["$ref"], file), path, (*above, mark))
    for member in (*schema.get("allOf", ()), *schema.get("anyOf", ()), schema.get("then"), schema.get("else")):
        yield from named(member, file, path, above)
    for key, value in schema.get("properties", {}).items():
        yield from named(value, file, (*path, key), above)
    for key in ("additionalProperties", "items"):
        yield from named(schema.get(key), file, (*path, "*"), above)


def test_every_name_in_the_schemas_is_checked_and_no_other() -> None:
    found = dict(named(document("spec.schema.json"), "spec.schema.json", ()))
    said = {path: kind for path, kind in found.items() if not {"only", "except", "overrides"} & set(parse(path))}
    checked = {path: kind for path in said for pattern, kind in NAMES.items() if matches(pattern, parse(path))}
    assert checked == said
    assert all(any(matches(pattern, parse(path)) for path in said) for pattern in NAMES)
