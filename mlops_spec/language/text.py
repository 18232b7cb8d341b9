"""Strings that say what they hold, so that a printer knows what may be done with them."""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?\Z")
_WORD = re.compile(r"[A-Za-z0-9._/][A-Za-z0-9._/@:-]*\Z")


class Name(str):
    """A string of a checked charset (letters, digits, ``- _ . /``): it alone may print inside a longer scalar."""

    __slots__ = ()

    def __new__(cls, value: str) -> Name:
        if not _NAME.match(value):
            raise ValueError(f"not a name: {value!r}")
        return super().__new__(cls, value)


class Word(str):
    """A string that Dockerfiles, shells, CI systems' expressions and patterns of paths all read as it stands.

    Letters, digits and ``. _ / - @ :``, of which the last three do not begin it. Raises ValueError on any other.
    """

    __slots__ = ()

    def __new__(cls, value: str) -> Word:
        if not _WORD.match(value):
            raise ValueError(f"not a word: {value!r}")
        return super().__new__(cls, value)


class Block(str):
    """Text of several lines that prints as a literal block."""

    __slots__ = ()
