"""Keys in an order, each with its comments. The order here is that of the alphabet."""

from __future__ import annotations

import pytest

from mlops_spec.source.style.sorting import in_order

CASES = {
    "a key goes with what is below it": ("b:\n  x: 1\na: 2\n", "a: 2\nb:\n  x: 1\n"),
    "and with the comments above it": ("a: 0\nc: 1\n# of b\n\n# too\nb: 2\n", "a: 0\n# of b\n\n# too\nb: 2\nc: 1\n"),
    "and with those on its line and indented below it": ("b: 1 # b\n  # below b\na: 2\n", "a: 2\nb: 1 # b\n  # below b\n"),
    "the first comments are the file's": ("# file\n\nb: 1\na: 2\n", "# file\n\na: 2\nb: 1\n"),
    "also where no line parts them": ("# file\nb: 1\na: 2\n", "# file\n\na: 2\nb: 1\n"),
    "the last comments too": ("b: 1\na: 2\n\n# end\n", "a: 2\nb: 1\n\n# end\n"),
    "a nested first key has its comment": ("x:\n  # of b\n  b: 1\n  a: 2\n", "x:\n  a: 2\n  # of b\n  b: 1\n"),
    "an item keeps its dash": ("x:\n  - b: 1\n    a: 2\n", "x:\n  - a: 2\n    b: 1\n"),
    "and has the comment of its new first key above it": ("x:\n  - b: 1\n    # of a\n    a: 2\n", "x:\n  # of a\n  - a: 2\n    b: 1\n"),
    "lists stay": ("x: [b, a]\ny:\n  - b\n  - a\n", "x: [b, a]\ny:\n  - b\n  - a\n"),
    "brackets": ("x: {b: 1, a: {d: 2, c: 3}} # x\n", "x: {a: {c: 3, d: 2}, b: 1} # x\n"),
    "brackets over lines": ("x: {b: 1,\n    a: 2}\n", "x: {a: 2,\n    b: 1}\n"),
    "brackets with comments stay": ("x: {b: 1, # b\n    a: 2}\n", "x: {b: 1, # b\n    a: 2}\n"),
    "brackets in an item": ("x:\n  - {b: 1, a: 2}\n", "x:\n  - {a: 2, b: 1}\n"),
    "a text goes whole": ("b: |\n  # no comment\n\n  x\na: 1\n", "a: 1\nb: |\n  # no comment\n\n  x\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_keys_move_with_all_that_is_theirs(case: str) -> None:
    text, wanted = CASES[case]
    assert in_order(text, lambda path, keys: sorted(keys)) == wanted


def test_the_order_is_asked_for_by_path() -> None:
    asked = []
    in_order("a:\n  - {b: {c: 1}}\n", lambda path, keys: asked.append((path, list(keys))) or keys)
    assert sorted(asked, key=lambda pair: len(pair[0])) == [((), ["a"]), (("a", 0), ["b"]), (("a", 0, "b"), ["c"])]
