"""Where values may stand in a YAML template."""

from __future__ import annotations

import re

from mlops_spec.render.fault import Unprintable
from mlops_spec.render.position import MACRO, VALUE, Slot, names, paste

_LINE = re.compile(
    r"""(?P<indent>[ ]*)(?P<dashes>(?:-[ ]+)*)"""
    r"""(?:(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#\[{].*?):(?:[ ]+|\Z))?(?P<value>.*)"""
)
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")
_JOINED = re.compile(r"[A-Za-z0-9/\x00][A-Za-z0-9 ./:@%+=~^()$?&;*!<>|_\x00-]*")
_BLOCK = re.compile(r"(?:[!&]\S+[ ]+)*[|>][0-9+-]*(?:[ ]+#.*)?")


class Yaml:
    """YAML: whole keys and values, Names inside longer ones and inside blocks of text."""

    open = ""

    def __init__(self) -> None:
        self._block: int | None = None  # the column whose literal block these lines belong to

    def slots(self, shape: str) -> list[Slot]:
        if self._in_block(shape) or shape.lstrip().startswith("#"):
            return names(shape, 0, "inside a block of text")
        if shape.strip() == MACRO:
            return [paste(shape)]
        line = _LINE.fullmatch(shape)
        assert line is not None
        return self._key(line) + self._value(line)

    def _in_block(self, shape: str) -> bool:
        if self._block is None:
            return False
        inside = not shape.strip() or len(shape) - len(shape.lstrip(" ")) > self._block
        if not inside:
            self._block = None
        return inside

    def _key(self, line: re.Match[str]) -> list[Slot]:
        return _scalar(line["key"] or "", line.start("key"), Slot(0, 0, "yaml_key"))

    def _value(self, line: re.Match[str]) -> list[Slot]:
        column = line.end("dashes") if line["key"] else line.end("indent") + len(line["dashes"].rstrip()) - 1
        value = line["value"].rstrip()
        if _BLOCK.fullmatch(value):
            self._block = column
        if value == VALUE and not line["key"] and not line["dashes"]:
            raise Unprintable("a value stands on the line of its key, or of its dash")
        return _scalar(value, line.start("value"), Slot(0, 0, "yaml", column))


def _scalar(text: str, start: int, whole: Slot) -> list[Slot]:
    _refuse_unclosed(text)
    if MACRO in text:
        raise Unprintable("a macro is pasted, and so stands alone on its line")
    if VALUE not in text:
        return []
    if text == VALUE:
        return [whole._replace(start=start, end=start + 1)]
    if _QUOTED.fullmatch(text):
        return names(text, start, "inside quotes")
    if text[0] in "[{":
        raise Unprintable("a value cannot stand between brackets: write the list or map over several lines")
    if not _JOINED.fullmatch(text) or ": " in text:
        raise Unprintable("this text needs quotes around it, since a value stands inside it")
    return [Slot(start, start + len(text), "yaml_joined")]


def _refuse_unclosed(text: str) -> None:
    if text[:1] in ('"', "'") and not re.match(rf"(?:{_QUOTED.pattern})(?:[ ]+#.*)?\Z", text):
        raise Unprintable("a quoted text ends on the line that it begins on, and nothing follows it")
    if text[:1] in ("[", "{") and not re.search(r"[\]}](?:[ ]+#.*)?\Z", text):
        raise Unprintable("brackets close on the line that they open on: write the list or map over several lines")
