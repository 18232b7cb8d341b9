"""Values as one scalar of the file that they stand in: what a template's ``${{ }}`` prints.

A printer takes a value and the column of what it belongs to, and gives text. The names in ``printers`` are those that
the pass over a template's syntax tree (``syntax.py``) calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlops_spec.blueprint.ports import File
from mlops_spec.language.text import Block, Name, Word
from mlops_spec.render import quoting
from mlops_spec.render.fault import Unprintable
from mlops_spec.source import inline

Printer = Callable[..., str]


class Quoted(dict[str, str]):
    """Each text quoted once: a compile prints the same few names thousands of times."""

    def __init__(self, quote: Callable[[str], str]) -> None:
        super().__init__()
        self._quote = quote

    def __missing__(self, text: str) -> str:
        self[text] = quoted = self._quote(text)
        return quoted


def printers(render: Callable[[File], str]) -> dict[str, Printer]:
    """Make the printers of every file type; ``render`` prints a ``File`` that is a value of another."""
    quoted = Quoted(inline.yaml_text)

    def yaml(value: Any, column: int) -> str:
        kind = type(value)
        if kind is str or kind is Name:
            return quoted[value]
        if isinstance(value, File):
            return quoting.yaml_block(render(value), column)
        if isinstance(value, Block):
            return quoting.yaml_block(value, column)
        return _scalar(value, quoted)

    def yaml_joined(*parts: str) -> str:
        return quoted["".join(parts)]

    return {
        "name": name,
        "word": word,
        "yaml": yaml,
        "yaml_joined": yaml_joined,
        "yaml_key": _key_of(Quoted(inline.yaml_key)),
        "json": _of(Quoted(inline.double_quoted), render),
        "json_key": _key_of(Quoted(inline.double_quoted)),
        "python": _of(Quoted(quoting.python_text), render, "True", "False"),
        "shell": _of(Quoted(quoting.shell_word), render),
        "markdown": _of(Quoted(quoting.markdown_words), render),
        "markdown_code": _of(Quoted(quoting.markdown_code), render),
    }


def _of(quoted: Quoted, render: Callable[[File], str], true: str = "true", false: str = "false") -> Printer:
    def scalar(value: Any) -> str:
        return quoted[render(value)] if isinstance(value, File) else _scalar(value, quoted, true, false)

    return scalar


def _scalar(value: Any, quoted: Quoted, true: str = "true", false: str = "false") -> str:
    if isinstance(value, str):
        return quoted[str(value)]
    if isinstance(value, bool):
        return true if value else false
    if isinstance(value, (int, float)):
        return inline.number(value)
    raise Unprintable(_why_not(value))


def _key_of(quoted: Quoted) -> Printer:
    def key(value: Any) -> str:
        if isinstance(value, str):
            return quoted[value]
        raise Unprintable(f"a key is text, and this is {_called(value)}")

    return key


def name(value: Any) -> str:
    """Print what stands inside a longer scalar: a Name, whose characters mean nothing to any reader."""
    if isinstance(value, Name):
        return value
    raise Unprintable(
        f"only a Name may stand inside a longer scalar, and this is {_called(value)}: let it have the whole scalar"
    )


def word(value: Any) -> str:
    """Print what stands where every reader has quotes of its own: a Word, which none needs to quote."""
    if isinstance(value, (Word, Name)):
        return value
    raise Unprintable(f"only a Word or a Name may stand here, and this is {_called(value)}")


def _why_not(value: Any) -> str:
    if value is None:
        return "the value is absent: print it under an {% if %}, for no file of ours says null"
    return f"a template prints scalars, and this is {_called(value)}"


def _called(value: Any) -> str:
    if value is None:
        return "absent"
    if isinstance(value, (tuple, list)):
        return "a list"
    return {str: "any text", bool: "a yes or no", int: "a number", float: "a number"}.get(
        type(value), f"of type {type(value).__name__}"
    )
