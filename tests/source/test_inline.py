"""What is written on one line reads back as the same value, whatever reader a file meets."""

import ast
import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlops_spec.source import inline
from tests.yaml_readers import LINES, READERS

# What readers of YAML 1.1 or 1.2, Go's among them, take for something other than text, or refuse.
TRAPS = [
    *("", " ", "~", "null", "Null", "NULL", "true", "True", "yes", "Yes", "no", "NO", "on", "On", "off", "y", "Y", "n"),
    *(
        "N",
        "1",
        "-1",
        "+1",
        "0",
        "08",
        "010",
        "0o17",
        "0x1F",
        "0b11",
        "1_000",
        "12:30",
        "1:30:15",
        "190:20:30.15",
        "1e3",
    ),
    *(
        "1E5",
        "1.5",
        ".5",
        "5.",
        "1_0.5",
        ".inf",
        "-.Inf",
        "+.INF",
        ".nan",
        ".NaN",
        "inf",
        "nan",
        "6e2a",
        "1e5f3a",
        "0e1",
    ),
    *("2024-01-01", "2024-01-01T00:00:00Z", "2024-1-1 1:1:1", "<<", "=", "-", "?", ":", "- a", "? a", ": a", "a: b"),
    *(
        "a:",
        "a #b",
        "#a",
        "%YAML",
        "@a",
        "`a`",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'a'",
        '"a"',
        "[a]",
        "{a}",
        "a,b",
        "---",
        "...",
    ),
    *(
        "--- a",
        "a\nb",
        "a\n",
        "\na",
        "\ta",
        "a\t",
        "a ",
        " a",
        "a\r\nb",
        "a\rb",
        "\x85",
        "a\u2028b",
        "\u2029",
        "\ufeffa",
    ),
    *(
        "😀",
        "\U0010ffff",
        "\x7f",
        "\x00",
        "\x1b[0m",
        "\xa0",
        "é",
        "中文",
        "\u202e",
        "\ufffe",
        "\uffff",
        "\\",
        "\\n",
        "\\x41",
    ),
    *(
        "500m",
        "1Gi",
        "10m",
        "1E",
        "1k",
        "0m",
        "${x}",
        "{{a}}",
        "$(A)",
        "a=b",
        "http://x:80/y",
        "sha256:ab",
        "x y",
        "a  b",
    ),
]


@READERS
@pytest.mark.parametrize("text", TRAPS)
def test_traps_come_back_as_text(read, text):
    assert read(f"key: {inline.yaml_text(text)}\n") == {"key": text}
    assert read(f"- {inline.yaml_text(text)}\n") == [text]
    assert read(f"{inline.yaml_key(text)}: 1\n") == {text: 1}


@READERS
@given(text=st.text(st.characters(exclude_categories=["Cs"])) | LINES)
def test_any_text_comes_back_from_yaml(read, text):
    assert read(f"a:\n  {inline.yaml_key(text)}: {inline.yaml_text(text)}\n") == {"a": {text: text}}


@pytest.mark.parametrize("text", ["churn", "/mlops/outputs", "http://mlflow.svc:5000", "python -m x", "500m", "1Gi"])
def test_plainly_safe_text_stands_bare(text):
    assert inline.yaml_text(text) == text


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_from_json(text):
    assert json.loads(inline.double_quoted(text)) == text


@pytest.mark.parametrize("write", [inline.yaml_text, inline.double_quoted, inline.yaml_key])
def test_half_a_character_is_refused(write):
    with pytest.raises(inline.Unprintable, match="surrogate"):
        write("a\ud800")


def test_a_key_that_readers_would_not_take_is_refused():
    with pytest.raises(inline.Unprintable, match="1024"):
        inline.yaml_key("a" * 1100)


@READERS
@given(value=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1))
@example(value=1e-07)
@example(value=1e22)
def test_numbers_come_back_with_their_type(read, value):
    printed = inline.number(value)
    assert "e" not in printed
    for back in (read(f"a: {printed}\n")["a"], json.loads(printed), ast.literal_eval(printed)):
        assert (type(back), back) == (type(value), value)
        assert math.copysign(1, back) == math.copysign(1, value)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 2**63, -(2**63) - 1])
def test_numbers_that_readers_round_or_lack_are_refused(value):
    with pytest.raises(inline.Unprintable):
        inline.number(value)
