"""Where panels stand on a grid of 24 columns: lines of equal panels below headings, with nothing between them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mlops_spec.blueprint.types import Panel, Query, Row, Threshold
from mlops_spec.language.text import Name

COLUMNS = 24
KINDS = ("lines", "areas", "number", "names", "history", "spread")
_LOW_KINDS = ("number", "names")
_HEADING, _LOW, _HIGH = 1, 4, 8
_MOST_LOW, _MOST_HIGH = 6, 3
"""How many panels can stand side by side and still be read."""


class Sketch(NamedTuple):
    """A panel that has no place yet; the ``key`` tells it from all others of its dashboard."""

    key: str
    address: str
    kind: str
    title: str
    description: str
    unit: Name
    queries: tuple[Query, ...]
    thresholds: tuple[Threshold, ...] = ()
    least: float | None = None
    most: float | None = None


class Section(NamedTuple):
    """Lines of sketches below a heading, or without one."""

    address: str
    heading: str | None
    lines: Sequence[Sequence[Sketch]]


def arrange(sections: Iterable[Section]) -> tuple[Row, ...]:
    """Give every sketch its place, from above and from the left; what has no sketches gets no heading."""
    rows, y, taken = [], 0, set[int]()
    for section in sections:
        if not any(section.lines):
            continue
        top = y
        y += _HEADING if section.heading else 0
        panels: list[Panel] = []
        for line in _balanced(section.lines):
            height = _LOW if _low(line) else _HIGH
            panels += _line(line, y, height, taken)
            y += height
        identity = _identity(section.heading or "", taken)
        rows.append(
            Row(address=section.address, id=identity, title=section.heading, y=top, panels=tuple(panels))
        )  # fmt: skip
    return tuple(rows)


def _balanced(lines: Iterable[Sequence[Sketch]]) -> Iterator[Sequence[Sketch]]:
    """Break lines that hold more than can be read, into such of about equal length."""
    for line in lines:
        left, most = list(line), _MOST_LOW if _low(line) else _MOST_HIGH
        for rest in range(-(-len(line) // most), 0, -1):
            size = -(-len(left) // rest)
            yield left[:size]
            left = left[size:]


def _low(line: Sequence[Sketch]) -> bool:
    return all(sketch.kind in _LOW_KINDS for sketch in line)


def _line(line: Sequence[Sketch], y: int, height: int, taken: set[int]) -> Iterator[Panel]:
    edges = [COLUMNS * index // len(line) for index in range(len(line) + 1)]
    for sketch, left, right in zip(line, edges, edges[1:]):
        yield Panel(
            address=sketch.address,
            id=_identity(sketch.key, taken),
            title=sketch.title,
            description=sketch.description,
            x=left,
            y=y,
            width=right - left,
            height=height,
            unit=sketch.unit,
            least=sketch.least,
            most=sketch.most,
            thresholds=sketch.thresholds,
            queries=sketch.queries,
            **{kind: kind == sketch.kind for kind in KINDS},
        )


def _identity(key: str, taken: set[int]) -> int:
    """Return a positive number of 31 bits that stays while the key does, and that none before has."""
    found = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) >> 1 or 1
    while found in taken:
        found = found % (2**31 - 1) + 1
    taken.add(found)
    return found
