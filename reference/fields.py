"""Every key that the schemas know, by its address, with each schema that speaks of it and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mlops_spec.address import text
from mlops_spec.language import choices, shape
from mlops_spec.language.shape import Part
from reference.conditions import negated, said

Address = tuple[str, ...]


class Said(NamedTuple):
    """A schema that speaks of a value: the file that it stands in, and where it holds (empty for always)."""

    schema: dict[str, Any]
    file: str
    where: str


class Field(NamedTuple):
    """A value that may stand at ``address``, in which ``*`` is any name; the schema nearest to it comes first."""

    address: Address
    said: tuple[Said, ...]

    def says(self, keyword: str, where: str = "") -> Any:
        """Return what the nearest schema that holds always, or ``where``, has under ``keyword``; None for none."""
        return next((s.schema[keyword] for s in self.said if s.where == where and keyword in s.schema), None)

    def keys(self) -> dict[str, Field]:
        """Return the keys that may stand in it."""
        found: dict[str, tuple[Said, ...]] = {}
        for schema, file, where in self.said:
            for key, value in schema.get("properties", {}).items():
                if isinstance(value, dict):
                    found[key] = (*found.get(key, ()), *speaking(Part(value, file), where))
        return {key: Field((*self.address, key), speakers) for key, speakers in found.items()}

    def entries(self) -> Field | None:
        """Return what its entries are, where it is a list or a map of free names."""
        found = tuple(
            speaker
            for schema, file, where in self.said
            for keyword in ("additionalProperties", "items")
            if isinstance(schema.get(keyword), dict)
            for speaker in speaking(Part(schema[keyword], file), where)
        )
        return Field((*self.address, "*"), found) if found else None

    @property
    def name(self) -> str:
        """The address as text."""
        return text(self.address)

    @property
    def anchor(self) -> str:
        """What links to it end with."""
        return self.name.replace("*.", "").removesuffix(".*")


def of_document(name: str) -> Field:
    """Return the field that a whole document is: of ``spec``, ``lock`` or ``runtime/monitor``."""
    (part,) = shape.root(name)
    return Field((), tuple(speaking(part)))


def of_file(file: str, address: Address) -> Field:
    """Return a field at ``address`` of which one schema file says all."""
    return Field(address, tuple(speaking(Part(shape.document(file), file))))


def systems_of(capability: str) -> list[str]:
    """Return the systems that a spec may choose for a capability, the default first."""
    found: list[str] = shape.document(choices.FILE)["$defs"][capability]["properties"]["backend"]["enum"]
    return found


def options_of(capability: str, system: str, address: Address) -> Field:
    """Return the options of a system as a field at ``address``."""
    return of_file(f"backends/{capability}/{system}.schema.json", address)


def walk(field: Field) -> Iterator[Field]:
    """Yield a field and all below it that have keys, outermost first."""
    keys = field.keys()
    if keys:
        yield field
    entries = field.entries()
    for below in (*keys.values(), *([entries] if entries else [])):
        yield from walk(below)


def speaking(part: Part, where: str = "") -> Iterator[Said]:
    """Yield every schema that may speak of a value: the nearest, what it refers to, and each branch with its condition.

    Those of a capability's systems are left out: the choice of ``backend`` says which of them speaks.
    """
    schema, file = part
    yield Said(schema, file, where)
    if "$ref" in schema:
        yield from speaking(shape.refer(schema["$ref"], file), where)
    for member in schema.get("allOf", ()) if file != choices.FILE else ():
        yield from speaking(Part(member, file), where)
    for branch, condition in (("then", said), ("else", negated)):
        if isinstance(schema.get(branch), dict):
            yield from speaking(Part(schema[branch], file), ", ".join(filter(None, (where, condition(schema["if"])))))
