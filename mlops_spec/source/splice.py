"""Pieces of a text exchanged for others, every other byte left: byte order mark and line ends too."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

_MARK = "\ufeff"


class Splice(NamedTuple):
    """The characters from ``start`` up to ``end`` of a text as ``unified`` gives it, and what stands there instead."""

    start: int
    end: int
    text: str = ""


def unified(text: str) -> str:
    """Return a file's text as places count in it: without byte order mark, its lines ending with a line feed alone."""
    return text.removeprefix(_MARK).replace("\r\n", "\n")


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Return a file's text with each splice made, none of which overlap; new lines end as the first line does."""
    mark, body = (_MARK, text[1:]) if text.startswith(_MARK) else ("", text)
    returns = [found.start() - n for n, found in enumerate(re.finditer("\r\n", body))]
    line_end = "\r\n" if re.match(r"[^\n]*\r\n", body) else "\n"
    for splice in sorted(splices, reverse=True):
        start, end = (place + bisect_left(returns, place) for place in (splice.start, splice.end))
        body = body[:start] + splice.text.replace("\n", line_end) + body[end:]
    return mark + body
