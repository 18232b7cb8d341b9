"""For people: each problem with its line, what is meant in it, and the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from mlops_spec.diagnostic import Diagnostic, Place, Severity
from mlops_spec.report.excerpt import excerpt, summary, visible
from mlops_spec.report.left_out import HELP, apart, line
from mlops_spec.report.of_specs import NO_SPECS, of_specs

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def render(
    diagnostics: Sequence[Diagnostic],
    sources: Mapping[str, str],
    *,
    colour: bool = False,
    specs: Mapping[Diagnostic, Sequence[str]] = NO_SPECS,
) -> str:
    """Print each as ``file:line:col: severity CODE message`` with its source lines below, and how many there are.

    What is left out of a spec with which nothing is wrong comes last, on a line each. Nothing is printed for no
    problems. Characters that a terminal would obey are written out. ``specs`` has in which specs a problem arises,
    where several were looked at.
    """
    if not diagnostics:
        return ""
    paint = _Paint(colour)
    problems, left_out = apart(diagnostics)
    told = ["\n".join(_problem(d, sources, paint, of_specs(d, specs.get(d, ())))) for d in problems]
    if left_out:
        found = ((d, of_specs(d, specs.get(d, ()))) for d in left_out)
        heads = (_head(d, f"{line(d)} ({of})" if of else line(d), paint) for d, of in found)
        told.append("\n".join([*heads, _help(HELP, paint)]))
    return "\n\n".join([*told, _counted(diagnostics)]) + "\n"


class _Paint:
    """Styles text, or leaves it as it is."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self.colour else text


def _problem(d: Diagnostic, sources: Mapping[str, str], paint: _Paint, of: str) -> Iterator[str]:
    yield _head(d, d.message, paint)
    if d.place is not None:
        yield from _lines(d.place, sources, paint, _COLOURS[d.severity])
    for related in d.related:
        yield f"{_at(related.place)}{visible(related.message)}"
        yield from _lines(related.place, sources, paint, "blue")
    if d.environments:
        yield f"in {visible(', '.join(d.environments))}"
    if of:
        yield visible(of)
    if d.hint:
        yield _help(d.hint, paint)


def _head(d: Diagnostic, message: str, paint: _Paint) -> str:
    severity = paint(str(d.severity), fg=_COLOURS[d.severity], bold=True)
    return f"{_at(d.place)}{severity} {paint(d.code, bold=True)} {visible(message)}"


def _help(hint: str, paint: _Paint) -> str:
    return f"{paint('help:', fg='green')} {visible(hint)}"


def _at(place: Place | None) -> str:
    return "" if place is None else f"{visible(str(place))}: "


def _lines(place: Place, sources: Mapping[str, str], paint: _Paint, colour: str) -> Iterator[str]:
    shown = excerpt(place, sources)
    if shown is not None:
        yield f"{place.line:>5} | {shown.line}".rstrip()
        yield f"{'':>5} | {' ' * shown.start}{paint('^' * shown.width, fg=colour, bold=True)}"


def _counted(diagnostics: Sequence[Diagnostic]) -> str:
    counts = zip(summary(diagnostics), ("error", "warning"))
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count)
