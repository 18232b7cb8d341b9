"""What each kind of value prints as, and what is refused."""

import pytest

from mlops_spec.blueprint.ports import file
from mlops_spec.language.text import Block, Name
from mlops_spec.render.fault import Unprintable
from mlops_spec.render.printer import printers

PRINT = printers(lambda f: f"kind: {f.template}\n")


class Duration(str):
    """A unit is a string with more to say."""


@pytest.mark.parametrize(
    ("value", "yaml", "json", "python", "shell"),
    [
        ("a b", "a b", '"a b"', "'a b'", "'a b'"),
        ("no", '"no"', '"no"', "'no'", "no"),
        (Name("on"), '"on"', '"on"', "'on'", "on"),
        (Name("churn"), "churn", '"churn"', "'churn'", "churn"),
        (Duration("10m"), "10m", '"10m"', "'10m'", "10m"),
        ("", '""', '""', "''", "''"),
        ("é\u202e", '"é\\u202e"', '"é\\u202e"', '"é\\u202e"', "'é\u202e'"),
        (Block("a\nb\n"), "|\n    a\n    b", '"a\\nb\\n"', "'a\\nb\\n'", "'a\nb\n'"),
        (0, "0", "0", "0", "0"),
        (True, "true", "true", "True", "true"),
        (False, "false", "false", "False", "false"),
        (1e-7, "0.0000001", "0.0000001", "0.0000001", "0.0000001"),
        (1e22, "10000000000000000000000.0", "10000000000000000000000.0", "10000000000000000000000.0", None),
        (file("ConfigMap"), "|\n    kind: ConfigMap", '"kind: ConfigMap\\n"', "'kind: ConfigMap\\n'", None),
    ],
)
def test_a_value_prints_as_its_file_type_says(value, yaml, json, python, shell):
    assert PRINT["yaml"](value, 2) == yaml
    assert PRINT["json"](value) == json
    assert PRINT["python"](value) == python
    assert shell is None or PRINT["shell"](value) == shell


def test_a_block_and_a_text_that_are_equal_print_differently_in_either_order():
    assert PRINT["yaml"](Block("x\ny"), 0) == "|-\n  x\n  y"
    assert PRINT["yaml"]("x\ny", 0) == '"x\\ny"'
    assert PRINT["yaml"](Block("x\ny"), 0) == "|-\n  x\n  y"


@pytest.mark.parametrize("printer", ["yaml", "json", "python", "shell"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "the value is absent: print it under an {% if %}"),
        (("a",), "a template prints scalars, and this is a list"),
        ({"a": 1}, "a template prints scalars, and this is of type dict"),
        (b"a", "a template prints scalars, and this is of type bytes"),
        (str.upper, "a template prints scalars"),
        (float("nan"), "nan is not a number that a file can hold"),
        (float("inf"), "inf is not a number that a file can hold"),
        (2**64, "more than 64 bits"),
    ],
)
def test_what_is_no_scalar_is_refused(printer, value, message):
    with pytest.raises(Unprintable, match=message):
        PRINT[printer](value, *([0] if printer == "yaml" else []))


@pytest.mark.parametrize("printer", ["yaml_key", "json_key"])
@pytest.mark.parametrize(("value", "called"), [(1, "a number"), (True, "a yes or no"), (None, "absent")])
def test_a_key_is_text(printer, value, called):
    assert PRINT[printer]("1") == '"1"'
    with pytest.raises(Unprintable, match=f"a key is text, and this is {called}"):
        PRINT[printer](value)


@pytest.mark.parametrize(
    ("value", "called"),
    [("churn", "any text"), (1, "a number"), (None, "absent"), ((), "a list"), (Block("a"), "Block")],
)
def test_only_a_name_stands_inside_a_longer_scalar(value, called):
    assert PRINT["name"](Name("churn")) == "churn"
    with pytest.raises(Unprintable, match=f"only a Name may stand inside a longer scalar, and this is .*{called}"):
        PRINT["name"](value)
