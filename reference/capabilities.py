"""What each system can carry: which are built, what is withheld where one is not, and what those built cannot do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mlops_spec.address import parse
from mlops_spec.backends import systems
from mlops_spec.backends.choice import CAPABILITIES
from mlops_spec.backends.limits import MAKES
from mlops_spec.blueprint.ports import Limit, absent
from reference.fields import Field, of_document, options_of, systems_of
from reference.markdown import code, heading, link, names, page, prose, table

_ABOUT = """\
Which real systems a spec may choose for each capability, and what each of them cannot do. What a system cannot do is
an error (MS145), at the line that asks for it. What is not built yet is a warning (MS146): what it would have made is
withheld, everything else is rendered. The same as [data](capabilities.json).
"""
_HEAD = ("field", "what cannot be had", "where", "then", "why")


class Row(NamedTuple):
    """A limit as data.

    ``refused`` is what cannot be had: the values of a field that takes one of a few, ``all`` where the field is to say
    nothing, ``some`` where the reason tells which. ``options`` are those of the system with which it holds.
    """

    field: str
    refused: tuple[str, ...] | str
    options: Mapping[str, Any]
    severity: str
    reason: str


def pages() -> Iterator[tuple[str, str]]:
    """Yield the page, and the same as JSON."""
    parts = (part for capability in CAPABILITIES for part in _capability(capability))
    yield "capabilities.md", page("Capabilities", _ABOUT, _overview(), *parts)
    yield "capabilities.json", json.dumps({c: _data(c) for c in CAPABILITIES}, indent=2, ensure_ascii=False) + "\n"


def limits(capability: str, system: str) -> list[Row]:
    """Return what a system that is built cannot do."""
    return [_row(limit, capability, system) for limit in systems(capability)[system].limits]


def _row(limit: Limit, capability: str, system: str) -> Row:
    above, path = of_document("spec"), tuple(map(str, parse(limit.field)))
    if path[0] == "platform" and path[1] in CAPABILITIES:
        above, path = _options(path, capability, system), path[2:]
    values = tuple(value for value in _below(above, path).says("enum") or () if not limit.honours(value))
    refused = "all" if limit.honours is absent else values or "some"
    return Row(limit.field, refused, limit.options, "error" if limit.built else "warning", limit.reason)


def _options(path: tuple[str, ...], capability: str, system: str) -> Field:
    """Return the options that a path is in: the system's own, or those of another capability's first that has it."""
    its, at = path[1], path[:2]
    if its == capability:
        return options_of(its, system, at)
    known = (options_of(its, name, at) for name in systems_of(its))
    return next(found for found in known if found.keys().get(path[2]))


def _below(field: Field, path: tuple[str, ...]) -> Field:
    """Return the field at a path, in which ``*`` stands for any name, below another."""
    for name in path:
        below = field.keys().get(name) or field.entries()
        assert below is not None, f"{field.name} has no {name}"
        field = below
    return field


def _overview() -> str:
    return table(
        ("capability", "built", "named by the language, not built yet"),
        (
            (
                link(code(capability), f"#{capability}"),
                _listed(name for name in systems_of(capability) if name in systems(capability)),
                _listed(name for name in systems_of(capability) if name not in systems(capability)),
            )
            for capability in CAPABILITIES
        ),
    )


def _listed(found: Iterator[str]) -> str:
    shown = list(found)
    return names(shown) if shown else ""


def _capability(capability: str) -> Iterator[str]:
    yield heading(2, code(capability), capability)
    options = f"spec/platform.md#platform.{capability}"
    about = _below(of_document("spec"), ("platform", capability)).says("description")
    yield f"{prose(about)} Options: {link(code(f'platform.{capability}'), options)}.\n"
    yield f"Where a system is not built yet, this is withheld: {names(MAKES[capability])}.\n"
    for name in systems_of(capability):
        yield heading(3, _title(capability, name), f"{capability}.{name}")
        if name not in systems(capability):
            yield "Not built yet.\n"
        elif limits(capability, name):
            yield table(_HEAD, map(_cells, limits(capability, name)))
        else:
            yield "Carries all that the language can ask of it.\n"


def _title(capability: str, name: str) -> str:
    return f"{prose(options_of(capability, name, ()).says('title'))} ({code(name)})"


def _cells(row: Row) -> tuple[str, ...]:
    options = " ".join(code(f"{option}: {value}") for option, value in row.options.items())
    refused = row.refused if isinstance(row.refused, str) else names(row.refused)
    return code(row.field), refused, options, row.severity, prose(row.reason)


def _data(capability: str) -> dict[str, Any]:
    return {
        "makes": MAKES[capability],
        "systems": {
            name: {
                "built": name in systems(capability),
                "limits": [row._asdict() for row in limits(capability, name)] if name in systems(capability) else [],
            }
            for name in systems_of(capability)
        },
    }
