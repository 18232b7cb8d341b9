"""Data that remembers where each key and value stands, and which layers set it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from mlops_spec.diagnostic import Place


class Mark(NamedTuple):
    """Where a value comes from: its key's place, its own, the layer that set it, and the mark that it replaced.

    ``layer`` is the file's name, or ``<file> (overrides of <environment>)``, or ``default``. ``origin`` is the mark of
    the value that a placeholder here named.
    """

    key: Place
    value: Place
    layer: str
    before: Mark | None = None
    origin: Mark | None = None

    # What these two say could also be said by ``_replace``, which takes five times as long.

    def over(self, before: Mark | None) -> Mark:
        """Return this mark as of a value that replaces another, or none."""
        return self if before is self.before else Mark(self.key, self.value, self.layer, before, self.origin)

    def within(self, layer: str) -> Mark:
        """Return this mark as of a value in another layer."""
        return Mark(self.key, self.value, layer, self.before, self.origin)

    def history(self) -> Iterator[Mark]:
        """Walk from the layer that decided down to the lowest that set this value."""
        mark: Mark | None = self
        while mark is not None:
            yield mark
            mark = mark.before


class Map(dict[str, Any]):
    """A mapping with a mark for each key. Values are ``Map``, ``Seq``, str, int, float, bool or None."""

    __slots__ = ("marks",)

    def __init__(self, data: dict[str, Any] | None = None, marks: dict[str, Mark] | None = None) -> None:
        super().__init__(data or {})
        self.marks: dict[str, Mark] = {} if marks is None else marks


class Seq(list[Any]):
    """A sequence with a mark for each item."""

    __slots__ = ("marks",)

    def __init__(self, data: Iterable[Any] = (), marks: list[Mark] | None = None) -> None:
        super().__init__(data)
        self.marks: list[Mark] = [] if marks is None else marks


class Ignore(NamedTuple):
    """A suppression comment: ``# mlops-spec: ignore[MS204] reason``. ``place`` is the comment's own."""

    codes: tuple[str, ...]
    reason: str
    place: Place


class Source(NamedTuple):
    """One file as read: its name relative to the root, its text, its data and suppressions.

    The text has no byte order mark, and its lines end with a line feed whatever the file's did.
    """

    file: str
    text: str
    data: Map
    ignores: tuple[Ignore, ...] = ()


def walk(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any, Mark | None]]:
    """Yield every value below ``data`` with its path and mark, parents before children."""
    # Not by recursion: each value would be handed up through the generators of all that it is in.
    ahead = [_entries(data, path)]
    while ahead:
        for entry in ahead[-1]:
            yield entry
            if isinstance(entry[1], (Map, Seq)):
                ahead.append(_entries(entry[1], entry[0]))
                break
        else:
            ahead.pop()


def _entries(data: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any, Mark | None]]:
    if isinstance(data, Map):
        for key, value in data.items():
            yield (*path, key), value, data.marks.get(key)
    elif isinstance(data, Seq):
        for index, value in enumerate(data):
            yield (*path, index), value, data.marks[index] if index < len(data.marks) else None


def select(
    data: Any, pattern: Sequence[str], path: tuple[str, ...] = (), where: Mark | None = None
) -> Iterator[tuple[tuple[str, ...], Any, Mark | None]]:
    """Yield every value at ``pattern``, in which ``*`` is any key, with its path and mark."""
    if not pattern:
        yield path, data, where
    elif isinstance(data, Map):
        for key in data if pattern[0] == "*" else (pattern[0],):
            if key in data:
                yield from select(data[key], pattern[1:], (*path, key), data.marks.get(key))


def find(data: Any, path: Iterable[str | int]) -> Any:
    """Return the value at ``path``, or None where there is none."""
    for part in path:
        if isinstance(data, dict):
            data = data.get(str(part))
        elif isinstance(data, list):
            index = int(part) if str(part).isdigit() else -1
            data = data[index] if 0 <= index < len(data) else None
        else:
            return None
    return data


def mark(data: Any, path: Iterable[str | int]) -> Mark | None:
    """Return the mark of the value at ``path``; where the path ends early, of the last part that exists."""
    found: Mark | None = None
    for part in path:
        if isinstance(data, Map):
            if str(part) not in data:
                return found
            found = data.marks.get(str(part), found)
            data = data[str(part)]
        elif isinstance(data, Seq):
            index = int(part) if str(part).isdigit() else -1
            if not 0 <= index < len(data):
                return found
            found = data.marks[index] if index < len(data.marks) else found
            data = data[index]
        else:
            return found
    return found


def same(one: object, other: object) -> bool:
    """Tell whether data are equal, with 1 and 1.0 and true as different values."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other
