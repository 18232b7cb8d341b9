"""Empty lines and line ends."""

from __future__ import annotations

import pytest

from mlops_spec.source.style.spacing import spaced

CASES = {
    "one at most": ("a: 1\n\n\n\nb: 2\n", "a: 1\n\nb: 2\n"),
    "none around the file": ("\n\na: 1\n\n\n", "a: 1\n"),
    "a line end at the end": ("a: 1", "a: 1\n"),
    "no spaces at line ends": ("a: 1  \n   \nb:  # x \n", "a: 1\n\nb:  # x\n"),
    "sections of several lines are apart": ("a: 1\nb:\n  c: 2\nd:\n  e: 3\n", "a: 1\n\nb:\n  c: 2\n\nd:\n  e: 3\n"),
    "with the comments above them": ("a: 1\n# of b\nb:\n  c: 2\n", "a: 1\n\n# of b\nb:\n  c: 2\n"),
    "others as they are": ("a: 1\nb: 2\n\nc: 3\n", "a: 1\nb: 2\n\nc: 3\n"),
    "a text stays": ("a: |\n  x  \n\n\n  y\n", "a: |\n  x  \n\n\n  y\n"),
    "also the empty lines that end it": ("a: |+\n  x\n\n\n", "a: |+\n  x\n\n\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_lines_are_as_far_apart_as_the_style_has_them(case: str) -> None:
    text, wanted = CASES[case]
    assert spaced(text) == wanted
    assert spaced(wanted) == wanted
