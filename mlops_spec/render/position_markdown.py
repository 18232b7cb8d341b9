"""Where values may stand in a Markdown template."""

from __future__ import annotations

from mlops_spec.render.fault import Unprintable
from mlops_spec.render.position import MACRO, VALUE, Slot, names, paste

_FENCE = "```"


class Markdown:
    """Markdown: a whole code span, or words between words; Names inside a fenced block."""

    def __init__(self) -> None:
        self.open = ""

    def slots(self, shape: str) -> list[Slot]:
        if shape.startswith(_FENCE):
            self.open = "" if self.open else _FENCE
            return names(shape, 0, "where a block of code begins")
        if self.open:
            return names(shape, 0, "inside a block of code")
        if shape.strip() == MACRO:
            return [paste(shape)]
        if MACRO in shape:
            raise Unprintable("a macro is pasted, and so stands alone on its line")
        return [_slot(shape, at) for at, character in enumerate(shape) if character == VALUE]


def _slot(shape: str, at: int) -> Slot:
    if shape[at - 1 : at] == "`" and shape[at + 1 : at + 2] == "`":
        return Slot(at - 1, at + 2, "markdown_code")
    if shape[:at].count("`") % 2:
        raise Unprintable("a value is the whole of a code span: write `${{ value }}`")
    if shape[at - 1 : at] != " " or not shape[:at].strip():
        raise Unprintable(
            "words stand behind a space, and never begin a line, where they could begin a list or heading"
        )
    return Slot(at, at + 1, "markdown")
