"""Where things stand in a text, and which of its ``#`` begin comments."""

from __future__ import annotations

import pytest

from mlops_spec.source.style.outline import comments, outline


@pytest.mark.parametrize(
    "text, last",
    [
        ("a: 1 # x\n", 0),
        ("a:\n  b: 1\n\n# x\n", 1),
        ("a: |\n  text\n\n\nb: 1\n", 1),
        ("a: |+\n  text\n\nb: 1\n", 2),
        ("a: |\n  text", 1),
        ("a: [1,\n  2]\n# x\n", 1),
        ("a: 'x\n  y'\n", 1),
        ("a:\n  - 1\n  -\n# x\n", 2),
    ],
)
def test_a_value_ends_before_the_comments_and_empty_lines_after_it(text: str, last: int) -> None:
    assert outline(text).entries()[0][1].last == last


@pytest.mark.parametrize(
    "text, found",
    [
        ("# a\nb: 1 # c\n", ["# a", "# c"]),
        ("a: '# no' # yes\n", ["# yes"]),
        ("a: x#no\n", []),
        ("a: | # yes\n  # no\n# end\n", ["# end", "# yes"]),
        ('a: [1, # one\n  "# no", 2] # two\n', ["# one", "# two"]),
        ("a: plain\n  goes on # yes\n", ["# yes"]),
    ],
)
def test_comments_are_what_stands_outside_of_scalars(text: str, found: list[str]) -> None:
    assert comments(text) == found
