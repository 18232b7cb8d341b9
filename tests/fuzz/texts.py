"""Texts that break readers: pieces of YAML, placeholders and other languages, and files with slips in them."""

from __future__ import annotations

from hypothesis import strategies as st

PIECES = [
    "a", "b", "x", "0", "1", "-1", "1e3", "08", "0x1F", "0o17", "1:30", "yes", "NO", "null", "~", "true", ".nan", ".inf", "=", "<<",
    ": ", ":", "- ", "-", "\n", "\n  ", "\n    ", "  ", " ", "\t", "\r", "#", " #", "---", "...", "%YAML 1.1", "!!python/name:os", "!",
    "&a", "*a", "? ", "|", ">", "|2-", "[", "]", "{", "}", ",", "'", '"', "\\", "\\x", "\\u12", "${{", "}}", "${{ variables.x }}",
    "$${{", "{{", "{%", "%}", "{#", "#}", "$(X)", "é", "\U0001f600", "\x00", "\x85", "\u2028", "\ufeff", "\u202e", "\x1b[31m", "\x7f",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=60)


@st.composite
def slipped(draw: st.DrawFn, text: str) -> str:
    """A text with some of its parts lost, doubled, swapped or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 1, 2, 5, 20, 200])))
        put = draw(st.sampled_from([*PIECES, text[start:end] * 2, ""]) | TEXTS)
        text = text[:start] + put + text[end:]
    return text
