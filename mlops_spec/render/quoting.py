"""Text as the readers of Python, shells, Markdown and YAML's blocks take it back; one line of YAML: `source.inline`."""

from __future__ import annotations

import re
from shlex import quote as shell_quote

from mlops_spec.source.inline import HIDDEN, SURROGATE, Unprintable, double_quoted, escaped, yaml_text

_UNBLOCKABLE = re.compile(
    rf"[{HIDDEN}]"
    r"|\A\n"  # a first line that is empty leaves the reader to guess the indentation
    r"|\n\n\Z"  # chomping would eat, or keep, the last blank lines
    r"|^[ ]*\t"  # some readers take a tab for indentation
    r"|^[ ]+$",  # some readers trim a line of spaces
    re.MULTILINE,
)
_UNSPEAKABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NO_CODE = re.compile(rf"[{HIDDEN}\t\n`|]|\A\Z|\A[ \"]|[ ]\Z")
_WORD = re.compile(r"(?P<word>\S+?)(?P<end>[.,:;]*(?=\s|\Z))")
_PLAIN_WORD = re.compile(r"\(?[A-Za-z0-9]+(?:[-'][A-Za-z0-9]+)*\)?")


def yaml_block(text: str, column: int) -> str:
    """Write lines as a literal block below what stands at ``column``; double-quoted where no block can hold them."""
    if "\n" not in text:
        return yaml_text(text)
    if _UNBLOCKABLE.search(text) or SURROGATE.search(text):
        return double_quoted(text)
    indicator = "2" if text[0] == " " else ""
    chomping = "" if text[-1] == "\n" else "-"
    margin = " " * (column + 2)
    lines = text.removesuffix("\n").split("\n")
    return f"|{indicator}{chomping}\n" + "\n".join(margin + line if line else "" for line in lines)


def python_text(text: str) -> str:
    """Write text as a Python literal."""
    # repr shows a character or escapes it by the Unicode tables of the Python that runs: only ASCII is alike for all.
    return repr(text) if text.isascii() else double_quoted(text)


def shell_word(text: str) -> str:
    """Write text as one word of a shell. Raises Unprintable on control characters."""
    if _UNSPEAKABLE.search(text) or SURROGATE.search(text):
        raise Unprintable("a control character, or half of one, cannot stand in a shell script")
    return shell_quote(text)


def markdown_code(text: str) -> str:
    """Write text as a code span of Markdown, in which nothing is a link, an image or HTML.

    Between double quotes, with JSON's escapes, where a span or a cell of a table could not hold it as it is. Raises
    Unprintable on half a character.
    """
    if not _NO_CODE.search(text) and not SURROGATE.search(text):
        return f"`{text}`"
    return f"`{double_quoted(text).replace('`', escaped('`')).replace('|', escaped('|'))}`"


def markdown_words(text: str) -> str:
    """Write text as words of Markdown; what is no plain word is a code span, so that no text is markup."""
    if _NO_CODE.search(text):
        return markdown_code(text)
    return _WORD.sub(_markdown_word, text)


def _markdown_word(found: re.Match[str]) -> str:
    word, end = found["word"], found["end"]
    return (word if _PLAIN_WORD.fullmatch(word) else markdown_code(word)) + end
