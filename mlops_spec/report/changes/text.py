"""For people at a terminal: what happens, where, and because of which line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.causes import Cause
from mlops_spec.changes.data import MISSING
from mlops_spec.report.changes import Compared, Group, causes, counts, environments_of, groups, quiet, unknown
from mlops_spec.report.changes.words import field, lines, place, sides, unnoticed, value
from mlops_spec.report.excerpt import visible

_SIGNS = {"create": "+", "update": "~", "delete": "-"}


def render(compared: Compared) -> str:
    """Print what caused the changes, the changes, and how many of what weight there are in each environment.

    Beside a cluster no line of the spec has changed: each change names the one that says what is rendered.
    """
    if not compared.objects:
        if compared.live:
            return unknown(compared) or f"nothing: {visible(compared.live)} has what is rendered"
        then = f"at {visible(compared.before)}" if compared.before else "before"
        return f"nothing: what is rendered is the same as {then}"
    if compared.live:
        return "\n".join([*_groups(compared), *_summary(compared)]).removeprefix("\n")
    return "\n".join([*_causes(compared), *_groups(compared), *_summary(compared)])


def _causes(compared: Compared) -> Iterator[str]:
    for cause in causes(compared):
        yield ": ".join(filter(None, (place(cause), visible(cause.address), said(cause))))
    yield ""


def said(cause: Cause) -> str:
    """Say what became of a line of the spec; nothing where it is beside what is live, which is no text."""
    if cause.before is MISSING and cause.after is MISSING:
        return ""
    before, after = sides(cause.before, cause.after)
    if cause.before is MISSING:
        return f"+ {value(cause.after)}"
    return f"- {value(cause.before)}" if cause.gone else f"{before} -> {after}"


def _groups(compared: Compared) -> Iterator[str]:
    within: tuple[str, ...] = ()
    order = [*compared.environments]
    for group in sorted(
        groups(compared),
        key=lambda group: [order.index(name) if name in order else len(order) for name in group.environments],
    ):
        if group.environments != within:
            within = group.environments
            yield f"{', '.join(within)}:"
        each = group.object
        because = "" if each.fields or not compared.live else _because(each.causes)
        yield f"  {_SIGNS[each.verb]} {visible(each.path)}  {each.effect.words}{because}"
        yield from (f"      {line}" for line in _fields(group, always=bool(compared.live)))
    yield ""


def _fields(group: Group, *, always: bool) -> Iterator[str]:
    several = always or len(group.object.causes) > 1
    quieter = sum(each.effect is Effect.NOTHING for each in group.object.fields)
    for each in group.object.fields:
        if each.effect is not Effect.NOTHING:
            yield f"{field(each.change)}{_because(each.causes) if several else ''}"
            yield from (f"  {line}" for line in lines(each.change))
    if quieter:
        yield f"and {quieter} {'label or annotation' if quieter == 1 else 'labels and annotations'}"


def _because(made: Sequence[Cause]) -> str:
    told = dict.fromkeys(f"{c.place.file}:{c.place.line}" if c.place else place(c) for c in made)
    return f"  ({visible(', '.join(told))})" if told else ""


def _summary(compared: Compared) -> Iterator[str]:
    for name in environments_of(compared):
        told = ", ".join(f"{count} {effect.words}" for effect, count in counts(compared, name).items() if effect)
        mark = " (protected)" if name in compared.protected else ""
        yield f"{name}{mark}: {told or 'nothing that runs takes notice'}"
    if quiet(compared):
        yield unnoticed(quiet(compared))
    if compared.refused:
        yield unknown(compared)
