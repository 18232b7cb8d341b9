"""A text as data alone, where ``yaml.read`` would find nothing to say of it: places are most of what that takes.

What is rendered says the same lines thousands of times. So the YAML parser reads each different line once, by itself,
and here they are only put together, by the columns at which they begin. That takes less than ``yaml.read`` takes, never
more: what gives None here is read there.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from itertools import takewhile
from typing import Any, NamedTuple

import yaml
from yaml import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from mlops_spec.source.builder import MAX_DEPTH
from mlops_spec.source.characters import MAX_BYTES
from mlops_spec.source.scalar import Misread, resolve

_SUPPRESSION = "mlops-spec:"
_LINE_DEPTH = 10
_DEEPEST = MAX_DEPTH - _LINE_DEPTH
"""How deep what stands on one line may go, and how deep lines go into one another: together what reading allows."""

_BY_THEMSELVES = ("---", "...", "%")
"""What says something of the whole document where a line begins with it."""

_LITERAL, _CHOMPED = "|", "|-"

_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9./@-]|:(?=[A-Za-z0-9/]))*"
_WORDS = re.compile(rf"({_WORD}): ({_WORD})\Z")
"""A key and its value, both bare, without a character that means anything: most of what is different in each line."""


class _Doubt(Exception):
    """There may be something to say."""


class _Line(NamedTuple):
    """One line, whatever stands around it.

    It begins at ``column``. Behind the dash of an item, ``inner`` is where the item stands, else 0. ``value`` is None
    where it stands on the lines that follow: as text where ``sign`` says so (``|``), else as entries.
    """

    column: int
    inner: int
    key: str | None
    value: Any
    sign: str


def plain(text: str) -> dict[str, Any] | None:
    """Return the map that a text is, or None where that is not plain to see. No value in it is null.

    What it holds is for reading only: texts that say the same may share it.
    """
    if len(text) > MAX_BYTES or _SUPPRESSION in text or not text.endswith("\n"):
        return None
    try:
        return _joined(text.split("\n"))
    except (yaml.YAMLError, _Doubt):
        return None


def _joined(lines: list[str]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    item: dict[str, Any]
    # The innermost collection that is open, where its entries begin, and those that it is in.
    top: Any = root
    column = 0
    below: list[tuple[Any, int]] = []
    waiting: str | None = None  # the key whose value comes on the next line
    behind = 0  # the line behind a text of several
    for at, line in enumerate(lines):
        if at < behind or not line:
            continue
        where, inner, key, value, sign = _line(line)
        if where > column and waiting is not None:
            below.append((top, column))
            top[waiting] = _opened(inner)
            top, column, waiting = top[waiting], where, None
        while where < column:
            top, column = below.pop()
        if where != column or waiting is not None or (type(top) is list) != (inner > 0):
            raise _Doubt
        if sign:
            value, behind = _literal(lines, at + 1, inner if key and inner else column, sign)
        if inner:
            if key is None:
                top.append(value)
                continue
            below.append((top, column))
            top.append(item := {})
            top, column = item, inner
        if key in top or len(below) >= _DEEPEST:
            raise _Doubt
        if value is None:
            waiting = key
        else:
            top[key] = value
    if waiting is not None or not root:
        raise _Doubt
    return root


def _opened(inner: int) -> Any:
    return [] if inner else {}


def _literal(lines: list[str], at: int, column: int, sign: str) -> tuple[str, int]:
    """Return the text that begins at a line, deeper than ``column``, and the line behind it."""
    margin = " " * (len(lines[at]) - len(lines[at].lstrip(" ")))
    if len(margin) <= column or margin == lines[at]:
        raise _Doubt
    held = [line[len(margin) :] for line in takewhile(lambda line: not line or line.startswith(margin), lines[at:])]
    text = "\n".join(held).rstrip("\n")
    if not _is_plain(text.replace("\n", "")):
        raise _Doubt
    return (text if sign == _CHOMPED else f"{text}\n"), at + len(held)


@functools.lru_cache(maxsize=2**15)
def _line(line: str) -> _Line:
    """Read one line. Raises _Doubt and YAMLError."""
    entry = line.lstrip(" ")
    column = len(line) - len(entry)
    if not _is_plain(entry):
        raise _Doubt
    inner = 0
    if entry.startswith("- "):
        entry = entry[2:].lstrip(" ")
        inner = len(line) - len(entry)
    if line.startswith(_BY_THEMSELVES) or entry.startswith(("? ", "- ")):
        raise _Doubt
    if words := _WORDS.match(entry):
        return _Line(column, inner, _key(_resolved(words[1])), _resolved(words[2]), "")
    # What means something at the first column only stands at another one here.
    parser = yaml.CSafeLoader(f" {entry}")
    try:
        key, value, style = _entry(parser.get_event)
    finally:
        parser.dispose()
    sign = entry.rpartition(" ")[2] if style else ""
    if style and ("#" in entry or sign not in (_LITERAL, _CHOMPED)):
        raise _Doubt
    if key is None and (not inner or (value is None and not sign)):
        raise _Doubt
    return _Line(column, inner, key, value, sign)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _entry(next_event: Callable[[], Any]) -> tuple[str | None, Any, str]:
    """Return the key, where there is one, the value, and the style of a text that follows."""
    ended: tuple[type, ...] = (yaml.DocumentEndEvent, yaml.StreamEndEvent)
    key, value, style = None, None, ""
    _, _, event = next_event(), next_event(), next_event()
    if type(event) is MappingStartEvent and not event.flow_style:
        _refuse_properties(event)
        ended = (MappingEndEvent, *ended)
        key, event = _key(_scalar(next_event())), next_event()
    if type(event) is ScalarEvent and not event.value and event.style in ("", _LITERAL):
        _refuse_properties(event)
        style = event.style
    else:
        value = _value(event, next_event, _LINE_DEPTH)
    if any(type(next_event()) is not kind for kind in ended):
        raise _Doubt
    return key, value, style


def _value(event: Any, next_event: Callable[[], Any], depth: int) -> Any:
    if type(event) is ScalarEvent:
        return _scalar(event)
    if type(event) not in (MappingStartEvent, SequenceStartEvent) or not event.flow_style or not depth:
        raise _Doubt
    _refuse_properties(event)
    if type(event) is SequenceStartEvent:
        items = []
        while type(event := next_event()) is not SequenceEndEvent:
            items.append(_value(event, next_event, depth - 1))
        return items
    entries = {}
    while type(event := next_event()) is not MappingEndEvent:
        key = _key(_value(event, next_event, depth - 1))
        if key in entries:
            raise _Doubt
        entries[key] = _value(next_event(), next_event, depth - 1)
    return entries


def _scalar(event: Any) -> Any:
    if type(event) is not ScalarEvent or "\0" in event.value or event.style in ("|", ">"):
        raise _Doubt
    _refuse_properties(event)
    return event.value if event.style else _resolved(event.value)


def _resolved(text: str) -> Any:
    value = resolve(text)
    if value is None or type(value) is Misread:
        raise _Doubt
    return value


def _key(value: Any) -> str:
    if type(value) is not str:
        raise _Doubt
    return value


def _refuse_properties(event: Any) -> None:
    if event.tag is not None or event.anchor is not None:
        raise _Doubt
