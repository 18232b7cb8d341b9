"""Text and numbers as YAML, JSON, Python, shell and Markdown readers take them back unchanged.

YAML is read by 1.1 readers (Go's, PyYAML's) and 1.2 readers alike, so that text stands bare only where every one of
them sees the same string. The double-quoted form uses the escapes that YAML, JSON and Python share.
"""

from __future__ import annotations

import math
import re
from shlex import quote as shell_quote

from mlops_spec.render.fault import Unprintable

_LETTERS = r"[A-Za-z0-9/_.@%+=~-]"
# No reader takes a word that begins with a letter or a slash for a number, a date or an indicator.
_BARE = re.compile(rf"[A-Za-z/](?:{_LETTERS}|[: ](?={_LETTERS}))*\Z")
_QUANTITY = re.compile(r"[1-9][0-9]{0,8}(?:Ki|Mi|Gi|Ti|[msh])\Z")
_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan", "infinity"))

# Ranges, and not str.isprintable: what that says depends on the Unicode tables of the Python that runs.
_HIDDEN = r"\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff"
_ESCAPED = re.compile(rf'[{_HIDDEN}\t\n"\\]')
_UNBLOCKABLE = re.compile(
    rf"[{_HIDDEN}]"
    r"|\A\n"  # a first line that is empty leaves the reader to guess the indentation
    r"|\n\n\Z"  # chomping would eat, or keep, the last blank lines
    r"|^[ ]*\t"  # some readers take a tab for indentation
    r"|^[ ]+$",  # some readers trim a line of spaces
    re.MULTILINE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONGEST_KEY = 1000
_NO_CODE = re.compile(rf"[{_HIDDEN}\t\n`|]|\A\Z|\A[ \"]|[ ]\Z")
_WORD = re.compile(r"(?P<word>\S+?)(?P<end>[.,:;]*(?=\s|\Z))")
_PLAIN_WORD = re.compile(r"\(?[A-Za-z0-9]+(?:[-'][A-Za-z0-9]+)*\)?")
_INT64 = 2**63


def yaml_text(text: str) -> str:
    """Write text as one line of YAML: bare where that is plainly safe, else double-quoted."""
    if (_BARE.match(text) and text.lower() not in _WORDS) or _QUANTITY.match(text):
        return text
    return double_quoted(text)


def double_quoted(text: str) -> str:
    """Write text between double quotes, alike for YAML, JSON and Python. Raises Unprintable on half a character."""
    if _SURROGATE.search(text):
        raise Unprintable("the text holds half of a character (a lone surrogate), which no file can hold")
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    return _SHORT.get(character) or _escaped(character)


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}"


def yaml_block(text: str, column: int) -> str:
    """Write lines as a literal block below what stands at ``column``; double-quoted where no block can hold them."""
    if "\n" not in text:
        return yaml_text(text)
    if _UNBLOCKABLE.search(text) or _SURROGATE.search(text):
        return double_quoted(text)
    indicator = "2" if text[0] == " " else ""
    chomping = "" if text[-1] == "\n" else "-"
    margin = " " * (column + 2)
    lines = text.removesuffix("\n").split("\n")
    return f"|{indicator}{chomping}\n" + "\n".join(margin + line if line else "" for line in lines)


def yaml_key(text: str) -> str:
    """Write text as a key. Raises Unprintable where it is longer than readers allow."""
    written = yaml_text(text)
    if len(written) > _LONGEST_KEY:
        raise Unprintable(f"a key of {len(written)} characters: YAML readers stop at 1024")
    return written


def python_text(text: str) -> str:
    """Write text as a Python literal."""
    # repr shows a character or escapes it by the Unicode tables of the Python that runs: only ASCII is alike for all.
    return repr(text) if text.isascii() else double_quoted(text)


def shell_word(text: str) -> str:
    """Write text as one word of a shell. Raises Unprintable on control characters."""
    if _UNSPEAKABLE.search(text) or _SURROGATE.search(text):
        raise Unprintable("a control character, or half of one, cannot stand in a shell script")
    return shell_quote(text)


def markdown_code(text: str) -> str:
    """Write text as a code span of Markdown, in which nothing is a link, an image or HTML.

    Between double quotes, with JSON's escapes, where a span or a cell of a table could not hold it as it is. Raises
    Unprintable on half a character.
    """
    if not _NO_CODE.search(text) and not _SURROGATE.search(text):
        return f"`{text}`"
    return f"`{double_quoted(text).replace('`', _escaped('`')).replace('|', _escaped('|'))}`"


def markdown_words(text: str) -> str:
    """Write text as words of Markdown; what is no plain word is a code span, so that no text is markup."""
    if _NO_CODE.search(text):
        return markdown_code(text)
    return _WORD.sub(_markdown_word, text)


def _markdown_word(found: re.Match[str]) -> str:
    word, end = found["word"], found["end"]
    return (word if _PLAIN_WORD.fullmatch(word) else markdown_code(word)) + end


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
