"""For people at a terminal: what happens, where, and because of which line."""

from __future__ import annotations

from collections.abc import Iterator

from mlops_spec.blueprint.effects import Effect
from mlops_spec.changes.causes import Cause
from mlops_spec.changes.data import MISSING
from mlops_spec.changes.tree import Field
from mlops_spec.report.changes import Compared, Group, causes, counts, environments_of, groups, quiet
from mlops_spec.report.changes.words import field, lines, place, sides, unnoticed, value
from mlops_spec.report.excerpt import visible

_SIGNS = {"create": "+", "update": "~", "delete": "-"}


def render(compared: Compared) -> str:
    """Print what caused the changes, the changes, and how many of what weight there are in each environment."""
    if not compared.objects:
        then = f"at {visible(compared.before)}" if compared.before else "before"
        return f"nothing: what is rendered is the same as {then}"
    return "\n".join([*_causes(compared), *_groups(compared), *_summary(compared)])


def _causes(compared: Compared) -> Iterator[str]:
    for cause in causes(compared):
        yield f"{place(cause)}: {visible(cause.address)}: {said(cause)}"
    yield ""


def said(cause: Cause) -> str:
    """Say what became of a line of the spec."""
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
        yield f"  {_SIGNS[group.object.verb]} {visible(group.object.path)}  {group.object.effect.words}"
        yield from (f"      {line}" for line in _fields(group))
    yield ""


def _fields(group: Group) -> Iterator[str]:
    several = len(group.object.causes) > 1
    quieter = sum(each.effect is Effect.NOTHING for each in group.object.fields)
    for each in group.object.fields:
        if each.effect is not Effect.NOTHING:
            yield f"{field(each.change)}{_because(each) if several else ''}"
            yield from (f"  {line}" for line in lines(each.change))
    if quieter:
        yield f"and {quieter} {'label or annotation' if quieter == 1 else 'labels and annotations'}"


def _because(each: Field) -> str:
    told = dict.fromkeys(f"{c.place.file}:{c.place.line}" if c.place else place(c) for c in each.causes)
    return f"  ({visible(', '.join(told))})" if told else ""


def _summary(compared: Compared) -> Iterator[str]:
    for name in environments_of(compared):
        told = ", ".join(f"{count} {effect.words}" for effect, count in counts(compared, name).items() if effect)
        mark = " (protected)" if name in compared.protected else ""
        yield f"{name}{mark}: {told or 'nothing that runs takes notice'}"
    if quiet(compared):
        yield unnoticed(quiet(compared))
