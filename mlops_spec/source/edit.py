"""One value of a YAML text changed in the text itself: every other byte, and every comment that is not its own, stays.

Not a round trip through a YAML library: those drop the comments within brackets, and break lines anew. A text comes as
its file has it (``bytes.decode()``), with byte order mark and any line ends. Each edit is read back: what it would not
make exactly, it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from copy import deepcopy
from typing import Any

from mlops_spec import address
from mlops_spec.address import Path
from mlops_spec.diagnostic import Place
from mlops_spec.source.cutting import cut
from mlops_spec.source.document import Document, Unfit
from mlops_spec.source.inline import Unprintable, double_quoted, yaml_key, yaml_value
from mlops_spec.source.splice import Splice, spliced, unified
from mlops_spec.source.style.outline import Node, scalars
from mlops_spec.source.tree import Map, find, same
from mlops_spec.source.yaml import read

_BRACKETS = re.compile(r"[\[\]{},]")
_HEAD = re.compile(r"[|>][-+0-9]*")


class Refused(Exception):
    """An edit that is not made: the message says why; ``line`` and ``column``, where, count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line, self.column = line, column

    def place(self, file: str) -> Place:
        """Return the place in ``file`` that stands in the way."""
        return Place(file, self.line, self.column)


def replace(text: str, path: Path, value: Any) -> str:
    """Put ``value`` in place of what stands at ``path``; a map or list is written in brackets.

    Text in quotes is exchanged for text in quotes. Raises Refused where nothing stands there, or an anchor or alias
    does.
    """

    def change(data: Any) -> None:
        find(data, path[:-1])[path[-1]] = value

    def splices(document: Document) -> list[Splice]:
        node = document.find(path).value
        quoted = node.style in ("'", '"') and isinstance(value, str)
        return _replaced(document, path, double_quoted(value) if quoted else yaml_value(value))

    return _edited(text, path, splices, change)


def copy(text: str, source: Path, path: Path, of: str | None = None) -> str:
    """Put what stands at ``source`` in place of what stands at ``path``, a line of text or a number as it is spelt.

    ``of`` is the text that the source stands in, by default the same. Raises Refused as ``replace`` does.
    """
    other = text if of is None else of
    value = find(_read(other), source)

    def change(data: Any) -> None:
        find(data, path[:-1])[path[-1]] = value

    def splices(document: Document) -> list[Splice]:
        return _replaced(document, path, _spelt(Document(unified(other)), source) or yaml_value(value))

    return _edited(text, path, splices, change)


def insert(
    text: str, path: Path, key: str, value: Any, *, depth: int = 0, in_order: bool = False, before: Collection[str] = ()
) -> str:
    """Add ``key`` with ``value`` behind the last one of the map at ``path``; the empty path is the whole document.

    Within lines, ``depth`` levels of maps are written as lines, what is deeper in brackets. ``in_order`` puts the key
    between those of a map whose keys are in order; otherwise it comes before the first of ``before``. Raises Refused
    where there is no map, the key stands already, or an anchor or alias does.
    """

    def change(data: Any) -> None:
        find(data, path)[key] = value

    def splices(document: Document) -> list[Splice]:
        return [_inserted(document, path, key, value, depth, in_order, before)]

    return _edited(text, (*path, key), splices, change)


def add(text: str, path: Path, value: Any, *, depth: int = 0, before: Collection[str] = ()) -> str:
    """Add ``value`` at ``path``, and the maps on the way that are not there yet.

    Those are written as lines, and so are ``depth`` levels of ``value``. Keys that are in order stay so, but for those
    of the whole document: a new one comes before the first of ``before``. Raises Refused as ``insert`` does.
    """
    data = _read(text)
    known = next(end for end in range(len(path) - 1, -1, -1) if isinstance(find(data, path[:end]), Map))
    missing = path[known + 1 :]
    for key in reversed(missing):
        value = {str(key): value}
    deep, sections = depth + len(missing), () if known else before
    return insert(text, path[:known], str(path[known]), value, depth=deep, in_order=known > 0, before=sections)


def delete(text: str, path: Path) -> str:
    """Take the key that ``path`` ends with out of its map; of a map that held nothing else ``{}`` is left.

    Its comments go along: those on its lines, those right above it, and those below it that are indented deeper; not
    those at the top of the file. Raises Refused where no key stands there, or an anchor or alias does.
    """

    def change(data: Any) -> None:
        del find(data, path[:-1])[path[-1]]

    return _edited(text, path, lambda document: cut(document, path), change)


def _edited(text: str, path: Path, make: Callable[[Document], list[Splice]], change: Callable[[Any], None]) -> str:
    before = _read(text)
    document = Document(unified(text))
    try:
        edited = spliced(text, make(document))
    except Unfit as why:
        raise Refused(str(why), *document.place(why.at)) from None
    except Unprintable as why:
        raise Refused(str(why), *document.place(document.nearest(path))) from None
    wanted = deepcopy(before)
    change(wanted)
    after, _ = read(edited.encode(), "")
    if after is None or not same(after.data, wanted):
        message = f"`{address.text(path)}` is written in a way that cannot be changed on its own"
        raise Refused(message, *document.place(document.nearest(path)))
    return edited


def _read(text: str) -> Map:
    source, problems = read(text.encode(), "")
    if source is None:
        place = problems[0].place or Place("", 1, 1)
        raise Refused(problems[0].message, place.line, place.column)
    return source.data


def _spelt(document: Document, path: Path) -> str:
    """Return a value as it is spelt; nothing where it could not stand so elsewhere."""
    node = document.find(path).value
    document.check_unanchored(node)
    spelt = document.text[node.start : node.end]
    is_line = node.line == node.last and not node.is_block and node.style not in ("|", ">")
    return spelt if is_line and (node.style or not _BRACKETS.search(spelt)) else ""


def _replaced(document: Document, path: Path, written: str) -> list[Splice]:
    key, node = document.find(path)[2:]
    document.check_unanchored(node)
    if node.style in ("|", ">"):
        head = _HEAD.match(document.text, node.start)
        assert head is not None
        return [Splice(node.start, head.end(), written), document.without(node.line + 1, node.last)]
    empty = not node.style and node.start == node.end
    if not node.is_block and not empty:
        return [Splice(node.start, node.end, written)]
    place = node.start if key is None else document.after_colon(key)
    if empty:
        return [Splice(place, place, f" {written}")]
    if key is not None and node.line > key.line:
        last = document.last_line(node, key.column)
        return [Splice(place, place, f" {written}"), document.without(key.line + 1, last)]
    return [Splice(node.start, document.end(document.last_line(node, node.column - 1)), written)]


def _inserted(
    document: Document, path: Path, key: str, value: Any, depth: int, in_order: bool, before: Collection[str]
) -> Splice:
    node = document.collection(path)
    entries = node.entries() if node.style in ("map", "{") else []
    keys = [known.value for known, _ in entries]
    for known, _ in entries:
        if known.value == key:
            raise Unfit(f"there is a key `{key}` already", known.start)
    number = next((at for at, name in enumerate(keys) if name in before), len(keys))
    if in_order and keys == sorted(keys):
        number = sum(name < key for name in keys)
    if node.style == "map":
        return _line(document, node, number, f"\n{' ' * node.column}".join(_lines(key, value, depth)))
    if node.style != "{" or document.text[node.start] != "{":
        raise Unfit(f"`{address.text(path)}` is no map", node.start)
    written = f"{yaml_key(key)}: {yaml_value(value)}"
    if entries and number == 0:
        return Splice(entries[0][0].start, entries[0][0].start, f"{written}, ")
    if entries:
        place = max(entries[number - 1][0].end, entries[number - 1][1].end)
        return Splice(place, place, f", {written}")
    inside = document.text[node.start + 1 : node.end - 1]
    return Splice(node.start + 1, node.start + 1 if inside.strip() else node.end - 1, written)


def _line(document: Document, node: Node, number: int, written: str) -> Splice:
    """Put lines before the entry of that number of a map that is written as lines."""
    entries, indented = node.entries(), " " * node.column
    if number == 0 and document.begins_line(entries[0][0]):
        place = document.start(document.first_line(entries[0][0]))
        return Splice(place, place, f"{indented}{written}\n")
    before = entries[number - 1][1] if 0 < number < len(entries) else node
    place = document.end(document.last_line(before, node.column))
    # An empty line below a block of text would be a part of it.
    in_text = [*scalars(node)][-1].style in ("|", ">")
    apart = "\n" if node is document.root and "\n" in written and not in_text else ""
    return Splice(place, place, f"\n{apart}{indented}{written}")


def _lines(key: str, value: Any, depth: int) -> list[str]:
    if depth == 0 or not isinstance(value, dict) or not value:
        return [f"{yaml_key(key)}: {yaml_value(value)}"]
    below = [line for name, item in value.items() for line in _lines(name, item, depth - 1)]
    return [f"{yaml_key(key)}:", *(f"  {line}" for line in below)]
