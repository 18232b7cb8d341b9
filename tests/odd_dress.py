"""YAML as people write it: the same few data in odd dress, with comments in every place."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import strategies as st

SECTIONS = ["models", "pipelines", "project", "apiVersion", "datasets", "monitors", "include", "patches", "unknown"]
KEYS = ["image", "steps", "command", "name", "description", "only", "timeout", "serving", "slo", "fit", "a", "zz-top"]
WORDS = [
    "plain",
    "two words",
    "# no comment",
    "it's",
    'say "x"',
    "yes",
    "1.5",
    "a: b",
    "",
    " x ",
    "[",
    "${{ inputs.x }}",
    "é 😀",
    "true",
    "-",
    "a\tb",
]
LINES = ["line", "  deeper", "# no comment", "", "- dash", "key: value"]


class Writer:
    """Writes data as YAML in odd dress; each comment has a number, and says which key it is for."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.comments = 0

    def some(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def comment(self, what: str) -> str:
        self.comments += 1
        return f"# c{self.comments} {what}"

    def above(self, indent: int, what: str) -> list[str]:
        lines = [""] * self.some(0, 0, 0, 1, 2)
        if self.some(False, False, True):
            lines.append(" " * indent + self.comment(f"above {what}"))
        return lines

    def scalar(self, flow: bool) -> str:
        word = self.some(*WORDS)
        kind = self.some("plain", "'", '"', '"')
        if kind == "plain":
            return self.some("plain", "12", "true", "null", "s3://a/b", "word-1")
        return json.dumps(word, ensure_ascii=False) if kind == '"' else "'" + word.replace("'", "''") + "'"

    def flow(self, depth: int, indent: int) -> str:
        kind = self.some("scalar", "scalar", "map", "list") if depth else "scalar"
        if kind == "scalar":
            return self.scalar(True)
        gap = self.some(" ", " ", "  ", f"\n{' ' * (indent + 3)}")
        if self.some(False, False, False, True):
            gap = f" {self.comment('within')}\n{' ' * (indent + 2)}"
        items = [self.flow(depth - 1, indent) for _ in range(self.some(0, 1, 2, 3))]
        if kind == "list":
            return "[" + ("," + gap).join(items) + "]"
        keys = self.draw(st.permutations(KEYS))
        return "{" + ("," + gap).join(f"{key}: {item}" for key, item in zip(keys, items)) + self.some("", " ") + "}"

    def block_text(self, indent: int) -> list[str]:
        width = indent + self.some(1, 2, 5)
        body = [self.some(*LINES) for _ in range(self.some(1, 2, 3))]
        head = self.some("|", ">", "|-", ">-", "|+") + self.some("", "  " + self.comment("at the head"))
        first = " " * width + "first"
        return [head, first, *(" " * width + line if line else "" for line in body)]

    def value(self, prefix: str, indent: int, depth: int, what: str) -> list[str]:
        """Write what follows ``prefix``, a key or dash at ``indent``."""
        kind = self.some("flow", "flow", "map", "list", "text", "folded", "none") if depth else "flow"
        at = self.some("", "", f"  {self.comment(f'at {what}')}") if kind != "text" else ""
        if kind == "none":
            return [prefix + at]
        if kind == "flow":
            text = f"{prefix} {self.flow(2, indent)}{at}"
            return text.split("\n")
        if kind == "text":
            head, *body = self.block_text(indent)
            return [f"{prefix} {head}", *body]
        if kind == "folded":
            quote = self.some("'", '"')
            return [f"{prefix} {quote}one", " " * (indent + 3) + f"two{quote}{at}"]
        if kind == "map":
            inner = indent + self.some(1, 2, 2, 4)
            return [prefix + at, *self.mapping(inner, depth - 1, self.draw(st.permutations(KEYS)), what)]
        return [
            prefix + at,
            *self.sequence(indent + self.some(*([0, 2] if prefix.endswith(":") else [1, 2]), 3), depth - 1, what),
        ]

    def mapping(self, indent: int, depth: int, keys: list[str], what: str) -> list[str]:
        lines: list[str] = []
        for key in keys[: self.some(1, 2, 3, 4)]:
            dressed = self.some(key, key, f'"{key}"')
            lines += self.above(indent, key)
            lines += self.value(f"{' ' * indent}{dressed}:", indent, depth, key)
            if self.some(False, False, False, False, True):
                lines.append(" " * (indent + 2) + self.comment(f"below {key}"))
        return lines

    def sequence(self, indent: int, depth: int, what: str) -> list[str]:
        lines: list[str] = []
        for _ in range(self.some(1, 2, 3)):
            lines += self.above(indent, "an item")
            if depth and self.some(True, False):
                inner = indent + self.some(2, 2, 4)
                first, *rest = self.mapping(inner, depth - 1, self.draw(st.permutations(KEYS)), what)
                while not first.strip() or first.lstrip().startswith("#"):
                    lines.append(re.sub("above .*", "above an item", first))
                    first, *rest = rest
                lines += [" " * indent + "-" + first[indent + 1 :], *rest]
            else:
                lines += self.value(" " * indent + "-", indent, depth, "an item")
        return lines


@st.composite
def texts(draw: Any) -> str:
    writer = Writer(draw)
    header = ["# c0 the file", ""] if draw(st.booleans()) else []
    lines = [*header, *writer.mapping(0, 3, draw(st.permutations(SECTIONS)), "")]
    return "\n".join(lines) + draw(st.sampled_from(["\n", "", "\n\n\n"]))
