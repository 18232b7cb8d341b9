"""Whether a text is one whole expression, so that parentheses around it hold it: a scan, no parser of PromQL."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""#[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`|[()\[\]{}]|["'`]|[^#"'`()\[\]{}]+""", re.DOTALL
)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def whole(text: str) -> str:
    """Say what keeps ``text`` from being whole, empty for nothing: quotes and brackets close what they open."""
    if not text.strip():
        return "it is empty"
    open_: list[str] = []
    for token in _TOKEN.findall(text):
        if token in _PAIRS.values():
            open_.append(token)
        elif token in _PAIRS:
            if not open_ or open_.pop() != _PAIRS[token]:
                return f"{token} closes nothing"
        elif token in ("'", '"', "`"):
            return f"a text that begins with {token} has no end"
    return f"{open_[-1]} is not closed" if open_ else ""
