"""Conditions that nothing can break, or nothing can satisfy, because of the numbers that can be measured at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlops_spec.language.condition import Condition

_OF_ONE = re.compile(r"(?:^|_)(?:auc|auroc)\Z")
_OF_ONE_OR_HUNDRED = re.compile(r"(?:^|_)(?:accuracy|precision|recall|sensitivity|specificity|f1|f1_score)\Z")
_ORDERED = ("<", "<=", ">", ">=")


def largest(metric: str) -> tuple[float, ...]:
    """Return the largest value of a metric that lies between 0 and that, by its name; none of one that is unbounded.

    ``val_accuracy`` has two: some code measures in percent.
    """
    if _OF_ONE.search(metric):
        return (1,)
    return (1, 100) if _OF_ONE_OR_HUNDRED.search(metric) else ()


def is_settled(condition: Condition, most: Sequence[float] = (1,), *, signed: bool = False) -> bool | None:
    """Say whether a condition holds for all numbers from 0 to each of ``most``, or for none; None for some.

    With ``signed`` the numbers begin at the negative of the largest, as those of a difference do.
    """
    if condition.operator not in _ORDERED or not most:
        return None
    held = {condition.holds(end) for top in most for end in (-top if signed else 0, top)}
    return held.pop() if len(held) == 1 else None


def as_percentage(condition: Condition) -> str | None:
    """Return a condition over a part of one as it was meant: a number above 1 with no unit is mostly a percentage."""
    return f"{condition}%" if not condition.unit and 1 < condition.value <= 100 else None


def meant(condition: Condition) -> str:
    """Say how a condition over a part of one was meant."""
    percentage = as_percentage(condition)
    return f"write `{percentage}`" if percentage else "compare with a number between 0 and 1"
