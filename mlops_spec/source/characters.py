"""Bytes to text: UTF-8 of a bounded size, without the characters that cannot be seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from mlops_spec.diagnostic import Diagnostic, Place
from mlops_spec.source import refusals
from mlops_spec.source.refusals import Refusal

MAX_BYTES = 1024 * 1024
_MOST_SHOWN = 20

_BIDI_CONTROL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LINE_SEPARATOR = "\x85\u2028\u2029"
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff"
_FORBIDDEN = re.compile(f"[{_CONTROL}{_LINE_SEPARATOR}{_BIDI_CONTROL}]")
_PLAIN_BYTES = bytes((0x09, 0x0A, *range(0x20, 0x7F)))
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Text(NamedTuple):
    """A file's text without byte order mark, its line ends ``\\n``; None where it cannot be read as one."""

    text: str | None
    problems: list[Diagnostic]


def decode(raw: bytes, file: str) -> Text:
    """Read ``raw`` as a spec's text, or say what forbids it."""
    if len(raw) > MAX_BYTES:
        message = f"this file has more than {MAX_BYTES // 1024} KiB, the most that is read"
        return Text(None, [refusals.TOO_LARGE.at(Place(file, 1, 1), message)])
    if raw.startswith(_UTF16) or b"\0" in raw[:4]:
        return Text(None, [refusals.ENCODING.at(Place(file, 1, 1), "this file is UTF-16 or UTF-32, not UTF-8")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        before = raw[: e.start].decode("utf-8-sig")
        (place,) = places(file, before, [len(before)])
        message = f"byte 0x{raw[e.start]:02X} is not UTF-8; is this file Latin-1 or Windows-1252?"
        return Text(None, [refusals.ENCODING.at(place, message)])
    text = text.replace("\r\n", "\n")
    return Text(text, _forbidden(text, file, raw))


def shown(raw: bytes) -> str:
    """Make a text of any bytes, for a report on what could not be read; its lines are those of ``decode``."""
    return raw[: 2 * MAX_BYTES].decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


def places(file: str, text: str, indices: Iterable[int]) -> Iterator[Place]:
    """Say on which line and column of ``text`` the characters at rising ``indices`` stand, in one pass."""
    line, counted = 1, 0
    for index in indices:
        line, counted = line + text.count("\n", counted, index), index
        yield Place(file, line, index - text.rfind("\n", 0, index))


def _forbidden(text: str, file: str, raw: bytes) -> list[Diagnostic]:
    # Most files are plain ASCII, and this look at the bytes is far cheaper than the expression.
    if not raw.translate(None, _PLAIN_BYTES):
        return []
    found = list(islice(_FORBIDDEN.finditer(text), _MOST_SHOWN))
    problems = []
    for match, place in zip(found, places(file, text, (match.start() for match in found))):
        refusal, name = _named(match.group())
        problems.append(refusal.at(place, f"{name} is not allowed in a spec"))
    return problems


def _named(character: str) -> tuple[Refusal, str]:
    code = f"U+{ord(character):04X}"
    if re.match(f"[{_BIDI_CONTROL}]", character):
        return refusals.BIDI_CONTROL, f"the invisible direction mark {code}"
    if character in _LINE_SEPARATOR:
        return refusals.LINE_SEPARATOR, f"the line separator {code}"
    if character == "\r":
        return refusals.CONTROL_CHARACTER, "a carriage return without a line feed"
    return refusals.CONTROL_CHARACTER, f"the control character {code}"
