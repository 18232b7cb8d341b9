"""Values and effects as both outputs say them."""

from __future__ import annotations

import difflib
import json
from typing import Any

from mlops_spec.changes.causes import Cause
from mlops_spec.changes.data import MISSING, Change
from mlops_spec.report.excerpt import visible

_WIDTH = 100
_MOST_LINES = 40


def value(data: Any, width: int = _WIDTH) -> str:
    """Say a value on one line, cut where it is long."""
    if data is MISSING:
        return "nothing"
    said = visible(
        data if isinstance(data, str) and data.isprintable() and data else json.dumps(data, ensure_ascii=False)
    )
    return said if len(said) <= width else f"{said[: width - 1]}…"


def sides(before: Any, after: Any) -> tuple[str, str]:
    """Say two values, each cut to where they begin to differ."""
    one, other = (value(side, 1 << 20) for side in (before, after))
    shared = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    start = max(0, shared - _WIDTH // 2) if max(len(one), len(other)) > _WIDTH else 0
    return _from(one, start), _from(other, start)


def _from(said: str, start: int) -> str:
    head, rest = ("…" if start else ""), said[start:]
    return f"{head}{rest}" if len(rest) <= _WIDTH else f"{head}{rest[: _WIDTH - 1]}…"


def lines(change: Change) -> list[str]:
    """Return the lines of a change as a diff has them: two for a value, more for a text of many lines."""
    before, after = change.before.value, change.after.value
    if isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        return _cut([visible(line) for line in _diff(before, after)])
    one, other = sides(before, after)
    return [f"{sign} {said}" for sign, said, side in (("-", one, before), ("+", other, after)) if side is not MISSING]


def _diff(before: str, after: str) -> list[str]:
    found = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=1)
    return [line for line in found if not line.startswith(("---", "+++", "@@"))]


def _cut(found: list[str]) -> list[str]:
    more = len(found) - _MOST_LINES
    return found if more <= 0 else [*found[:_MOST_LINES], f"  … {more} lines more"]


def field(change: Change) -> str:
    """Name the field that changes."""
    return visible(".".join(change.path)) or "the text"


def unnoticed(files: int) -> str:
    """Say how many files differ to no effect."""
    return f"{files} more {'file differs' if files == 1 else 'files differ'} where nothing that runs takes notice"


def place(cause: Cause) -> str:
    """Say where a cause stands."""
    return visible(str(cause.place)) if cause.place else "a default"
