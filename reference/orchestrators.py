"""Every field of a pipeline, and how each orchestrator honours it: where it shows, or why it cannot be had."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mlops_spec.address import parse
from mlops_spec.backends import systems
from reference.capabilities import Row, limits
from reference.fields import systems_of
from reference.markdown import code, heading, names, page, prose, table

LANDINGS = Path(__file__).with_suffix(".json")
"""Where each field shows on each system, as altering it finds: tests/house/test_orchestrators_drop_nothing.py."""

_ABOUT = """\
Every field of a pipeline and of the compute that it asks for, and what each orchestrator makes of it: where the field
shows in the rendered files (a `*` is a name from the spec, `[]` an item of a list), or why it cannot be had. What
cannot be had is an error (MS145) at the line that asks for it; what is not built yet is a warning (MS146). The tests
alter each field, on each orchestrator, and compare what changes with this page. The same as [data](orchestrators.json).
"""
_PARTS = (("Pipelines", "pipelines.*"), ("Steps", "pipelines.*.steps.*"), ("Compute", "compute.*"))
_SHOWN = 3


class Cell(NamedTuple):
    """How a system honours a field: ``yes``, ``in part`` or ``no``; where it shows; the limits that speak of it."""

    honoured: str
    shows: Sequence[str]
    limits: Sequence[Row]


def cells(landings: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, dict[str, Cell]]:
    """Return the cell of each field and system that is built; ``landings`` are those that altering found."""
    built = [name for name in systems_of("orchestrator") if name in systems("orchestrator")]
    return {
        field: {system: _cell(field, system, shows.get(system, ())) for system in built}
        for field, shows in landings.items()
    }


def pages() -> Iterator[tuple[str, str]]:
    """Yield the page, and the same as JSON."""
    found = cells(json.loads(LANDINGS.read_text("utf-8")))
    parts: dict[str, list[str]] = {title: [] for title, _ in _PARTS}
    for field in found:
        title = max((prefix, title) for title, prefix in _PARTS if field.startswith(f"{prefix}."))[1]
        parts[title].append(field)
    told = (part for title, fields in parts.items() for part in _part(title, {f: found[f] for f in fields}))
    yield "orchestrators.md", page("Orchestrators", _ABOUT, *told)
    yield "orchestrators.json", json.dumps(_data(found), indent=2, ensure_ascii=False) + "\n"


def _cell(field: str, system: str, shows: Sequence[str]) -> Cell:
    rows = [row for row in limits("orchestrator", system) if _speaks(row, field)]
    refused = any(row.refused == "all" and not row.options for row in rows)
    return Cell("no" if refused else "in part" if rows else "yes", () if refused else shows, rows)


def _speaks(row: Row, field: str) -> bool:
    """Tell whether a limit is of the field, or of what holds it."""
    asked = parse(row.field)
    return parse(field)[: len(asked)] == asked


def _part(title: str, found: Mapping[str, Mapping[str, Cell]]) -> Iterator[str]:
    yield heading(2, title, title.lower())
    built = next(iter(found.values()))
    yield table(
        ("field", *map(code, built)), ((code(field), *map(_told, row.values())) for field, row in found.items())
    )


def _told(cell: Cell) -> str:
    more = ["…"] if len(cell.shows) > _SHOWN else []
    return "<br>".join([*map(code, cell.shows[:_SHOWN]), *more, *map(_limit, cell.limits)])


def _limit(row: Row) -> str:
    what = (
        {"all": "no", "some": "not all"}.get(row.refused)
        if isinstance(row.refused, str)
        else f"not {names(row.refused)}"
    )
    options = (
        f" with {code(f'{option}: {value}')}" if value is not None else f" without {code(option)}"
        for option, value in row.options.items()
    )
    return f"{what}{''.join(options)}: {prose(row.reason)}"


def _data(found: Mapping[str, Mapping[str, Cell]]) -> dict[str, Any]:
    return {
        field: {
            system: {
                "honoured": cell.honoured,
                "shows": list(cell.shows),
                "limits": [row._asdict() for row in cell.limits],
            }
            for system, cell in row.items()
        }
        for field, row in found.items()
    }
