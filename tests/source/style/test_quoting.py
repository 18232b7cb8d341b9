"""Quotes that are needed stay; those around plain words go."""

from __future__ import annotations

import pytest

from mlops_spec.source.style.quoting import unquoted


@pytest.mark.parametrize("word", ["plain", "word-1", "churn.fit", "a_b", "v1.2"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_plain_word_needs_none(word: str, quote: str) -> None:
    assert unquoted(f"{quote}{word}{quote}: [{quote}{word}{quote}]\n") == f"{word}: [{word}]\n"


@pytest.mark.parametrize(
    "value",
    [
        "yes",
        "true",
        "null",
        "1.5",
        "4711",
        "< 1%",
        "@champion",
        "a b",
        "a: b",
        "",
        "2026-11-25",
        "${{ inputs.x }}",
        "#a",
        "a,b",
        "\\x61",
    ],
)
def test_what_some_reader_would_take_for_something_else_keeps_them(value: str) -> None:
    assert unquoted(f'a: ["{value}"]\n') == f'a: ["{value}"]\n'
