"""Quotes only where they are needed: a plain word that every reader takes for text has none."""

from __future__ import annotations

import re

from mlops_spec.source.scalar import resolve
from mlops_spec.source.style.outline import outline, scalars

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")


def unquoted(text: str) -> str:
    """Return ``text`` without the quotes around plain words."""
    for node in sorted(scalars(outline(text)), key=lambda node: -node.start):
        # What was written with escapes is left: it may be meant to be seen as it is.
        written = text[node.start + 1 : node.end - 1] if node.style in ("'", '"') else ""
        if written == node.value and _WORD.match(written) and resolve(written) == written:
            text = text[: node.start] + written + text[node.end :]
    return text
