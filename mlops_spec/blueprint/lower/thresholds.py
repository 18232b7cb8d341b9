"""The colours of numbers, by the conditions that alerts are decided by: what pages is red, what waits is orange."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mlops_spec.blueprint.lower.objectives import PAGE
from mlops_spec.blueprint.types import Threshold
from mlops_spec.language.condition import Condition
from mlops_spec.language.text import Name

WELL, WAITING, PAGING = Name("green"), Name("orange"), Name("red")


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
    found = [Threshold(address=address, value=None, colour=_colour(sided, None))]
    for value in sorted({bound.condition.value for bound in sided}):
        colour = _colour(sided, value)
        if colour != found[-1].colour:
            found.append(Threshold(address=address, value=value, colour=colour))
    return tuple(found)


def _colour(bounds: Sequence[Bound], above: float | None) -> Name:
    """Return the colour of what lies just above a number, or below all."""
    breached = {bound.severity for bound in bounds if _breached(bound.condition, above)}
    if not breached:
        return WELL
    return PAGING if PAGE in breached else WAITING


def _breached(condition: Condition, above: float | None) -> bool:
    high = above is not None and above >= condition.value
    return high if condition.operator[0] == "<" else not high
