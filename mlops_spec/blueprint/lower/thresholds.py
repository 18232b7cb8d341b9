"""The colours of numbers, by the conditions that alerts are decided by: what pages is red, what waits is orange."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mlops_spec.blueprint.lower.objectives import PAGE
from mlops_spec.blueprint.types import Threshold
from mlops_spec.language.condition import Condition
from mlops_spec.language.text import Name

WELL, NEAR, WAITING, PAGING, BEYOND = map(Name, ("green", "yellow", "orange", "red", "dark-red"))

_NEXT = 1e-9
"""How far beyond a bound another number lies that measures could show."""


class Bound(NamedTuple):
    """A condition on a number, how loud its breach is, and where the spec says so; None for a bound of our own."""

    condition: Condition
    severity: str
    address: str | None


def thresholds(address: str, bounds: Iterable[Bound]) -> tuple[Threshold, ...]:
    """Return where colours change; nowhere without a condition that has a good and a bad side."""
    sided = [bound for bound in bounds if bound.condition.operator[0] in "<>"]
    if not sided:
        return ()
    found = [Threshold(address=address, value=None, colour=_colour(sided, -math.inf))]
    for value in sorted({_edge(bound.condition) for bound in sided}):
        colour = _colour(sided, value)
        if colour != found[-1].colour:
            found.append(Threshold(address=address, value=value, colour=colour))
    return tuple(found)


def heat(address: str, bound: Bound) -> tuple[Threshold, ...]:
    """Return colours that also tell how far a score is from its bound: yellow is near, dark red far beyond."""
    value = bound.condition.value
    if value <= 0:
        return thresholds(address, [bound])
    loud = PAGING if bound.severity == PAGE else WAITING
    colours = (WELL, NEAR, loud, BEYOND) if bound.condition.operator[0] == "<" else (BEYOND, loud, NEAR, WELL)
    steps = zip((None, value / 2, value, value * 2), colours)
    return tuple(Threshold(address=address, value=at, colour=colour) for at, colour in steps)


def _edge(condition: Condition) -> float:
    """Return the first number beyond which all is the same: the bound itself, or what comes right after it."""
    after = max(_NEXT, math.ulp(condition.value))
    return condition.value + (after if condition.operator in ("<=", ">") else 0)


def _colour(bounds: Sequence[Bound], number: float) -> Name:
    breached = {bound.severity for bound in bounds if not bound.condition.holds(number)}
    if not breached:
        return WELL
    return PAGING if PAGE in breached else WAITING
