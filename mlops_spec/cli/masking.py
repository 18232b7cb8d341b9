"""Secrets in a quoted line: a report goes to logs that more people read than the spec."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from mlops_spec.diagnostic import Place
from mlops_spec.lint.credential import named, recognised

MASK = "…"
_VALUE = re.compile(
    r"""(?:(?P<key>[A-Za-z0-9_.-]+)["']?\s*:\s+)?
        (?P<value>"(?:\\.|[^"\\])*" | '(?:''|[^'])*' | [^\s,\[\]{}"']+)""",
    re.VERBOSE,
)


def masked(text: str, places: Iterable[Place]) -> str:
    """Return a text with the secrets masked that stand on the lines of ``places``.

    Columns stay right. A mask does not tell how long the secret is, unless a place behind it on its line does anyway.
    """
    lines = text.split("\n")
    columns: dict[int, int] = {}
    for place in places:
        columns[place.line] = max(place.column, columns.get(place.line, 0))
    for number, column in columns.items():
        if number <= len(lines):
            lines[number - 1] = _VALUE.sub(partial(_mask, column), lines[number - 1])
    return "\n".join(lines)


def _mask(last_column: int, found: re.Match[str]) -> str:
    value = found["value"].strip("\"'")
    if recognised(value) is None and named(found["key"] or "", value) is None:
        return found.group()
    before, length = found.group()[: found.start("value") - found.start()], len(found["value"])
    return before + (MASK.ljust(length) if last_column > found.end("value") else MASK)
