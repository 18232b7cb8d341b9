"""An unquoted scalar means the same to every reader, or must be quoted."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mlops_spec.source.scalar import Misread, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("true", True), ("False", False), ("TRUE", True),
        ("0", 0), ("1", 1), ("-7", -7), ("12345678", 12345678), ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)), ("0.2", 0.2), ("-0.5", -0.5), ("99.9", 99.9), ("1.5e+3", 1500.0),
    ],
)  # fmt: skip
def test_what_all_readers_read_alike_is_a_value(text: str, value: Any) -> None:
    resolved = resolve(text)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "1.20.0", "3.12.1", "3f2a9c17", "1a2b3c4", "s3://acme-ml/x", "@champion", "-", "--table", ".", "./x", "..",
        "20%", "10m", "250ms", "99.9%", "2026-01-01-nightly", "8080:80", "tRUE", "yEs", "_1", "+", "-x", "v1", "1st",
        "127.0.0.1", "0xyz", "dvc:3f2a9c17", "Europe/Berlin", "e3", "infinity", "nan", "1/2", "churn.prepare",
    ],
)  # fmt: skip
def test_plain_text_passes(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF", "=",
        "1e3", "1e10", "123e4567", "1E5", "1.5e3", "1e+3", "012", "08", "00", "-012", "01.5",
        "0o17", "0O17", "-0o7", "0b1", "0B11",
        "0x1F", "0XAB", "+1", "+0.5", ".5", "-.5", "1.", "-0", "1_000", "1__0", "1_", "-_1", "0_7", "1_0.5",
        "12:30", "1:30:59", "-1:30", "0:30", "12:30.5", "190:20:30",
        "2026-01-01", "2026-1-1", "2026-01-01T10:00:00Z", "2026-01-01 10:00:00", "2026-01-01t10:00:00+01:00",
    ],
)  # fmt: skip
def test_what_readers_differ_on_must_be_quoted(text: str) -> None:
    misread = resolve(text)
    assert isinstance(misread, Misread)
    assert misread.refusal.code == "MS020"
    assert f'quote it: "{text}"' in misread.hint


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.Inf", "+.INF", "+Inf", "-infinity"])
def test_a_number_that_is_none_must_be_quoted(text: str) -> None:
    misread = resolve(text)
    assert isinstance(misread, Misread)
    assert misread.refusal.code == "MS018"


def test_a_long_scalar_is_shortened_in_its_message() -> None:
    misread = resolve("1" * 5000)
    assert isinstance(misread, Misread)
    assert len(misread.message) + len(misread.hint) < 200


NUMBERS = st.text(st.sampled_from("0123456789abxoeEfTZ+-._: "), min_size=1, max_size=12)
WORDS = st.text(st.sampled_from("yesnotrufalYESNOTRUFAL~<=.ianIANF"), min_size=1, max_size=5)


@given(NUMBERS | WORDS)
@example("-_1")
@example("1_")
@example("0b_")
def test_what_passes_is_the_same_to_a_yaml_1_1_reader(text: str) -> None:
    resolved = resolve(text)
    if isinstance(resolved, Misread) or not _stands_plain(text):
        return
    loaded = yaml.load(f"[{text}]", Loader=yaml.CSafeLoader)[0]
    assert loaded == resolved
    assert type(loaded) is type(resolved)


def _stands_plain(text: str) -> bool:
    """Tell whether the parser hands ``text`` to a resolver just as it is."""
    try:
        events = list(yaml.parse(f"[{text}]", Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return False
    return len(events) == 7 and getattr(events[3], "value", None) == text
