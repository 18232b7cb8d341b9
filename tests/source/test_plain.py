"""A text at a glance: the data that ``read`` finds, or no answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlops_spec.source.builder import MAX_DEPTH
from mlops_spec.source.characters import MAX_BYTES
from mlops_spec.source.plain import plain
from mlops_spec.source.yaml import read
from mlops_spec.verify.syntax import nulls
from tests.fuzz.bounds import bounded

GOLDEN = sorted(
    path
    for path in (Path(__file__).parents[1] / "golden").rglob("*.yaml")
    if path.parent.name != "ci"  # no objects
)


def same(text: str) -> None:
    """Hold that a glance says nothing else than reading does."""
    seen, (source, problems) = plain(text), read(text.encode(), "a.yaml")
    if seen is not None:
        assert source is not None
        assert problems == []
        assert json.dumps(seen) == json.dumps(source.data)
        assert not [*nulls(seen)]


def test_what_we_render_is_plain_to_see() -> None:
    texts = [path.read_text("utf-8") for path in GOLDEN]
    assert len(texts) > 100
    assert [path for path, text in zip(GOLDEN, texts) if plain(text) is None and text.isascii()] == []
    for text in texts:
        same(text)


@pytest.mark.parametrize("text", [
    *("", "a", "- a\n", "a: b: c\n", "a: [\n", "a: 1\n---\nb: 1\n", "%YAML 1.2\n---\na: 1\n", "%TAG ! x\n---\na: 1\n"),
    *("a: 1\na: 2\n", "a: {b: 1, b: 2}\n", "1: a\n", "[a]: b\n", "{a: 1}: b\n", "? a\n", "true: a\n"),
    *("a:\n", "a: ~\n", "a: null\n", "a: [~]\n", "a: no\n", "a: 1e3\n", "a: 0o17\n", "<<: {a: 1}\n", "a: 1:30\n"),
    *("a: &x 1\n", "a: !!str 1\n", "a: &x {b: 1}\n", "a: !x [b]\n", "a: *x\n", 'a: "\\0"\n', "a: é\n", "a:\t1\n"),
    *("a: 1 # mlops-spec: ignore\n", "a: 1\r\n", "a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH, f"a: {'x' * MAX_BYTES}"),
])  # fmt: skip
def test_what_there_may_be_something_to_say_of_is_left_to_who_knows_places(text: str) -> None:
    assert plain(text) is None


@pytest.mark.parametrize("text", [
    *("a: b\n  c\n", "a: b\n  c: d\n", "a:\n  b: 1\n c: 2\n", "a:\n  - b\n  c: d\n", "a:\n  b: c\n  - d\n", "a:\nb: 1\n"),
    *("a:\n  - b: 1\n      c: 2\n", "a:\n  - b: 1\n    b: 2\n", "a:\n  -\n", "a:\n  - b:\n", "a:\n  - b:\n    c: 1\n"),
    *("a: 1\n--- b: 2\n", "a: 1\n...\nb: 2\n", "a: 1\n%b: 2\n", "a: 'b\n  c'\n", "a: [b,\n  c]\n", "a: 1\n[b]\n", "a: 1\nb\n"),
    *("a: |\n", "a: |\nb: 1\n", "a: |\n b\nc\n", "a: |\n  b\n c\n", "a: |\n   \n  b\n", "a: |2\n    b\n", "a: |+\n  b\n"),
    *("a: |\n  b", "a: |\n  \tb\n", "a: |\n  é\n", "a: | # |\n  b\n", "a: >\n  b\n", "a:\n  - b: |\n    c\n", "a: !x |\n  b\n"),
])  # fmt: skip
def test_lines_that_do_not_plainly_go_together_are_left_too(text: str) -> None:
    assert plain(text) is None


@pytest.mark.parametrize(
    ("lines", "brackets", "seen"), [(90, 10, True), (91, 9, False), (89, 11, False), (1, 98, False)]
)
def test_neither_lines_nor_what_stands_on_one_go_as_deep_as_reading_does(lines: int, brackets: int, seen: bool) -> None:
    text = "\n".join(f"{' ' * depth}a:" for depth in range(lines)) + f" {'[' * brackets}{']' * brackets}\n"
    assert (plain(text) is not None) is seen
    assert lines + brackets <= MAX_DEPTH
    same(text)


SCALARS = st.text(alphabet="ab01.-~: #'\"{}[]\n", max_size=8) | st.integers() | st.floats() | st.booleans() | st.none()
DATA = st.recursive(SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(SCALARS, below, max_size=3))


@bounded(300)
@given(DATA, st.booleans())
def test_a_glance_says_what_reading_says(data: object, flow: bool) -> None:
    same(yaml.safe_dump(data, default_flow_style=flow))


ENTRIES = (
    *("a: 1", "b:", "c: d", "- a", "- b: 1", "- c:", "-   d: 1", "- - a", "-", "a: |", "- |-", "d: |-", "- a: |", "e: >", "text", ""),
    *("a: b:c", "a:b: c", "a: b/c:/d", "1: a", "true: a", "a: yes", "a: 1e3", "- a: 1.2.3", "a: b: c", "a: b:"),
    *("# b", "'a': \"b\"", "a: {b: [c]}", "[a]", "- {a: 1}", "- [a]: 1", "---", "--- a", "...", "%", "? a", ": b", "a: # b", "a: b # c"),
)  # fmt: skip
LINES = st.tuples(st.integers(0, 5), st.sampled_from(ENTRIES)).map(lambda line: " " * line[0] + line[1])


@bounded(500)
@given(st.lists(LINES, max_size=7))
def test_lines_at_a_glance_say_what_reading_says(lines: list[str]) -> None:
    same("\n".join([*lines, ""]))
