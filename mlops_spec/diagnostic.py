"""Problems as values: what a user got wrong, where it stands, and the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """How much a problem weighs: only an error fails a command."""

    WARNING = 1
    ERROR = 2

    def __str__(self) -> str:
        return self.name.lower()


class Place(NamedTuple):
    """A point in a source text: ``file`` relative to the root; ``line`` and ``column`` from 1, in characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Related(NamedTuple):
    """A second place that a problem speaks of, such as where a name was first defined."""

    message: str
    place: Place


class Repair(NamedTuple):
    """One line of a text that mends a problem: ``value`` in place of what stands at ``place``, the place of a key.

    With a ``key`` it is put there, into the map at ``place``; None takes out what stands there. A tuple is a list.
    """

    place: Place
    key: str | None
    value: str | tuple[str | float, ...] | None


class Diagnostic(NamedTuple):
    """One problem.

    ``message`` is in the field's words and has no line end; ``hint`` is the way out. ``environments`` names those in
    which it arises and is empty where it does not depend on one. ``repair`` is there where the way out is mechanical
    and safe.
    """

    severity: Severity
    code: str
    message: str
    place: Place | None
    address: str = ""
    hint: str = ""
    related: tuple[Related, ...] = ()
    environments: tuple[str, ...] = ()
    repair: Repair | None = None


def error(
    code: str, message: str, place: Place | None, address: str = "", hint: str = "", *related: Related
) -> Diagnostic:
    """Make a problem that fails the command."""
    return Diagnostic(Severity.ERROR, code, message, place, address, hint, related)


def warning(
    code: str, message: str, place: Place | None, address: str = "", hint: str = "", *related: Related
) -> Diagnostic:
    """Make a problem that is said and fails nothing."""
    return Diagnostic(Severity.WARNING, code, message, place, address, hint, related)


def failed(diagnostics: Iterable[Diagnostic]) -> bool:
    """Tell whether any of them is an error."""
    return any(d.severity is Severity.ERROR for d in diagnostics)


def ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort by place, and merge those that differ by environment alone into one that names them all."""
    merged: dict[Diagnostic, list[str]] = {}
    for d in diagnostics:
        names = merged.setdefault(d._replace(environments=()), [])
        names.extend(e for e in d.environments if e not in names)
    return tuple(sorted((d._replace(environments=tuple(names)) for d, names in merged.items()), key=order))


def order(d: Diagnostic) -> tuple[str, int, int, int, str, str]:
    """Return what problems are sorted by: their places first."""
    place = d.place or Place("", 0, 0)
    return (place.file, place.line, place.column, -d.severity, d.code, d.message)


def in_environment(diagnostics: Iterable[Diagnostic], name: str) -> Iterator[Diagnostic]:
    """Mark each as arising in the environment ``name``."""
    return (d._replace(environments=(name,)) for d in diagnostics)
