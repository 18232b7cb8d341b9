"""Indent a text by two spaces a level, lists below their key too; comments go with what they stand above."""

from __future__ import annotations

import re

from mlops_spec.source.style.outline import Node, dash, indent, is_comment, outline

STEP = 2
_EXPLICIT = re.compile(r"[|>][-+]?[1-9]")


def indented(text: str) -> str:
    """Return ``text`` with every line where the style has it."""
    return "\n".join(_Indenting(text).lines_moved())


class _Indenting:
    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.columns: dict[int, int] = {}
        """The column that a line gets on which a key, a dash or a value of its own begins."""
        self.dashes: dict[int, list[tuple[int, int]]] = {}
        """Where a dash stands on a line, and what follows it."""
        self.continued: list[tuple[Node, int]] = []
        """What goes on over further lines, with the new column of the collection that it is in."""
        root = outline(text)
        if root.is_block:
            self._place(root, 0)

    def lines_moved(self) -> list[str]:
        moved = [self._begun(n) if n in self.columns else line for n, line in enumerate(self.lines)]
        done = set(self.columns)
        for node, column in self.continued:
            self._continue(node, column, moved)
            done |= set(range(node.line + 1, node.last + 1))
        following = -1
        for n in range(len(self.lines) - 1, -1, -1):
            if n in self.columns:
                following = n
            elif n not in done and is_comment(self.lines[n]):
                moved[n] = " " * self._comment(n, following) + self.lines[n].lstrip(" ")
        return moved

    def _place(self, node: Node, column: int) -> None:
        if node.style == "map":
            for key, value in node.entries():
                self._begin(key.line, value, column)
            return
        for item in node.children:
            line = dash(self.lines, node, item)
            if item.line == line and item.end > item.start:
                self.dashes.setdefault(line, []).append((node.column, item.column))
            self._begin(line, item, column)

    def _begin(self, line: int, value: Node, column: int) -> None:
        self.columns.setdefault(line, column)
        if value.is_block:
            self._place(value, column + STEP)
            return
        if value.line > line:
            self.columns.setdefault(value.line, column + STEP)
        if value.last > value.line:
            self.continued.append((value, column))

    def _begun(self, n: int) -> str:
        line = self.lines[n]
        for start, end in sorted(self.dashes.get(n, ()), reverse=True):
            if line[start:end].strip(" ") == "-" and line[end:]:
                line = f"{line[:start]}- {line[end:]}"
        return " " * self.columns[n] + line.lstrip(" ")

    def _continue(self, node: Node, column: int, moved: list[str]) -> None:
        """Move a text of its own lines below its key, and what else goes on over lines as far as its first line."""
        lines = range(node.line + 1, node.last + 1)
        first = next((n for n in lines if self.lines[n].strip(" ")), None)
        if first is None:
            return
        by = self.columns.get(node.line, 0) - indent(self.lines[node.line])
        if node.style in ("|", ">"):
            width = indent(self.lines[first])
            by = by if _EXPLICIT.match(self.lines[node.line][node.column :]) else column + STEP - width
            for n in lines:
                moved[n] = " " * (width + by) + self.lines[n][width:] if len(self.lines[n]) > width else ""
        else:
            for n in lines:
                width = indent(self.lines[n])
                moved[n] = " " * max(width + by, 0) + self.lines[n][width:]

    def _comment(self, n: int, following: int) -> int:
        """Return where a comment goes: with the line below it, or where it is indented deeper, with one above it."""
        column = indent(self.lines[n])
        below, to = (indent(self.lines[following]), self.columns[following]) if following >= 0 else (0, 0)
        if column <= below:
            return to
        above = next((m for m in range(n, -1, -1) if m in self.columns and indent(self.lines[m]) <= column), None)
        return column if above is None else column + self.columns[above] - indent(self.lines[above])
