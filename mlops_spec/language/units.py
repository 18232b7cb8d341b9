"""Spans of time, shares and amounts, as the spec writes them."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import NoReturn

_DURATION = re.compile(r"([1-9][0-9]{0,8})(ms|s|m|h|d)\Z")
_SECONDS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600), "d": Decimal(86400)}
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%\Z")
_QUANTITY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?\Z")
_FACTORS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTP", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTP", 1)},
}


class _Unchangeable:
    """Keeps what was worked out of the text from being set otherwise."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen")


class Duration(_Unchangeable, str):
    """A span of time such as ``10m``: prints as it was written. Raises ValueError for any other text."""

    __slots__ = ("_seconds",)
    _seconds: Decimal

    def __new__(cls, value: str) -> Duration:
        found = _DURATION.match(value)
        if found is None:
            raise ValueError(f"not a duration: {value!r}; write a whole number and one of ms, s, m, h, d")
        self = super().__new__(cls, value)
        object.__setattr__(self, "_seconds", int(found[1]) * _SECONDS[found[2]])
        return self

    @property
    def seconds(self) -> int:
        """The span in whole seconds, rounded up: ``250ms`` is 1."""
        return math.ceil(self._seconds)

    @property
    def milliseconds(self) -> int:
        """The span in milliseconds."""
        return int(self._seconds * 1000)

    @classmethod
    def of(cls, seconds: int) -> Duration:
        """Write whole seconds in the largest unit that leaves no rest: 21600 is ``6h``. Raises ValueError below 1."""
        unit = next(u for u in ("d", "h", "m", "s") if seconds % int(_SECONDS[u]) == 0)
        return cls(f"{seconds // int(_SECONDS[unit])}{unit}")


class Share(float):
    """A part of the whole, from 0 to 1: ``Share("20%")`` is ``Share(0.2)``. Raises ValueError for anything else."""

    __slots__ = ()

    def __new__(cls, value: str | float) -> Share:
        if isinstance(value, str):
            found = _SHARE.match(value)
            number = float(Decimal(found[1]) / 100) if found else -1.0
        else:
            number = float(value)
        if not 0 <= number <= 1:
            raise ValueError(f"not a share: {value!r}; write 0 to 1, or 0% to 100%")
        return super().__new__(cls, number)

    @property
    def percent(self) -> float:
        """The share of a hundred: 20.0 for ``20%``."""
        return float(Decimal(str(float(self))) * 100)


class Quantity(_Unchangeable, str):
    """An amount as Kubernetes writes it: ``500m``, ``8Gi``. Raises ValueError for any other text."""

    __slots__ = ("_amount",)
    _amount: Decimal

    def __new__(cls, value: str | float) -> Quantity:
        text = value if isinstance(value, str) else format(Decimal(str(value)).normalize(), "f")
        found = _QUANTITY.match(text)
        if found is None:
            raise ValueError(f"not a quantity: {value!r}; write it as Kubernetes does, such as 500m or 8Gi")
        self = super().__new__(cls, text)
        object.__setattr__(self, "_amount", Decimal(found[1]) * _FACTORS[found[2] or ""])
        return self

    @property
    def amount(self) -> Decimal:
        """The amount in processors or bytes: 0.5 for ``500m``."""
        return self._amount
