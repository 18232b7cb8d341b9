"""For programs: every field of every problem."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_spec.diagnostic import Diagnostic, Place
from mlops_spec.report.excerpt import summary


def render(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str]) -> str:
    """Print one object: ``diagnostics`` in their order, and ``summary`` with how many errors and warnings there are."""
    errors, warnings = summary(diagnostics)
    found = {"diagnostics": [_problem(d) for d in diagnostics], "summary": {"errors": errors, "warnings": warnings}}
    return json.dumps(found, indent=2) + "\n"


def _problem(d: Diagnostic) -> dict[str, Any]:
    return {
        "severity": str(d.severity),
        "code": d.code,
        "message": d.message,
        **_place(d.place),
        "address": d.address,
        "hint": d.hint,
        "related": [{"message": r.message, **_place(r.place)} for r in d.related],
        "environments": list(d.environments),
    }


def _place(place: Place | None) -> dict[str, Any]:
    return dict.fromkeys(Place._fields) if place is None else place._asdict()
