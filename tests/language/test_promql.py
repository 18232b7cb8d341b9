"""A query of the user's own cannot leave the parentheses that are put around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.language.promql import whole

PIECES = st.sampled_from(["(", ")", "[", "]", "{", "}", '"', "'", "`", "#", "\n", "\\", "a", "1", " ", "))", '"#"'])


@pytest.mark.parametrize("query", [
    "up", "sum(rate(x[5m]))", 'x{a=")"}', "x{a='('}", "x{a=`]`}", "x # a comment with (\n", 'x{a="\\")"}', "x{a='#'}",
])  # fmt: skip
def test_whole_expressions_pass(query: str) -> None:
    assert whole(query) == ""


@pytest.mark.parametrize("query, problem", [
    ("", "it is empty"),
    (" \n", "it is empty"),
    ("up) or (vector(1)", ") closes nothing"),
    ("sum(x", "( is not closed"),
    ("x[5m}", "} closes nothing"),
    ('x{a="', 'a text that begins with " has no end'),
    ("x{a='\n'}", "a text that begins with ' has no end"),
    ("x)#(", ") closes nothing"),
])  # fmt: skip
def test_others_are_told_what_is_wrong(query: str, problem: str) -> None:
    assert whole(query) == problem


@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_passes_stays_between_the_parentheses(query: str) -> None:
    if whole(query):
        return
    depth, quote, comment, escaped = 0, "", False, False
    for character in f"(\n{query}\n)":
        if comment:
            comment = character != "\n"
        elif quote:
            assert character != "\n" or quote == "`"
            if escaped:
                escaped = False
            elif character == "\\" and quote != "`":
                escaped = True
            elif character == quote:
                quote = ""
        elif character in "\"'`":
            quote = character
        elif character == "#":
            comment = True
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            assert depth >= 0
    assert (depth, quote, comment) == (0, "", False)
