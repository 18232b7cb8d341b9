"""Conditions over a measured number: ``>= 0.80``, ``< 250ms``, ``< 1%``."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from typing import NoReturn

_FORM = re.compile(r"(>=|<=|==|!=|>|<) ?(-?[0-9]{1,12}(?:\.[0-9]{1,12})?)(%|ms|s|/s)?\Z")
_BASE = {
    "%": (Decimal("0.01"), "share"),
    "ms": (Decimal("0.001"), "seconds"),
    "s": (Decimal(1), "seconds"),
    "/s": (Decimal(1), "per second"),
}
_TESTS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_OPPOSITES = {">=": "<", "<": ">=", "<=": ">", ">": "<=", "==": "!=", "!=": "=="}


def plain(number: float) -> str:
    """Write a number as conditions have it: without an exponent, with twelve decimals at most."""
    return f"{Decimal(str(number)):.12f}".rstrip("0").rstrip(".")


class Condition(str):
    """What a measured number must satisfy; prints as it was written. Raises ValueError for any other text.

    ``value`` is in base units: a share of 1, seconds, or per second; ``unit`` names them, and is empty for a bare
    number.
    """

    __slots__ = ("operator", "unit", "value")
    operator: str
    value: float
    unit: str

    def __new__(cls, text: str) -> Condition:
        found = _FORM.match(text)
        if found is None:
            raise ValueError(
                f"not a condition: {text!r}; write one of < <= > >= == !=, a number, and perhaps % ms s /s"
            )
        self = super().__new__(cls, text)
        factor, unit = _BASE.get(found[3] or "", (Decimal(1), ""))
        for name, value in (("operator", found[1]), ("value", float(Decimal(found[2]) * factor)), ("unit", unit)):
            object.__setattr__(self, name, value)
        return self

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Condition is frozen")

    @property
    def breach(self) -> str:
        """The operator that is true where the condition is not: ``<`` for ``>=``."""
        return _OPPOSITES[self.operator]

    def holds(self, measured: float | None) -> bool:
        """Tell whether a number, in base units, satisfies it. What is missing or not a number never does."""
        if measured is None or math.isnan(measured):
            return False
        return _TESTS[self.operator](measured, self.value)
