"""For programs: every field of every problem."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlops_spec.diagnostic import Diagnostic, Place
from mlops_spec.report.excerpt import summary
from mlops_spec.report.of_specs import Specs


def render(
    diagnostics: Sequence[Diagnostic],
    sources: Mapping[str, str],
    repaired: Iterable[Diagnostic] | None = None,
    specs: Specs | None = None,
) -> str:
    """Print one object: ``diagnostics`` in their order, and ``summary`` with how many errors and warnings there are.

    Where repairs were asked for, ``repaired`` has the problems that are no more. Where several ``specs`` were looked
    at, each problem names those in which it arises, and each spec says how it ended.
    """
    errors, warnings = summary(diagnostics)
    of = [{} if specs is None else {"specs": list(specs.of[d])} for d in diagnostics]
    told = [{**problem(d), **named} for d, named in zip(diagnostics, of)]
    found = {"diagnostics": told, "summary": {"errors": errors, "warnings": warnings}}
    mended = {} if repaired is None else {"repaired": [problem(d) for d in repaired]}
    ended = {} if specs is None else {"specs": list(specs.ended)}
    return json.dumps({**mended, **found, **ended}, indent=2) + "\n"


def problem(d: Diagnostic) -> dict[str, Any]:
    """Return every field of a problem."""
    return {
        "severity": str(d.severity),
        "code": d.code,
        "message": d.message,
        **_place(d.place),
        "address": d.address,
        "hint": d.hint,
        "related": [{"message": r.message, **_place(r.place)} for r in d.related],
        "environments": list(d.environments),
        "repair": d.repair and {**_place(d.repair.place), "key": d.repair.key, "value": d.repair.value},
    }


def _place(place: Place | None) -> dict[str, Any]:
    return dict.fromkeys(Place._fields) if place is None else place._asdict()
