"""Text and numbers as one line of YAML that every reader takes back unchanged.

YAML is read by 1.1 readers (Go's, PyYAML's) and 1.2 readers alike, so that text stands bare only where every one of
them sees the same string. The double-quoted form uses the escapes that YAML, JSON and Python share.
"""

from __future__ import annotations

import math
import re
from typing import Any

_LETTERS = r"[A-Za-z0-9/_.@%+=~-]"
# No reader takes a word that begins with a letter or a slash for a number, a date or an indicator.
_BARE = re.compile(rf"[A-Za-z/](?:{_LETTERS}|[: ](?={_LETTERS}))*\Z")
_QUANTITY = re.compile(r"[1-9][0-9]{0,8}(?:Ki|Mi|Gi|Ti|[msh])\Z")
_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan", "infinity"))

# Ranges, and not str.isprintable: what that says depends on the Unicode tables of the Python that runs.
HIDDEN = r"\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff"
"""Characters that cannot be seen, as part of a regular expression's class."""

SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(rf'[{HIDDEN}\t\n"\\]')
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_LONGEST_KEY = 1000
_INT64 = 2**63


class Unprintable(Exception):
    """A value, or a place in a template, that cannot be printed; the message says why and what to do instead."""


def yaml_text(text: str) -> str:
    """Write text as one line of YAML: bare where that is plainly safe, else double-quoted."""
    if (_BARE.match(text) and text.lower() not in _WORDS) or _QUANTITY.match(text):
        return text
    return double_quoted(text)


def double_quoted(text: str) -> str:
    """Write text between double quotes, alike for YAML, JSON and Python. Raises Unprintable on half a character."""
    if SURROGATE.search(text):
        raise Unprintable("the text holds half of a character (a lone surrogate), which no file can hold")
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    return _SHORT.get(character) or escaped(character)


def escaped(character: str) -> str:
    """Write one character by its number."""
    return f"\\u{ord(character):04x}"


def yaml_key(text: str) -> str:
    """Write text as a key. Raises Unprintable where it is longer than readers allow."""
    written = yaml_text(text)
    if len(written) > _LONGEST_KEY:
        raise Unprintable(f"a key of {len(written)} characters: YAML readers stop at 1024")
    return written


def number(value: float) -> str:
    """Write an integer or a float so that no reader takes it for text: never with an exponent.

    Raises Unprintable on what is not finite and on integers beyond 64 bits, which readers round.
    """
    if isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            raise Unprintable("an integer of more than 64 bits: readers round it")
        return int.__repr__(value)
    if not math.isfinite(value):
        raise Unprintable(f"{value} is not a number that a file can hold")
    written = float.__repr__(value)
    return written if "e" not in written else _without_exponent(written)


def _without_exponent(written: str) -> str:
    from decimal import Decimal

    digits = format(Decimal(written), "f")
    return digits if "." in digits else f"{digits}.0"


def yaml_value(value: Any) -> str:
    """Write a value, also a map or list, as one line of YAML in its flow style. Raises Unprintable."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{yaml_key(key)}: {yaml_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(yaml_value, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return yaml_text(value) if isinstance(value, str) else number(value)
