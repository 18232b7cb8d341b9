"""Conditions that nothing can break, or nothing can satisfy, because of the numbers that can be measured at all."""

from __future__ import annotations

import re

from mlops_spec.language.condition import Condition
from mlops_spec.lint.rule import Change, Finding

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


def as_percentage(condition: Condition) -> str | None:
    """Return a condition over a part of one as it was meant: a number above 1 with no unit is mostly a percentage."""
    return f"{condition}%" if not condition.unit and 1 < condition.value <= 100 else None


def settled(message: str, address: str, condition: Condition, least: float = 0) -> Finding:
    """Return what is found of a condition that nothing can break, or nothing satisfy, from ``least`` to 1."""
    meant = as_percentage(condition)
    hint = f"write `{meant}`" if meant else f"compare with a number between {least:g} and 1"
    return Finding(address, message, hint, change=Change(address, meant) if meant else None)
