"""Where values may stand in a Python, JSON or shell template."""

from __future__ import annotations

import re

from mlops_spec.render.fault import Unprintable
from mlops_spec.render.position import MACRO, VALUE, Slot, paste


class Code:
    """A language of expressions and quotes: a whole literal outside quotes, Names inside them and in comments."""

    printer: str
    spanning: frozenset[str] = frozenset()  # quotes that may go on over several lines
    outside: re.Pattern[str]
    inside: dict[str, re.Pattern[str]]
    refused: dict[str, str] = {}
    before: re.Pattern[str]  # how the text before a whole literal ends
    after: re.Pattern[str]  # how the text after it begins
    indents = True  # whether a pasted macro may be indented

    def __init__(self) -> None:
        self.open = ""

    def slots(self, shape: str) -> list[Slot]:
        if shape.strip() == MACRO and not self.open:
            return [paste(shape) if self.indents else Slot(0, len(shape), "paste", 0)]
        found: list[Slot] = []
        at = 0
        while token := (self.inside[self.open] if self.open else self.outside).search(shape, at):
            at = token.end()
            if token.group() == MACRO:
                raise Unprintable("a macro is pasted, and so stands alone on its line")
            if token.group() == VALUE:
                found.append(self._slot(shape, token.start()))
            else:
                self._quote(token.group())
        self._end_line()
        return found

    def _slot(self, shape: str, at: int) -> Slot:
        if self.open:
            return Slot(at, at + 1, "name")
        if not self.before.search(shape[:at]) or not self.after.match(shape, at + 1):
            raise Unprintable("a value is a whole literal: it cannot touch other text, unless a Name inside quotes")
        return Slot(at, at + 1, self.whole(shape[at + 1 :]))

    def whole(self, after: str) -> str:
        """Name the printer of a literal that ``after`` follows."""
        return self.printer

    def _quote(self, token: str) -> None:
        if token in self.refused:
            raise Unprintable(self.refused[token])
        if self.open:
            self.open = "" if token == self.open else self.open
        elif token in self.inside:
            self.open = token

    def _end_line(self) -> None:
        if self.open == "#":
            self.open = ""
        if self.open and self.open not in self.spanning:
            raise Unprintable("a quoted text ends on the line that it begins on")


def _string(quote: str) -> re.Pattern[str]:
    return re.compile(rf"\\[^\x00\x01]|{quote}|[\x00\x01]")


_TO_LINE_END = re.compile(r"[\x00\x01]")


class Python(Code):
    """Python: a whole literal wherever an expression may stand."""

    printer = "python"
    spanning = frozenset(('"""', "'''"))
    outside = re.compile(r"""\"{3}|'{3}|["'#\x00\x01]""")
    inside = {**{quote: _string(quote) for quote in ('"""', "'''", '"', "'")}, "#": _TO_LINE_END}
    before = re.compile(r"""(?:\A|[^\w"'`).\]}\\\x00\x01])\Z""")
    after = re.compile(r"""[^\w"'`(.\[{\\\x00\x01]|\Z""")


class Json(Code):
    """JSON: whole values and keys."""

    printer = "json"
    outside = re.compile(r'["\x00\x01]')
    inside = {'"': _string('"')}
    before = re.compile(r"(?:\A|[\s\[{,:])\Z")
    after = re.compile(r"[\s\]},:]|\Z")

    def whole(self, after: str) -> str:
        return "json_key" if after.lstrip().startswith(":") else "json"


_NESTED = "a quoted text holds no commands: put what they print into a variable first"


class Shell(Code):
    """Shell: words, joined to what they touch. What reads quotes in a way of its own is refused."""

    printer = "shell"
    spanning = frozenset(('"', "'"))
    outside = re.compile(r"""\\[^\x00\x01]|\$["']|<<<|<<|\(\(|(?:(?<=\s)|^)\#|["'`\x00\x01]""")
    inside = {
        '"': re.compile(r"""\\[^\x00\x01]|\$\{\w+\}|\$[({]|["`\x00\x01]"""),
        "'": re.compile(r"['\x00\x01]"),
        "#": _TO_LINE_END,
    }
    refused = {
        "$'": "$'…' reads escapes of its own: write '…'",
        '$"': '$"…" is translated: write "…"',
        "<<": "a here-document does not read quotes: print the text with printf",
        "((": "arithmetic does not read quotes: compute outside the script",
        "`": "write $(…) instead of backticks",
        "$(": _NESTED,
        "${": _NESTED,
    }
    before = re.compile(r"(?:\A|[^$\\{])\Z")
    after = re.compile("")
    indents = False  # a word may hold line ends, and what follows them is part of it
