"""Conditions that nothing can break, or nothing can satisfy, because of the numbers that can be measured at all."""

from __future__ import annotations

import re

from mlops_spec.language.condition import Condition

_OF_ONE = re.compile(r"(?:^|_)(?:auc|auroc|accuracy|precision|recall|sensitivity|specificity|f1|f1_score)\Z")
_ORDERED = ("<", "<=", ">", ">=")


def is_part_of_one(metric: str) -> bool:
    """Tell whether a metric is one of those that lie between 0 and 1, by its name: ``auc``, ``val_f1``."""
    return _OF_ONE.search(metric) is not None


def is_settled(condition: Condition, least: float, most: float) -> bool | None:
    """Say whether a condition holds for all numbers from ``least`` to ``most``, or for none; None for some."""
    if condition.operator not in _ORDERED:
        return None
    lowest, highest = condition.holds(least), condition.holds(most)
    return lowest if lowest is highest else None


def as_part(condition: Condition, least: float = 0) -> str:
    """Say how to write a condition over a part of one: a number above 1 with no unit is mostly a percentage."""
    if not condition.unit and 1 < condition.value <= 100:
        return f"write `{condition}%`"
    return f"compare with a number between {least:g} and 1"
