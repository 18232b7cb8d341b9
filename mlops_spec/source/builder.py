"""Parser events to data with marks, in one walk without recursion over them, and every refusal that needs structure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import yaml

from mlops_spec import address
from mlops_spec.diagnostic import Diagnostic, Place, Related
from mlops_spec.source import refusals
from mlops_spec.source.refusals import Refusal
from mlops_spec.source.scalar import Misread, quoted, resolve
from mlops_spec.source.tree import Map, Mark, Seq

MAX_DEPTH = 100
MAX_ALIASES = 100
MAX_VALUES = 100_000
"""How many values the aliases of one file may copy."""

MISSING_KEY = "write the key, or quote the text that holds the colon"
_MOST_PROBLEMS = 100

# A NamedTuple's own constructor is a Python function: for two or three of them per value that is a third of the walk.
_new = tuple.__new__


class Span(NamedTuple):
    """The characters from ``start`` up to ``end`` of a scalar in which a ``#`` or a tab would be text."""

    start: int
    end: int


class _Open:
    """A collection whose end has not come yet; ``key`` is the one that waits for its value."""

    __slots__ = ("anchor", "copied", "data", "height", "key", "key_place", "marks", "place")

    def __init__(self, data: Map | Seq, place: Place, anchor: str | None) -> None:
        self.data = data
        self.marks: Any = data.marks
        self.place = self.key_place = place
        self.anchor = anchor
        self.key: str | None = None
        self.height = 1
        self.copied = 0


class _Anchored(NamedTuple):
    """What an alias copies: the value, how many values that is, and how deep it goes."""

    value: Any
    size: int
    height: int


class Builder:
    """Takes events until ``stopped``; then ``root``, ``problems`` and ``spans`` hold what the document says."""

    def __init__(self, file: str, layer: str) -> None:
        self.problems: list[Diagnostic] = []
        self.spans: list[Span] = []
        self.stopped = False
        self._file = file
        self._layer = layer
        self._top = _Open(Seq(), Place(file, 1, 1), None)
        self._below: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._aliases = 0
        self._values = 0
        self._documents = 0
        self._take: dict[type, Callable[[Any], None]] = {
            yaml.StreamStartEvent: _skip,
            yaml.DocumentEndEvent: _skip,
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open_map,
            yaml.SequenceStartEvent: self._open_seq,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
            yaml.StreamEndEvent: self._end,
        }

    @property
    def root(self) -> Any:
        """The document's data; None where there is none."""
        outermost = self._below[0] if self._below else self._top
        return outermost.data[0] if outermost.data else None  # type: ignore[index]

    def take_all(self, next_event: Callable[[], Any]) -> None:
        """Take one event after the other; what the parser raises passes through."""
        take = self._take
        while not self.stopped:
            event = next_event()
            take[type(event)](event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        place = self._place(event)
        if event.version or event.tags:
            self._refuse(refusals.DIRECTIVE, place, "a `%` directive does not belong in a spec")
        if self._documents > 1:
            self._refuse(refusals.SECOND_DOCUMENT, place, "a second document starts here")
            self.stopped = True

    def _end(self, event: Any) -> None:
        self.stopped = True

    def _scalar(self, event: Any) -> None:
        start = event.start_mark
        place = _new(Place, (self._file, start.line + 1, start.column + 1))
        text = event.value
        if "#" in text or start.line != event.end_mark.line:
            self.spans.append(Span(start.index, event.end_mark.index))
        if event.tag is not None:
            self._refuse_tag(event, place)
        value = text
        if event.style == "":
            value = resolve(text)
            if type(value) is Misread:
                self._refuse(value.refusal, place, value.message, hint=value.hint)
                value = text
        elif "\0" in text:
            self._refuse(refusals.CONTROL_CHARACTER, place, "this text holds a U+0000", hint="remove it")
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, 1, 0)
        self._add(value, place, text)

    def _open_map(self, event: Any) -> None:
        self._open(Map(), event)

    def _open_seq(self, event: Any) -> None:
        self._open(Seq(), event)

    def _open(self, data: Map | Seq, event: Any) -> None:
        place = self._place(event)
        if event.tag is not None:
            self._refuse_tag(event, place)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._below.append(self._top)
        self._top = _Open(data, place, event.anchor)
        if len(self._below) > MAX_DEPTH:
            self._refuse_depth(place)
            self.stopped = True

    def _close(self, event: Any) -> None:
        closed, self._top = self._top, self._below.pop()
        size = closed.copied + len(closed.data)
        if closed.anchor is not None:
            self._anchors[closed.anchor] = _Anchored(closed.data, size + 1, closed.height)
        self._contain(size, closed.height)
        self._add(closed.data, closed.place, "")

    def _contain(self, size: int, height: int) -> None:
        self._top.copied += size
        self._top.height = max(self._top.height, height + 1)

    def _add(self, value: Any, place: Place, text: str) -> None:
        top = self._top
        if type(top.data) is Seq:
            top.marks.append(_new(Mark, (place, place, self._layer, None, None)))
            top.data.append(value)
        elif top.key is None:
            top.key = self._key(value, place, text)
            top.key_place = place
        else:
            # A key that was refused keeps its value, so that what stands below is read and checked all the same.
            top.marks[top.key] = _new(Mark, (top.key_place, place, self._layer, None, None))
            top.data[top.key] = value  # type: ignore[call-overload]
            top.key = None

    def _key(self, value: Any, place: Place, text: str) -> str:
        if type(value) is not str:
            self._refuse_key(value, place, text)
            return text
        first = self._top.marks.get(value)
        if first is not None:
            message = f"the key `{value[:60]}` is given twice"
            self._refuse(refusals.DUPLICATE_KEY, place, message, Related("it stands here first", first.key), key=value)
        return value

    def _alias(self, event: Any) -> None:
        place = self._place(event)
        anchored = self._anchored(event.anchor, place)
        if anchored is None:
            self._add("", place, "")
            return
        self._contain(anchored.size - 1, anchored.height)
        self._add(_copy(anchored.value), place, f"*{event.anchor}")

    def _anchored(self, name: str, place: Place) -> _Anchored | None:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            if self._aliases == MAX_ALIASES + 1:
                self._refuse(refusals.TOO_MANY_ALIASES, place, f"this file has more than {MAX_ALIASES} aliases")
            return None
        if name not in self._anchors:
            hint = address.meant(name, self._anchors, "anchor") + "; to write the text itself, quote it"
            self._refuse(refusals.UNKNOWN_ALIAS, place, f"no anchor `&{name}` stands above this alias", hint=hint)
            return None
        anchored = self._anchors[name]
        if anchored is None:
            self._refuse(refusals.CIRCULAR_ALIAS, place, f"the alias `*{name}` stands inside its own anchor")
            return None
        self._values += anchored.size
        if self._values > MAX_VALUES:
            self._refuse(refusals.EXPANSION, place, f"the aliases of this file make more than {MAX_VALUES} values")
            self.stopped = True
            return None
        if len(self._below) + anchored.height > MAX_DEPTH:
            self._refuse_depth(place)
            return None
        return anchored

    def _refuse_tag(self, event: Any, place: Place) -> None:
        self._refuse(refusals.TAG, place, f"the tag `{_tag(event.tag)}` does not belong in a spec")

    def _refuse_depth(self, place: Place) -> None:
        self._refuse(refusals.TOO_DEEP, place, f"this is nested more than {MAX_DEPTH} levels deep")

    def _refuse_key(self, value: Any, place: Place, text: str) -> None:
        if isinstance(value, (Map, Seq)):
            message, hint = (
                "a map or list cannot be a key",
                "write one word as key; quote text that starts with `[` or `{`",
            )
        elif text == "":
            message, hint = (
                "a key is missing before this colon",
                "write the key, or quote the text that holds the colon",
            )
        else:
            message, hint = f"the key `{text}` is {_kind(value)}, not text", f"quote it: {quoted(text)}"
        self._refuse(refusals.KEY_TYPE, place, message, hint=hint)

    def _refuse(
        self, refusal: Refusal, place: Place, message: str, *related: Related, hint: str | None = None, key: str = ""
    ) -> None:
        path = [*self._path(), key] if key else self._path()
        self.problems.append(refusal.at(place, message, *related, hint=hint, address=address.text(path)))
        if len(self.problems) >= _MOST_PROBLEMS:
            self.stopped = True

    def _path(self) -> list[str | int]:
        opened = [*self._below[1:], self._top] if self._below else []
        path = [o.key if isinstance(o.data, Map) else len(o.data) for o in opened]
        return [part for part in path if part is not None]

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)


def _skip(event: Any) -> None:
    """Pass over an event that says nothing about the data."""


def _copy(value: Any) -> Any:
    """Copy what an anchor names, so that a change at one of its places is none at the others."""
    if isinstance(value, Map):
        return Map({key: _copy(item) for key, item in value.items()}, dict(value.marks))
    if isinstance(value, Seq):
        return Seq([_copy(item) for item in value], list(value.marks))
    return value


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return "a boolean" if isinstance(value, bool) else "a number"


def _tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")[:60]
