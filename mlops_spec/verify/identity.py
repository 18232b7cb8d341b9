"""A rendered object is the one that the blueprint has: its kind, its name, its namespace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_spec.address import parse
from mlops_spec.diagnostic import Diagnostic
from mlops_spec.source.tree import Map, find
from mlops_spec.verify.syntax import at

_WHAT = {"apiVersion": "MS182", "kind": "MS182", "metadata.name": "MS184", "metadata.namespace": "MS184"}


def check(
    document: Mapping[str, Any], path: str, address: str, wanted: Mapping[str, str | None], *, patched: bool
) -> Iterator[Diagnostic]:
    """Report each field that is not as wanted; None wants it absent."""
    for field, value in wanted.items():
        found = find(document, parse(field))
        if found != value:
            yield at(document, parse(field), path, _WHAT[field], _said(field, found, value), address, _way_out(patched))


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
