"""Two spaces a level, and comments with what they stand above."""

from __future__ import annotations

import pytest

from mlops_spec.source.style.indenting import indented

CASES = {
    "levels": ("a:\n    b:\n       c: 1\n", "a:\n  b:\n    c: 1\n"),
    "lists below their key": ("a:\n- 1\n-   2\n", "a:\n  - 1\n  - 2\n"),
    "maps in lists": ("a:\n-   b: 1\n    c: 2\n", "a:\n  - b: 1\n    c: 2\n"),
    "lists in lists": ("a:\n    -   - 1\n        - 2\n", "a:\n  - - 1\n    - 2\n"),
    "an empty item": ("a:\n-   # nothing\n- 1\n", "a:\n  -   # nothing\n  - 1\n"),
    "comments above": ("a:\n# of b\n    b: 1\n        # of c\n    c: 2\n", "a:\n  # of b\n  b: 1\n      # of c\n  c: 2\n"),
    "comments below": ("a:\n    b: 1\n    # end of a\nc: 2\n", "a:\n  b: 1\n  # end of a\nc: 2\n"),
    "texts of their own lines": ("a:\n    b: |\n            x\n              y\n", "a:\n  b: |\n    x\n      y\n"),
    "texts that say how far they are indented": ("a:\n    b: |2\n         x\n", "a:\n  b: |2\n       x\n"),
    "empty lines of more spaces in a text": ("a:\n    b: |\n        x\n          \n        y\n", "a:\n  b: |\n    x\n      \n    y\n"),
    "brackets over lines": ("a:\n    b: [1,\n        2]\n", "a:\n  b: [1,\n      2]\n"),
    "quotes over lines": ("a:\n    b: 'x\n        y'\n", "a:\n  b: 'x\n      y'\n"),
    "values below their key": ("a:\n    b:\n          'x'\n", "a:\n  b:\n    'x'\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_lines_go_where_the_style_has_them(case: str) -> None:
    text, wanted = CASES[case]
    assert indented(text) == wanted
    assert indented(wanted) == wanted
