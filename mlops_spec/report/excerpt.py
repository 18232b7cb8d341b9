"""A line of a source as a terminal can show it, and the words about a problem that every output needs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mlops_spec.diagnostic import Diagnostic, Place, Severity

_WIDTH = 120
_WORD = r"(?:[^\s,:\[\]{}]|:(?=\S))+"
_TOKEN = re.compile(
    r""" "(?:\\.|[^"\\])*" | '(?:''|[^'])*' | \$\{\{[^}]*\}\} | """ + rf"{_WORD}(?:[ ]+(?!\#){_WORD})* | .", re.VERBOSE
)
_INVISIBLE = ("C", "Zl", "Zp")


class Excerpt(NamedTuple):
    """A source line made visible, cut around what is meant: ``start`` and ``width`` are that one's terminal cells."""

    line: str
    start: int
    width: int


def excerpt(place: Place, sources: Mapping[str, str]) -> Excerpt | None:
    """Show the line of ``place`` and the key or value that starts there; None where that line is blank or unknown."""
    lines = sources.get(place.file, "").split("\n")
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if not line.strip():
        return None
    column = min(place.column - 1, len(line))
    token = _TOKEN.match(line, column)
    left = max(0, column - _WIDTH // 2) if len(line) > _WIDTH else 0
    right = left + _WIDTH
    before, meant = line[left:column], token.group()[: right - column] if token else ""
    after = line[column + len(meant) : right]
    head, tail = "…" if left else "", "…" if right < len(line) else ""
    shown = f"{head}{visible(before)}{visible(meant)}{visible(after)}{tail}"
    return Excerpt(shown.rstrip(), cells(head + visible(before)), max(1, cells(visible(meant))))


def visible(text: str) -> str:
    """Write out the characters that a terminal would obey or hide instead of showing them."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c).startswith(_INVISIBLE) else c for c in text)


def cells(text: str) -> int:
    """Count the columns that a terminal needs for ``text``."""
    return sum(_cell(c) for c in text) if not text.isascii() else len(text)


def summary(diagnostics: Iterable[Diagnostic]) -> tuple[int, int]:
    """Count the errors and the warnings."""
    severities = [d.severity for d in diagnostics]
    return severities.count(Severity.ERROR), severities.count(Severity.WARNING)


def _cell(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _escaped(character: str) -> str:
    short = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}.get(character)
    code = ord(character)
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
