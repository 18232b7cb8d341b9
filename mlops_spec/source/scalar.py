"""What an unquoted scalar means: YAML 1.2 core, and only where YAML 1.1 readers take it for the same.

Numbers pass in their plain decimal form alone. PyYAML, Go's readers (kubectl) and YAML 1.2 disagree on most others,
and whoever writes one of the rest (``+1``, ``.5``, ``0x1F``) can as well write what everyone reads.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from mlops_spec.source import refusals
from mlops_spec.source.refusals import Refusal

Scalar = str | int | float | bool | None

_LONGEST_NUMBER = 64
_INTEGERS = range(-(2**63), 2**64)
_SAME_FOR_ALL: dict[str, Scalar] = {
    "": None,
    **dict.fromkeys(("~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BOOLEANS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), "true"),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), "false"),
}
_WORDS = {*_SAME_FOR_ALL, *_BOOLEANS, "=", "<<"}

_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|nan)\Z|[-+](?:inf|infinity|nan)\Z", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9].*)?\Z", re.DOTALL)
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_OTHER_BASE = re.compile(r"[-+]?0(?:b[01]*|o[0-7]+|x[0-9a-f]*(?:\.[0-9a-f]*)?(?:p[-+]?[0-9]+)?)\Z", re.IGNORECASE)


class Misread(NamedTuple):
    """An unquoted scalar that cannot stand so: the refusal, the message, and the way out."""

    refusal: Refusal
    message: str
    hint: str


def resolve(text: str) -> Scalar | Misread:
    """Return what the unquoted ``text`` is to every reader, or why it must be quoted."""
    if text in _WORDS:
        return _word(text)
    if text[0] in "+-.0123456789":
        return _number(text)
    return text


def quoted(text: str) -> str:
    """Show ``text`` as it would stand in quotes, shortened where it is long."""
    return f'"{_short(text)}"'


def _word(text: str) -> Scalar | Misread:
    if text == "<<":
        return Misread(refusals.MERGE_KEY, "`<<` would merge other keys in here", refusals.MERGE_KEY.way_out)
    if text == "=":
        return _ambiguous(text, "has a meaning of its own")
    if text in _BOOLEANS:
        return _ambiguous(text, f"is {_BOOLEANS[text]}", f", or write {_BOOLEANS[text]}")
    return _SAME_FOR_ALL[text]


def _number(text: str) -> Scalar | Misread:
    if _INTEGER.match(text):
        if len(text) < _LONGEST_NUMBER and int(text) in _INTEGERS:
            return int(text)
        return _out_of_range(text)
    if _FLOAT.match(text):
        if len(text) < _LONGEST_NUMBER and math.isfinite(float(text)):
            return float(text)
        return _out_of_range(text)
    return _odd_number(text) or text


def _odd_number(text: str) -> Misread | None:
    if _NOT_FINITE.match(text):
        hint = f"give a number, or quote it: {quoted(text)}"
        return Misread(refusals.NOT_FINITE, f"`{text}` is not a finite number", hint)
    if _DATE.match(text):
        return _ambiguous(text, "is a date")
    if _SEXAGESIMAL.match(text):
        return _ambiguous(text, "is a number in base 60")
    digits = text.replace("_", "")
    if _DECIMAL.match(digits) or _OTHER_BASE.match(digits):
        return _ambiguous(text, "is another number", ", or write it in plain decimal digits")
    return None


def _ambiguous(text: str, reading: str, otherwise: str = "") -> Misread:
    message = f"`{_short(text)}` {reading} to some YAML readers and not to others"
    return Misread(refusals.AMBIGUOUS, message, f"quote it: {quoted(text)}{otherwise}")


def _out_of_range(text: str) -> Misread:
    message = f"`{_short(text)}` does not fit a 64-bit number"
    return Misread(refusals.NUMBER_RANGE, message, f"quote it if it is text: {quoted(text)}")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:30]}…"
