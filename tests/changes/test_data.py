"""Data are compared by what they mean: order of keys, quoting and layout are no changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.changes.data import MISSING, Side, compare
from mlops_spec.source.yaml import read

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "a", "b", "c"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def differences(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    return [(".".join(c.path), c.before.value, c.after.value) for c in compare(Side(before), Side(after))]


def lines(before: str, after: str) -> list[tuple[str, int, int]]:
    one, other = (read(text.encode(), "x.yaml")[0] for text in (before, after))
    assert one
    assert other
    return [(".".join(c.path), c.before.line, c.after.line) for c in compare(Side(one.data), Side(other.data))]


@given(JSON)
def test_data_equal_to_themselves_have_no_difference(data: Any) -> None:
    assert differences(data, data) == []


@given(JSON, JSON)
def test_there_is_a_difference_unless_data_are_equal_but_for_order(before: Any, after: Any) -> None:
    assert bool(differences(before, after)) == bool(differences(after, before))


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": 1}, {"a": None}, [("a", 1, None)]),
        ({}, {"a": None}, [("a", MISSING, None)]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 2, "b": 1}}, []),
        (
            {"a": [{"name": "x", "v": 1}, {"name": "y"}]},
            {"a": [{"name": "y"}, {"name": "x", "v": 2}]},
            [("a.x.v", 1, 2)],
        ),
        ({"a": ["p", "q"]}, {"a": ["o", "p", "q"]}, [("a.0", MISSING, "o")]),
        ({"a": ["p", "q", "r"]}, {"a": ["p", "r"]}, [("a.1", "q", MISSING)]),
        ({"a": ["p"]}, {"a": ["q"]}, [("a.0", "p", "q")]),
        ({"a": '{"b": 1, "c": 2}'}, {"a": '{"c":2,"b":3}'}, [("a.b", 1, 3)]),
        ({"a": '{"b": 1, "c": 2}'}, {"a": "c: 2\nb: 1\n"}, []),
        ({"a": "b: 1\n"}, {"a": "no map"}, [("a", "b: 1\n", "no map")]),
        ({"a": "prose: it goes on"}, {"a": "prose: it ends"}, [("a", "prose: it goes on", "prose: it ends")]),
        (
            {"initContainers": [{"name": "x"}, {"name": "y"}]},
            {"initContainers": [{"name": "y"}, {"name": "x"}]},
            [("initContainers", ["x", "y"], ["y", "x"])],
        ),
    ],
)
def test_what_differs_is_named_by_the_shortest_path(before: Any, after: Any, expected: Any) -> None:
    assert differences(before, after) == expected


def test_a_difference_knows_the_lines_it_stands_on() -> None:
    assert lines("a:\n  b: 1\n", "x: 1\na:\n  b: 2\n") == [("x", 0, 1), ("a.b", 2, 3)]


def test_what_a_block_of_text_holds_stands_on_its_own_lines() -> None:
    assert lines("d: |\n  p: 1\n  q: 2\n", "d: |\n  p: 1\n  q: 3\n") == [("d.q", 3, 3)]


def test_what_a_line_of_text_holds_stands_on_that_line() -> None:
    assert lines("c: 1\nd: '{\"q\": 2}'\n", "c: 1\nd: '{\"q\": 3}'\n") == [("d.q", 2, 2)]


def test_a_text_that_no_reader_survives_is_compared_as_text() -> None:
    deep = "a: " + "[" * 30_000
    assert differences({"x": deep}, {"x": deep + "["}) == [("x", deep, deep + "[")]
