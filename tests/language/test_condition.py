from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.language.condition import Condition, plain


@pytest.mark.parametrize(
    "text, operator, value, unit",
    [
        (">= 0.80", ">=", 0.8, ""),
        ("< 250ms", "<", 0.25, "seconds"),
        ("<2s", "<", 2.0, "seconds"),
        ("< 1%", "<", 0.01, "share"),
        ("< 0.1%", "<", 0.001, "share"),
        ("> 1/s", ">", 1.0, "per second"),
        (">= -0.005", ">=", -0.005, ""),
        ("!= 0", "!=", 0.0, ""),
    ],
)
def test_a_condition_has_operator_value_in_base_units_and_unit(
    text: str, operator: str, value: float, unit: str
) -> None:
    condition = Condition(text)
    assert (condition.operator, condition.value, condition.unit) == (operator, value, unit)
    assert str(condition) == text


@pytest.mark.parametrize(
    "text", ["", "0.8", "=> 0.8", ">= ", ">=  1", "< 1 %", "< 1e3", "< nan", "< 1%\n", "< 1h", "< 1 or 1"]
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a condition"):
        Condition(text)


@pytest.mark.parametrize(
    "text, holds, breaks",
    [(">= 1", 1, 0.9), ("<= 1", 1, 1.1), ("> 1", 1.1, 1), ("< 1", 0.9, 1), ("== 1", 1, 2), ("!= 1", 2, 1)],
)
def test_a_condition_holds_or_its_breach_does(text: str, holds: float, breaks: float) -> None:
    condition = Condition(text)
    breach = Condition(f"{condition.breach} 1")
    assert condition.holds(holds)
    assert not breach.holds(holds)
    assert not condition.holds(breaks)
    assert breach.holds(breaks)


@pytest.mark.parametrize("measured", [None, math.nan])
@pytest.mark.parametrize("operator", [">=", "<=", ">", "<", "==", "!="])
def test_what_is_missing_or_not_a_number_never_holds(operator: str, measured: float | None) -> None:
    assert not Condition(f"{operator} 0").holds(measured)


def test_a_condition_is_frozen() -> None:
    with pytest.raises(AttributeError, match="frozen"):
        Condition("< 1").value = 2


@given(st.floats(0, 1e6))
def test_a_number_is_written_as_conditions_have_it(number: float) -> None:
    assert Condition(f"< {plain(number)}").value == pytest.approx(number, rel=1e-15, abs=1e-12)
