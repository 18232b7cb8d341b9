from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.language.units import Duration, Quantity, Share


@pytest.mark.parametrize("text, seconds", [("30s", 30), ("10m", 600), ("6h", 21600), ("14d", 1209600), ("250ms", 1)])
def test_a_duration_knows_its_seconds_and_prints_as_written(text: str, seconds: int) -> None:
    assert Duration(text).seconds == seconds
    assert str(Duration(text)) == text


def test_a_latency_knows_its_milliseconds() -> None:
    assert Duration("250ms").milliseconds == 250
    assert Duration("2s").milliseconds == 2000


@pytest.mark.parametrize("text", ["", "6", "6 h", "-6h", "0s", "06h", "6.5h", "1h30m", "6h\n", "1w", "٣h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        Duration(text)


@given(st.integers(min_value=1, max_value=10**8))
def test_a_duration_of_seconds_has_that_many(seconds: int) -> None:
    assert Duration.of(seconds).seconds == seconds


def test_a_duration_of_seconds_takes_the_largest_unit() -> None:
    assert [Duration.of(s) for s in (21600, 86400, 90, 600)] == ["6h", "1d", "90s", "10m"]


def test_a_duration_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not a duration"):
        Duration.of(0)


@pytest.mark.parametrize(
    "written, share", [("20%", 0.2), (0.2, 0.2), ("99.9%", 0.999), ("0%", 0.0), (1, 1.0), ("100%", 1.0)]
)
def test_a_share_is_written_in_two_ways(written: str | float, share: float) -> None:
    assert Share(written) == share
    assert Share(written).percent == pytest.approx(share * 100, abs=0)


@pytest.mark.parametrize("written", ["", "20", "120%", "-1%", 1.1, -0.1, float("nan"), "20 %", "20%\n"])
def test_what_is_no_share_is_refused(written: str | float) -> None:
    with pytest.raises(ValueError, match="not a share"):
        Share(written)


@pytest.mark.parametrize(
    "written, text, amount",
    [
        ("500m", "500m", "0.5"),
        ("8Gi", "8Gi", str(8 * 1024**3)),
        ("1.5k", "1.5k", "1500"),
        (2, "2", "2"),
        (0.5, "0.5", "0.5"),
        (100, "100", "100"),
    ],
)
def test_a_quantity_knows_its_amount(written: str | float, text: str, amount: str) -> None:
    assert Quantity(written) == text
    assert Quantity(written).amount == Decimal(amount)


@pytest.mark.parametrize("text", ["", "8GB", "-1", "1 Gi", "Gi", "8Gi\n"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        Quantity(text)


@pytest.mark.parametrize("unit", [Duration("6h"), Quantity("8Gi")])
def test_units_are_frozen(unit: Duration | Quantity) -> None:
    with pytest.raises(AttributeError, match="frozen"):
        unit._seconds = 1  # type: ignore[union-attr, assignment]
