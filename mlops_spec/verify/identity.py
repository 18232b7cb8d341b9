"""A rendered object is the one that the blueprint has: its kind, its name, its namespace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_spec.diagnostic import Diagnostic
from mlops_spec.source.tree import Map, find
from mlops_spec.verify.syntax import at, dotted

Field = tuple[str, ...]

API_VERSION: Field = ("apiVersion",)
KIND: Field = ("kind",)
NAME: Field = ("metadata", "name")
NAMESPACE: Field = ("metadata", "namespace")

_CODES = {API_VERSION: "MS182", KIND: "MS182", NAME: "MS184", NAMESPACE: "MS184"}


def check(
    document: Mapping[str, Any], path: str, address: str, wanted: Mapping[Field, str | None], *, patched: bool
) -> Iterator[Diagnostic]:
    """Report each field that is not as wanted; None wants it absent."""
    for field, value in wanted.items():
        found = find(document, field)
        if found != value:
            message = _said(dotted(field), found, value)
            yield at(document, field, path, _CODES[field], message, address, _way_out(patched))


def named_after_template(kind: str, path: str, address: str, template: str) -> Iterator[Diagnostic]:
    """Report a template that prints another kind than it is named after: an override cannot smuggle one in."""
    named = template.rpartition("/")[2].partition(".")[0]
    if kind.lower() != named:
        message = f"the template {template} prints a {kind}"
        yield at(Map(), (), path, "MS182", message, address, "a template prints the kind that its name says")


def _said(field: str, found: object, wanted: str | None) -> str:
    there = "is missing" if found is None else f"is {found}"
    return f"`{field}` {there}, and should be {wanted}" if wanted else f"`{field}` {there}, and should not be there"


def _way_out(patched: bool) -> str:
    return "a patch leaves kind, name and namespace as they are" if patched else "mend the template"
