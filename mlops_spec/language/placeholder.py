"""``${{ path }}``: how a placeholder is written, in a string of its own or inside a longer one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mlops_spec.address import parse, text

_PART = r"[a-z][a-z0-9_-]*"
_TOKEN = re.compile(r"\$\$\{\{|\$\{\{(?P<inside>.*?)\}\}|\$\{\{", re.DOTALL)
_PATH = re.compile(rf"\s*({_PART}(?:\.[A-Za-z0-9_-]+)*)\s*\Z")


class Literal(NamedTuple):
    """Text that stands for itself, escapes undone."""

    text: str


class Reference(NamedTuple):
    """What a placeholder names: ``inputs.customers``."""

    path: tuple[str, ...]


def split(value: str) -> tuple[Literal | Reference, ...]:
    """Cut a string into its literal text and its references; ``$${{`` is a literal ``${{``.

    Raises ValueError, with a message for the user, where a placeholder is malformed.
    """
    if "${{" not in value:
        return (Literal(value),) if value else ()
    parts: list[Literal | Reference] = []
    literal, end = "", 0
    for token in _TOKEN.finditer(value):
        literal += value[end : token.start()]
        end = token.end()
        if token.group() == "$${{":
            literal += "${{"
            continue
        inside = token.group("inside")
        if inside is None:
            raise ValueError("`${{` has no closing `}}`")
        path = _PATH.match(inside)
        if path is None:
            raise ValueError(f"`${{{{{inside}}}}}` is not a path of names and dots")
        if literal:
            parts.append(Literal(literal))
            literal = ""
        parts.append(Reference(parse(path.group(1))))
    literal += value[end:]
    if literal:
        parts.append(Literal(literal))
    return tuple(parts)


def references(value: str) -> Iterator[str]:
    """Yield the path of every well-formed placeholder in a string."""
    try:
        parts = split(value)
    except ValueError:
        return
    yield from (text(part.path) for part in parts if isinstance(part, Reference))


def escape(value: str) -> str:
    """Write text so that ``split`` gives it back as one literal."""
    return value.replace("${{", "$${{")
