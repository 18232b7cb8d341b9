from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.diagnostic import Place
from mlops_spec.language.overlay import Absent, merged, overlay, relabel, without
from mlops_spec.source.tree import Map
from mlops_spec.source.yaml import read


def tree(data: object, file: str = "a.yaml") -> Map:
    source, problems = read(json.dumps(data).encode(), file)
    assert source is not None, problems
    return source.data


def rfc_7396(target: Any, patch: Any) -> Any:
    """The algorithm of RFC 7396, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    result = dict(target)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = rfc_7396(result.get(name), value)
    return result


KEYS = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.none() | st.integers(0, 9) | st.just([1]), lambda inner: st.dictionaries(KEYS, inner, max_size=3)
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=3)


@given(DOCUMENTS, DOCUMENTS)
def test_it_is_rfc_7396(below: dict[str, Any], above: dict[str, Any]) -> None:
    base = merged([tree(below)], [])
    assert overlay(base, tree(above), []) == rfc_7396(rfc_7396({}, below), above)


@given(DOCUMENTS, DOCUMENTS)
def test_neither_argument_changes(below: dict[str, Any], above: dict[str, Any]) -> None:
    first, second = tree(below), tree(above)
    overlay(first, second, [])
    assert (first, second) == (below, above)


def test_a_value_remembers_each_layer_that_set_it() -> None:
    result = merged([tree({"a": {"b": 1}}, "low.yaml"), tree({"a": {"b": 2}}, "high.yaml")], [])
    marks = list(result["a"].marks["b"].history())
    assert [(m.layer, m.value) for m in marks] == [
        ("high.yaml", Place("high.yaml", 1, 13)),
        ("low.yaml", Place("low.yaml", 1, 13)),
    ]


def test_a_null_that_deletes_nothing_is_told() -> None:
    absent: list[Absent] = []
    assert overlay(tree({"a": {}}), tree({"a": {"b": None}}), absent) == {"a": {}}
    assert [found.path for found in absent] == [("a", "b")]


def test_without_takes_out_what_the_patterns_name() -> None:
    data = tree({"environments": {"dev": {"overrides": {}, "x": 1}, "prod": {"overrides": {}}}, "keep": 1})
    assert without(data, ("environments", "*", "overrides")) == {
        "environments": {"dev": {"x": 1}, "prod": {}},
        "keep": 1,
    }


@pytest.mark.parametrize("path", [("a",), ("a", "b")])
def test_relabel_names_the_layer_of_every_value(path: tuple[str, ...]) -> None:
    data = relabel(tree({"a": {"b": [1]}}), "overrides")
    for part in path[:-1]:
        data = data[part]
    assert data.marks[path[-1]].layer == "overrides"
