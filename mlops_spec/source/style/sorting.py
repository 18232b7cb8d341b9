"""Put the keys of a text into an order, each with its comments: those above it, and those indented below it.

The comments at the top of a file are the file's own, and stay there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from mlops_spec.address import Path
from mlops_spec.source.style.outline import Node, dash, indent, is_comment, outline

Order = Callable[[Path, Sequence[str]], Sequence[str]]


def in_order(text: str, order: Order) -> str:
    """Return ``text`` with the keys of the mapping at each path in the order that ``order`` gives to them."""
    return "\n".join(_Sorting(text, order).whole())


class _Sorting:
    def __init__(self, text: str, order: Order) -> None:
        self.text, self.order = text, order
        self.lines = text.split("\n")
        self.root = outline(text)

    def whole(self) -> list[str]:
        if not self.root.is_block:
            return self.lines
        first = self.root.line
        end = self._end(self.root, self.root.last, len(self.lines))
        sections = self._block(self.root, first, end, ())
        header = self.lines[:first]
        if header and header[-1] and sections[0] != self.lines[first]:
            header = [*header, ""]
        return [*header, *sections, *self.lines[end:]]

    def _block(self, node: Node, start: int, end: int, path: Path) -> list[str]:
        """Return the lines from ``start`` up to ``end``, which hold a block collection and nothing else."""
        if node.style == "map":
            heads = [(key.line, key, value) for key, value in node.entries()]
        else:
            heads = [(dash(self.lines, node, item), item, item) for item in node.children]
        starts = [start, *(self._end(node, a[2].last, b[0]) for a, b in pairwise(heads)), end]
        leads = [self.lines[a:head] for a, (head, *_) in zip(starts, heads)]
        bodies = [
            self._entry(value, head, stop, (*path, key.value if node.style == "map" else number))
            for number, ((head, key, value), stop) in enumerate(zip(heads, starts[1:]))
        ]
        if node.style == "map":
            keys = [key.value for key, _ in node.entries()]
            self._permute(node, [keys.index(key) for key in self.order(path, keys)], leads, bodies)
        return [line for lead, body in zip(leads, bodies) for line in (*lead, *body)]

    def _permute(self, node: Node, places: list[int], leads: list[list[str]], bodies: list[list[str]]) -> None:
        if places == sorted(places):
            return
        column = node.column
        dashes = bodies[0][0][:column]
        bodies[0][0] = " " * column + bodies[0][0][column:]
        leads[:], bodies[:] = [leads[n] for n in places], [bodies[n] for n in places]
        bodies[0][0] = dashes + bodies[0][0][column:]
        # Above a list's item stands what stood above its first key.
        first = indent(dashes) if dashes.strip(" ") else column
        leads[0] = [" " * first + line.lstrip(" ") for line in leads[0] if line.strip(" ")]

    def _entry(self, value: Node, head: int, end: int, path: Path) -> list[str]:
        if value.is_block:
            start = head if value.line == head else head + 1
            return [*self.lines[head:start], *self._block(value, start, end, path)]
        lines = self.lines[head:end]
        if value.style in ("{", "[") and value.line == head:
            return self._bracketed(value, lines, path)
        return lines

    def _bracketed(self, value: Node, lines: list[str], path: Path) -> list[str]:
        """Return the ``lines`` of an entry, the first that of ``value``, with the keys in its brackets sorted."""
        text = "\n".join(lines)
        start = value.column
        length = value.end - value.start
        return f"{text[:start]}{self._flow(value, path)}{text[start + length :]}".split("\n")

    def _flow(self, node: Node, path: Path) -> str:
        """Return the text of a value within brackets; what stands between its parts stays where it is."""
        if node.style == "{":
            keys = [key.value for key, _ in node.entries()]
            parts = [(key.start, max(key.end, value.end)) for key, value in node.entries()]
            texts = [
                self.text[key.start : value.start] + self._flow(value, (*path, key.value))
                for key, value in node.entries()
            ]
            places = [keys.index(key) for key in self.order(path, keys)]
            if any("#" in self.text[a:b] for (_, a), (b, _) in pairwise([(0, node.start), *parts, (node.end, 0)])):
                places = sorted(places)
            moved = [texts[n] for n in places]
        elif node.style == "[":
            parts = [(item.start, item.end) for item in node.children]
            moved = [self._flow(item, (*path, number)) for number, item in enumerate(node.children)]
        else:
            return self.text[node.start : node.end]
        edges = [node.start, *(place for part in parts for place in part), node.end]
        between = [self.text[a:b] for a, b in zip(edges[::2], edges[1::2])]
        return between[0] + "".join(part + gap for part, gap in zip(moved, between[1:]))

    def _end(self, node: Node, last: int, before: int) -> int:
        """Return the line after an entry of ``node`` that ends at ``last``, and the comments indented below it."""
        deeper = [
            n for n in range(last + 1, before) if is_comment(self.lines[n]) and indent(self.lines[n]) > node.column
        ]
        return max([last, *deeper]) + 1
