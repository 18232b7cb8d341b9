"""A YAML text as what it is made of: where a path's value stands, and which lines and comments belong to it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from mlops_spec.address import Path
from mlops_spec.address import text as addressed
from mlops_spec.source.splice import Splice
from mlops_spec.source.style.outline import Node, indent, is_comment, outline

_COLON = re.compile(r"[ ]*:")


class Unfit(Exception):
    """What stands in the way of an edit, at the character ``at``."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class Found(NamedTuple):
    """A value, the collection that it is the ``number``-th of, and its key where that is a mapping."""

    above: Node
    number: int
    key: Node | None
    value: Node


class Document:
    """The text of a file that ``source.yaml.read`` takes. Lines and characters are counted from 0."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.root = outline(text)
        self._starts = [0, *accumulate(len(line) + 1 for line in self.lines)][:-1]

    def find(self, path: Path) -> Found:
        """Return what stands at ``path``. Raises Unfit where nothing does, or behind an anchor or an alias."""
        found = self._next(self.collection(path[:-1]), path[-1])
        if found is None:
            raise Unfit(f"there is no `{addressed(path)}`", self.collection(path[:-1]).start)
        return found

    def collection(self, path: Path) -> Node:
        """Return the map or list at ``path``. Raises Unfit as ``find`` does."""
        node = self.root
        for depth in range(len(path) + 1):
            if node.style == "*" or self.text[node.start : node.start + 1] == "&":
                message = "an anchor or alias stands here: a change below it would be one in several places"
                raise Unfit(message, node.start)
            if depth < len(path):
                found = self._next(node, path[depth])
                if found is None:
                    raise Unfit(f"there is no `{addressed(path[: depth + 1])}`", node.start)
                node = found.value
        return node

    def nearest(self, path: Path) -> int:
        """Return where the last part of ``path`` stands that there is."""
        node, at = self.root, self.root.start
        for part in path:
            found = self._next(node, part)
            if found is None:
                break
            node, at = found.value, (found.key or found.value).start
        return at

    def place(self, at: int) -> tuple[int, int]:
        """Return the line and column of a character, both from 1."""
        line = bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1

    def start(self, line: int) -> int:
        """Return where a line begins; behind the last one, the end of the text."""
        return self._starts[line] if line < len(self.lines) else len(self.text)

    def end(self, line: int) -> int:
        """Return where a line ends, before its line end."""
        return self._starts[line] + len(self.lines[line])

    def without(self, first: int, last: int) -> Splice:
        """Take lines out, from the first to the last one."""
        return Splice(self.start(first), self.start(last + 1))

    def after_colon(self, key: Node) -> int:
        """Return where the value of a key may begin. Raises Unfit where the key has no colon right behind it."""
        colon = _COLON.match(self.text, key.end)
        if colon is None or self.text[: key.start].rstrip(" ").endswith("?"):
            raise Unfit(f"the key `{key.value}` is not written as `{key.value}: …`", key.start)
        return colon.end()

    def begins_line(self, node: Node) -> bool:
        """Tell whether nothing stands before a node on its line."""
        return not self.lines[node.line][: node.column].strip(" ")

    def last_line(self, node: Node, column: int) -> int:
        """Return the last line of what stands at ``column`` and ends with ``node``: comments below it go along."""
        last = line = node.last
        while (line := line + 1) < len(self.lines):
            if is_comment(self.lines[line]) and indent(self.lines[line]) > column:
                last = line
            elif self.lines[line].strip(" "):
                break
        return last

    def first_line(self, key: Node) -> int:
        """Return the first line of a key's own comments, which stand right above it."""
        line = key.line
        while line and is_comment(self.lines[line - 1]) and indent(self.lines[line - 1]) == key.column:
            line -= 1
        return line

    def check_unanchored(self, *nodes: Node) -> None:
        """Raise Unfit where an anchor stands on one of these or within, which aliases elsewhere may mean."""
        for node in _within(nodes):
            if self.text[node.start : node.start + 1] == "&":
                raise Unfit("an anchor stands here, which an alias may mean", node.start)

    def _next(self, node: Node, part: str | int) -> Found | None:
        if node.style in ("map", "{"):
            for number, (key, value) in enumerate(node.entries()):
                if key.value == str(part):
                    return Found(node, number, key, value)
        elif node.style in ("list", "[") and isinstance(part, int) and 0 <= part < len(node.children):
            return Found(node, part, None, node.children[part])
        return None


def _within(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _within(node.children)
