"""What a person sees of a problem."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.diagnostic import Diagnostic, Place, Related, error, warning
from mlops_spec.report.text import render
from mlops_spec.source.characters import shown
from mlops_spec.source.yaml import read

DUPLICATE = 'project:\n  name: churn\n  owner: growth\n  name: "churn two"\n'


def test_a_problem_is_shown_with_its_line_the_related_place_and_the_way_out() -> None:
    _, problems = read(DUPLICATE.encode(), "mlops.yaml")
    assert render(problems, {"mlops.yaml": DUPLICATE}) == (
        "mlops.yaml:4:3: error MS013 the key `name` is given twice\n"
        '    4 |   name: "churn two"\n'
        "      |   ^^^^\n"
        "mlops.yaml:2:3: it stands here first\n"
        "    2 |   name: churn\n"
        "      |   ^^^^\n"
        "help: remove one of them, or join their values\n"
        "\n"
        "1 error\n"
    )


def test_environments_are_named_and_problems_counted() -> None:
    found = [
        error("MS300", "one", None)._replace(environments=("prod", "staging")),
        error("MS300", "two", Place("missing.yaml", 7, 1)),
        warning("MS301", "three", None, hint="do it"),
    ]
    assert render(found, {}) == (
        "error MS300 one\n"
        "in prod, staging\n"
        "\n"
        "missing.yaml:7:1: error MS300 two\n"
        "\n"
        "warning MS301 three\n"
        "help: do it\n"
        "\n"
        "2 errors, 1 warning\n"
    )


def test_no_problems_print_nothing() -> None:
    assert render([], {"mlops.yaml": "a: 1\n"}, colour=True) == ""


@pytest.mark.parametrize(
    ("line", "column", "caret"),
    [
        ("key: value", 1, "^^^"),
        ("key: value  # why", 6, "     ^^^^^"),
        ("key: 6 hours  # why", 6, "     ^^^^^^^"),
        ("key: {a: b c, d: e}", 10, "         ^^^"),
        ("a key: value", 1, "^^^^^"),
        ("key: 'a b' # why", 6, "     ^^^^^"),
        ("key: ${{ a.b }}/c", 6, "     ^^^^^^^^^^"),
        ("key: [a, bc]", 10, "         ^^"),
        ("key: [a, bc]", 6, "     ^"),
        ("uri: s3://x/y", 6, "     ^^^^^^^^"),
        ("key:", 5, "    ^"),
        ("漢字: wide", 5, "      ^^^^"),
        ("a\u0301: b", 5, "   ^"),
        ("\tkey: a", 2, "  ^^^"),
    ],
)
def test_carets_stand_below_what_is_meant(line: str, column: int, caret: str) -> None:
    shown_lines = render([error("MS300", "x", Place("f", 1, column))], {"f": line}).split("\n")
    assert shown_lines[2] == f"      | {caret}"


def test_a_long_line_is_cut_around_what_is_meant() -> None:
    line = "a: [" + "1, " * 400 + "here, " + "2, " * 400 + "]"
    printed = render([error("MS300", "x", Place("f", 1, line.index("here") + 1))], {"f": line}).split("\n")
    assert len(printed[1]) < 140
    assert printed[1][printed[2].index("^") :].startswith("here")
    assert printed[2].endswith("^^^^")


def test_a_file_that_could_not_be_read_is_shown_all_the_same() -> None:
    raw = b"a: 1\r\nb: \xe9t\xe9\r\n"
    _, problems = read(raw, "f")
    assert "    2 | b: \ufffdt\ufffd\n      |    ^^^\n" in render(problems, {"f": shown(raw)})


def test_what_a_terminal_would_obey_is_written_out() -> None:
    raw = "a: \x1b[31m\u202e\x07\n".encode()
    printed = render(read(raw, "f\x1b.yaml")[1], {"f\x1b.yaml": shown(raw)})
    assert r"a: \x1b[31m\u202e\x07" in printed
    assert r"f\x1b.yaml:1:4: error" in printed


HOSTILE = st.text(max_size=20)


@given(HOSTILE, HOSTILE, HOSTILE, st.integers(1, 30))
def test_no_text_prints_a_control_character_or_breaks_a_line(message: str, hint: str, source: str, column: int) -> None:
    related = Related(message, Place("f", 1, column))
    found = [Diagnostic(warning("", "", None).severity, "MS300", message, Place("f", 1, column), "", hint, (related,))]
    printed = render(found, {"f": source})
    assert all(line.isprintable() or not line.isascii() for line in printed.split("\n"))
    assert not {"\r", "\x1b", "\x85", "\u2028", "\u202e"} & set(printed)
    assert printed.split("\n")[0].startswith(f"f:1:{column}: warning MS300")


def test_colour_adds_styles_and_nothing_else() -> None:
    _, problems = read(DUPLICATE.encode(), "mlops.yaml")
    sources = {"mlops.yaml": DUPLICATE}
    coloured = render(problems, sources, colour=True)
    assert "\x1b[" in coloured
    assert click.unstyle(coloured) == render(problems, sources)
