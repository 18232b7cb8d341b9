"""Where the collections and scalars of a text stand, by lines and characters."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

_COMMENT = re.compile(r"(?:^|(?<=[ \t\n]))#[^\n]*")


class Node(NamedTuple):
    """A value or key of a text, from ``start`` up to ``end`` in characters; ``column`` is that of its first.

    ``last`` is the last line that it fills, from 0, without the comments after it. ``style`` is ``map``, ``list``,
    ``{``, ``[``, ``*`` for an alias, or of a scalar its quote or its ``|`` or ``>``, empty where it has none.
    """

    style: str
    value: str
    line: int
    column: int
    start: int
    end: int
    last: int
    children: tuple[Node, ...] = ()

    @property
    def is_block(self) -> bool:
        """Whether it is a collection by indentation."""
        return self.style in ("map", "list")

    def entries(self) -> list[tuple[Node, Node]]:
        """The keys of a mapping with their values."""
        return list(zip(self.children[::2], self.children[1::2]))


def outline(text: str) -> Node:
    """Return the root of a text that ``source.yaml.read`` takes."""
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
    lines = text.split("\n")
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            return _node(next(events), events, lines)
    raise ValueError("the text holds no document")


def scalars(node: Node) -> Iterator[Node]:
    """Yield every scalar, keys among them, in the order of the text."""
    if node.style not in ("{", "[", "*", "map", "list"):
        yield node
    for child in node.children:
        yield from scalars(child)


def comments(text: str) -> list[str]:
    """Return the comments of a text, sorted."""
    spans = [(_opened(node, text), node.end) for node in scalars(outline(text)) if node.style]
    starts = [start for start, _ in spans]
    found = []
    for match in _COMMENT.finditer(text):
        before = bisect_right(starts, match.start()) - 1
        if before < 0 or match.start() >= spans[before][1]:
            found.append(match.group().rstrip())
    return sorted(found)


def _opened(node: Node, text: str) -> int:
    """Return where the text of a scalar begins: the line that opens a block scalar may end with a real comment."""
    return text.find("\n", node.start) if node.style in ("|", ">") else node.start


def inside(root: Node) -> set[int]:
    """Return the lines that a scalar goes on over: no line of these may be changed on its own."""
    return {n for node in scalars(root) if node.last > node.line for n in range(node.line + 1, node.last + 1)}


def dash(lines: list[str], node: Node, item: Node) -> int:
    """Return the line of the dash before an ``item`` of the list ``node``."""
    line = item.line
    while line > node.line and lines[line][: node.column + 1].lstrip(" ") != "-":
        line -= 1
    return line


def indent(line: str) -> int:
    """Return how many spaces a line begins with."""
    return len(line) - len(line.lstrip(" "))


def is_comment(line: str) -> bool:
    """Tell whether nothing but a comment stands on a line."""
    return line.lstrip(" ").startswith("#")


def _node(event: Any, events: Iterator[Any], lines: list[str]) -> Node:
    first, end = event.start_mark, event.end_mark
    place = (first.line, first.column, first.index)
    if isinstance(event, yaml.AliasEvent):
        return Node("*", "", *place, end.index, end.line)
    if isinstance(event, yaml.ScalarEvent):
        return Node(event.style or "", event.value, *place, end.index, _last(event, lines))
    children: list[Node] = []
    while not isinstance(following := next(events), yaml.CollectionEndEvent):
        children.append(_node(following, events, lines))
    is_map, flow = isinstance(event, yaml.MappingStartEvent), event.flow_style
    style = ("{" if flow else "map") if is_map else ("[" if flow else "list")
    closing: Any = following.end_mark
    # A block collection ends where the next token begins, behind comments that need not be its own.
    last = closing.line if flow else max([first.line, *(child.last for child in children)])
    end_index = closing.index if flow else max([first.index, *(child.end for child in children)])
    return Node(style, "", *place, end_index, last, tuple(children))


def _last(event: Any, lines: list[str]) -> int:
    first, end = event.start_mark, event.end_mark
    if event.style not in ("|", ">"):
        return int(end.line)
    last = end.line if end.column else end.line - 1
    if "+" not in lines[first.line][first.column :].partition("#")[0]:
        while last > first.line and not lines[last].strip(" "):
            last -= 1
    return int(last)
