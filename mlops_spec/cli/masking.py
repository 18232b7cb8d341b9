"""Secrets in a quoted line: a report goes to logs that more people read than the spec."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mlops_spec.diagnostic import Place
from mlops_spec.lint.credential import named, recognised

MASK = "…"
_VALUE = re.compile(
    r"""(?:(?P<key>[A-Za-z0-9_.-]+)["']?\s*:\s+)?
        (?P<value>"(?:\\.|[^"\\])*" | '(?:''|[^'])*' | [^\s,\[\]{}"']+)""",
    re.VERBOSE,
)


def masked(text: str, places: Iterable[Place]) -> str:
    """Return a text with the secrets masked that stand on the lines of ``places``."""
    lines = text.split("\n")
    for number in {place.line for place in places}:
        if number <= len(lines):
            lines[number - 1] = _VALUE.sub(_mask, lines[number - 1])
    return "\n".join(lines)


def _mask(found: re.Match[str]) -> str:
    value = found["value"].strip("\"'")
    if recognised(value) is None and named(found["key"] or "", value) is None:
        return found.group()
    return found.group().replace(found["value"], MASK)
