"""Which template line, and which spec addresses, made each line of a rendered file.

A traced render is an ordinary one with marks in its text: before each piece of template text and each printed value
its place, before each printed value also what it belongs to. No rendered text can hold a mark's characters, and
without its marks a traced render is the ordinary one, byte by byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

_PLACE, _OWNER, _PATH, _END = "\x01", "\x03", "\x04", "\x02"
MARK, UNMARKED = f"[{_PLACE}{_OWNER}][^{_END}]*{_END}", f"{_PLACE}{_OWNER}"
"""For patterns: what matches a mark, and the characters that begin one."""

_MARK = re.compile(f"{_PLACE}(?P<place>[^{_END}]*){_END}|{_OWNER}(?P<owner>[^{_END}]*){_END}")
_UNKNOWN = f"{_OWNER}{_END}"

Exists = Callable[[str], bool]


class Line(NamedTuple):
    """One rendered line: the template line that made it, and the addresses of what it prints.

    A line of fixed text has the address of the file's resource.
    """

    text: str
    template: str
    template_line: int
    addresses: tuple[str, ...]


def place(text: str, template: str, line: int) -> str:
    """Mark text with the template line that prints it."""
    return f"{_PLACE}{template}:{line}{_END}{text}"


def note(text: str, *owners: Any) -> str:
    """Mark a printed value with the nearest of its owners that has an address; they come with the paths from them."""
    return f"{_owner(owners) or _UNKNOWN}{text}"


def inherit(text: str, *owners: Any) -> str:
    """Mark the values of a pasted macro that have no owner there with what the macro was called with."""
    owner = _owner(owners)
    return text.replace(_UNKNOWN, owner) if owner else text


def _owner(owners: tuple[Any, ...]) -> str:
    for node, path in zip(owners[::2], owners[1::2]):
        address = getattr(node, "address", None)
        if isinstance(address, str):
            return f"{_OWNER}{address}{_PATH}{path}{_END}"
    return ""


def strip(marked: str) -> str:
    """Return the text without its marks."""
    return _MARK.sub("", marked)


def indent(marked: str, margin: str) -> str:
    """Indent marked lines, except those that are empty without their marks."""
    return "\n".join(margin + line if strip(line) else line for line in marked.split("\n"))


def trim(marked: str) -> str:
    """Drop the empty lines at both ends of a marked text; it ends with one line end."""
    lines = marked.split("\n")
    while lines and not strip(lines[-1]):
        lines.pop()
    while lines and not strip(lines[0]):
        lines.pop(0)
    return "\n".join(lines) + "\n"


def nested(printed: str, marked: str) -> str:
    """Carry the marks of a file over to the block that prints it, where it is printed as one."""
    header, *lines = printed.split("\n")
    if not lines:
        return printed
    marks = ["".join(m.group() for m in _MARK.finditer(line)) for line in marked.split("\n")]
    return "\n".join([header, *(mark + line for mark, line in zip(marks, lines))])


def read(marked: str, resource: str, exists: Exists) -> Iterator[Line]:
    """Yield the lines of a marked text; ``resource`` is the address of fixed text.

    A line that goes on with a value of several lines belongs where its first line does. ``exists`` tells which
    addresses the spec has: a printed attribute that is one is named by itself, any other by its owner.
    """
    template, number = "", 0
    addresses: tuple[str, ...] = (resource,)
    for line in marked.removesuffix("\n").split("\n"):
        places = [m["place"] for m in _MARK.finditer(line) if m["place"]]
        if places:
            template, _, at = places[0].rpartition(":")
            number = int(at)
            owners = [m["owner"] for m in _MARK.finditer(line) if m["owner"] is not None]
            found = dict.fromkeys(_address(owner, exists) or resource for owner in owners)
            addresses = tuple(filter(None, found or (resource,)))
        yield Line(strip(line), template, number, addresses)


def _address(owner: str, exists: Exists) -> str:
    address, _, path = owner.partition(_PATH)
    names = path.split(".") if path else []
    longer = (".".join((address, *names[:length])) for length in range(len(names), 0, -1))
    return next(filter(exists, longer), address)
