"""Where an expression stands in a line of template text, and so which printer prints it.

A line is given as its *shape*: its text, with ``VALUE`` for each expression that prints a value and ``MACRO`` for each
call of a macro. A language answers with slots: which part of the shape is replaced by what which printer prints.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from mlops_spec.render.fault import Unprintable

VALUE = "\x00"
MACRO = "\x01"


class Slot(NamedTuple):
    """Part of a shape that one printer prints. ``column`` is that of what a block of text, or a macro, belongs to."""

    start: int
    end: int
    printer: str
    column: int | None = None


class Language(Protocol):
    """The rules of one file type; it remembers what the lines so far have left open."""

    @property
    def open(self) -> str:
        """The quote that is open at the end of the last line, or nothing."""
        ...

    def slots(self, shape: str) -> list[Slot]:
        """Say who prints what in the next line. Raises Unprintable where an expression cannot stand."""
        ...


def names(text: str, start: int, where: str) -> list[Slot]:
    """Let a Name stand at each sign of a text that begins at ``start``."""
    if MACRO in text:
        raise Unprintable(f"a macro cannot be pasted {where}")
    return [Slot(start + at, start + at + 1, "name") for at, character in enumerate(text) if character == VALUE]


def paste(shape: str) -> Slot:
    """Paste a macro over its whole line, at the column where its call stands."""
    return Slot(0, len(shape), "paste", len(shape) - len(shape.lstrip()))
