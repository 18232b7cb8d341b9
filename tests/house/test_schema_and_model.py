"""Schema and class say the same: which fields there are, which may be absent, and of what type they are."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest

from mlops_spec import assets
from mlops_spec.language import shape
from mlops_spec.language.condition import Condition
from mlops_spec.language.layers import SECTIONS
from mlops_spec.language.schema import check
from mlops_spec.language.shape import Part, Shape
from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration, Quantity, Share
from mlops_spec.model.build import fields
from mlops_spec.model.choice import Choice
from mlops_spec.model.common import Scalar
from mlops_spec.model.lock import Lock
from mlops_spec.model.node import Named, Node
from mlops_spec.model.spec import Spec
from mlops_spec.source.tree import Map

CONSUMED = {"apiVersion", "extends", "include", "locked", "only", "except"}
"""What the phases before the model have read and done with."""

READERS = {"render", "lint", "lock", "ci", "runtime"}
TYPES: dict[str, set[Any]] = {
    "string": {str, Name, Duration, Condition, Quantity},
    "integer": {int},
    "number": {float},
    "boolean": {bool},
}


def parts(where: Shape) -> list[dict[str, Any]]:
    """The schema and what it refers to, and the branches for text or mapping, whatever the data."""
    found: list[dict[str, Any]] = []
    for schema, file in where:
        found.append(schema)
        if "$ref" in schema:
            found += parts((shape.refer(schema["$ref"], file),))
    return found


def schema_type(where: Shape) -> str:
    for schema in parts(where):
        if "x-short-for" in schema:
            return "object"
        if "if" in schema and schema["if"] == {"type": "string"}:
            return f"string or {schema['else']['type']}"
        if "anyOf" in schema and all("type" in branch for branch in schema["anyOf"]):
            return "scalar"
        if "type" in schema:
            return str(schema["type"])
        if schema.get("enum") or "const" in schema:
            return "string"
    return "any"


def expanded(where: Shape) -> Shape:
    """Like ``where``, a value that is short for a mapping taken for the mapping."""
    short = [p for p in shape.parts(where, {}) if "x-short-for" in p.schema]
    return tuple(Part(p.schema["else"], p.file) for p in short) or where


def compare(kind: type[Node], where: Shape, address: str) -> Iterator[str]:
    closed = next(p for p in shape.parts(where, {}) if p.schema.get("type") == "object" and "properties" in p.schema)
    known = {k: (Part(v, closed.file),) for k, v in closed.schema["properties"].items() if k not in CONSUMED}
    required = closed.schema.get("required", ())
    mine = fields(kind)
    if issubclass(kind, Named):
        mine.pop("name")
    names = {name.rstrip("_"): t for name, t in mine.items()}
    if set(names) != set(known):
        yield f"{kind.__name__} and {address}: {sorted(set(names) ^ set(known))} on one side only"
    for key in names.keys() & known.keys():
        default = any("default" in s for s in parts(known[key]))
        yield from field(names[key], known[key], key in required or default, f"{address}.{key}")


def field(annotation: Any, where: Shape, present: bool, address: str) -> Iterator[str]:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    given = schema_type(where)
    if origin in (typing.Union, types.UnionType) and type(None) in arguments:
        if present:
            yield f"{address} is always there, but may be None"
        left = tuple(a for a in arguments if a is not type(None))
        yield from field(left[0] if len(left) == 1 else typing.Union[left], where, True, address)  # noqa: UP007
    elif origin is tuple:
        if given != "array":
            yield f"{address} is a tuple, but {given}"
        yield from field(arguments[0], shape.entries(where, []), True, f"{address}.*")
    elif origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        if given != "object":
            yield f"{address} is a mapping, but {given}"
        if arguments[1] is not Any:
            yield from field(arguments[1], shape.entries(where, {}), True, f"{address}.*")
    elif not present and annotation is not Any:
        yield f"{address} may be absent, but cannot be None"
    elif isinstance(annotation, type) and issubclass(annotation, Choice):
        if not any("x-backends" in s for s in parts(where)):
            yield f"{address} is a choice, but no choice of backends"
    elif isinstance(annotation, type) and issubclass(annotation, Node):
        yield from compare(annotation, expanded(where), address)
    elif not fits(annotation, given):
        yield f"{address} is {annotation}, but {given}"


def fits(annotation: Any, given: str) -> bool:
    if given == "any":
        return annotation in (Any, Scalar)
    if given == "scalar":
        return bool(annotation == Scalar)
    if given.startswith("string or "):
        return annotation in (Share, Quantity, str | int)
    return annotation in TYPES[given]


@pytest.mark.parametrize("kind, name", [(Spec, "spec"), (Lock, "lock")])
def test_schema_and_class_have_the_same_fields(kind: type[Node], name: str) -> None:
    assert list(compare(kind, shape.root(name), name)) == []


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in every strict file, with where it stands."""

    def below(schema: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(schema, dict):
            yield where, schema
            for keyword in ("if", "then", "else", "items", "additionalProperties", "propertyNames"):
                yield from below(schema.get(keyword), f"{where}/{keyword}")
            for keyword in ("properties", "$defs"):
                for key, value in schema.get(keyword, {}).items():
                    yield from below(value, f"{where}/{keyword}/{key}")
            for keyword in ("allOf", "anyOf", "oneOf"):
                for index, value in enumerate(schema.get(keyword, ())):
                    yield from below(value, f"{where}/{keyword}/{index}")

    for address, document in shape.documents().items():
        yield from below(document, address.removeprefix(shape.BASE))


def is_property(where: str) -> bool:
    """Tell a property that is defined from one that a condition speaks of."""
    return (
        bool(re.search(r"/properties/[^/]+$", where))
        and not re.search(r"/(?:if|then|allOf|anyOf)/|^choices\.schema\.json", where)
        and ("/else/" not in where or "common.schema.json" in where or "/$defs/input/" in where)
    )


def test_every_property_says_what_it_is_for_shows_an_example_and_names_its_readers() -> None:
    silent = [
        where
        for where, schema in schemas()
        if is_property(where)
        and not (schema.get("description") and schema.get("examples") and _readers(schema) <= READERS)
    ]
    assert silent == []


def _readers(schema: dict[str, Any]) -> set[str]:
    read_by = schema.get("x-read-by", "nobody")
    return {read_by} if isinstance(read_by, str) else set(read_by)


def test_every_mapping_of_fields_is_closed() -> None:
    closed = {where for where, s in schemas() if s.get("unevaluatedProperties") is False}
    open_ones = [
        where
        for where, s in schemas()
        if s.get("type") == "object" and "properties" in s and where not in closed and "x-backends" not in s
        and not re.search(r"/(?:if|then|else)/properties/[^/]+$|^choices\.schema\.json", where)
    ]  # fmt: skip
    assert open_ones == []
    assert all("properties" in s for where, s in schemas() if where in closed)


def test_no_union_is_bare_and_no_reference_leaves_the_schemas() -> None:
    assert [where for where, s in schemas() if "oneOf" in s] == []
    assert [s["$ref"] for _, s in schemas() if ":" in s.get("$ref", "")] == []


def test_every_pattern_is_bounded_and_ends_at_the_end_of_the_text() -> None:
    loose = [
        where
        for where, s in schemas()
        if "pattern" in s
        and not ("maxLength" in s and s["pattern"].startswith("^") and s["pattern"].endswith(r"(?![\s\S])"))
    ]
    assert loose == []


def test_every_pattern_has_its_words() -> None:
    wordless = [
        where
        for where, s in schemas()
        if "pattern" in s and "x-must-be" not in s and not where.endswith(("/then", "/else"))
    ]
    assert wordless == []


def test_every_example_is_valid_and_every_default_is_an_allowed_value() -> None:
    wrong: list[str] = []
    for where, schema in schemas():
        if not is_property(where) or "const" in schema:
            continue
        file = where.split("/properties/")[0].split("/$defs/")[0].split("/else")[0]
        values = [*schema.get("examples", ()), *([schema["default"]] if "default" in schema else [])]
        wrong += [f"{where}: {value!r}" for value in values if not _valid(schema, file, value)]
    assert wrong == []


def _valid(schema: dict[str, Any], file: str, value: Any) -> bool:
    if isinstance(value, str) and value.startswith("${{"):
        return True  # as it is written, before values are put in
    documents = shape.documents()
    local = {k: v for k, v in schema.items() if k not in ("examples", "default")}
    document = {**documents[shape.BASE + file], "$id": shape.BASE + file.replace(".schema", ".sample")}
    sample = {k: v for k, v in document.items() if k in ("$schema", "$id", "$defs")} | {"allOf": [local]}
    registry = jsonschema_rs.Registry([*documents.items()])
    return bool(jsonschema_rs.Draft202012Validator(sample, registry=registry).is_valid(value))


def test_every_section_and_backend_has_a_file_that_names_itself() -> None:
    for address, document in shape.documents().items():
        assert document["$id"] == address
    backends = {
        (part["x-backends"], system)
        for where, part in schemas()
        if "x-backends" in part
        for system in shape.refer(part["allOf"][0]["$ref"], "platform.schema.json").schema["properties"]["backend"][
            "enum"
        ]
    }
    files = {
        (p.parent.name, p.name.removesuffix(".schema.json")) for p in (assets.SCHEMAS / "backends").rglob("*.json")
    }
    assert backends == files


def test_the_sections_are_those_of_the_language() -> None:
    assert set(shape.document("spec.schema.json")["properties"]) == set(SECTIONS)


def test_ten_lines_are_a_spec() -> None:
    minimal = (assets.SCHEMAS.parent / "examples" / "minimal" / "mlops.yaml").read_text(encoding="utf-8")
    assert len(minimal.splitlines()) <= 10
    assert check(Map({"apiVersion": "mlops-spec/v1", "project": Map({"name": "hello"})})) == []
