"""A text as data alone, where ``yaml.read`` would find nothing to say of it: places are most of what that takes.

It takes less than ``yaml.read`` takes, never more: what gives None here is read there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml
from yaml import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent, StreamEndEvent

from mlops_spec.source.builder import MAX_DEPTH
from mlops_spec.source.characters import MAX_BYTES
from mlops_spec.source.scalar import Misread, resolve

_ASCII = re.compile(r"[\n -~]*\Z")
_SUPPRESSION = "mlops-spec:"


class _Doubt(Exception):
    """There may be something to say."""


def plain(text: str) -> dict[str, Any] | None:
    """Return the map that a text is, or None where that is not plain to see. No value in it is null."""
    if len(text) > MAX_BYTES or _SUPPRESSION in text or not _ASCII.match(text):
        return None
    parser = yaml.CSafeLoader(text)
    try:
        root = _document(parser.get_event)
    except (yaml.YAMLError, _Doubt):
        return None
    finally:
        parser.dispose()
    return root if type(root) is dict else None


def _document(next_event: Callable[[], Any]) -> Any:
    below: list[tuple[Any, str | None]] = []
    top: Any = []
    key: str | None = None
    while (kind := type(event := next_event())) is not StreamEndEvent:
        if kind is ScalarEvent:
            value = _scalar(event)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            value, (top, key) = top, below.pop()
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            if event.tag is not None or event.anchor is not None or len(below) == MAX_DEPTH:
                raise _Doubt
            below.append((top, key))
            top, key = {} if kind is MappingStartEvent else [], None
            continue
        elif kind in _SILENT and not getattr(event, "version", None) and not getattr(event, "tags", None):
            continue
        else:
            raise _Doubt
        if type(top) is list:
            top.append(value)
        elif key is not None:
            top[key], key = value, None
        elif type(value) is str and value not in top:
            key = value
        else:
            raise _Doubt
    return top[0] if len(top) == 1 else None


_SILENT = (yaml.StreamStartEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)


def _scalar(event: Any) -> Any:
    value = event.value
    if event.tag is not None or event.anchor is not None or "\0" in value:
        raise _Doubt
    if event.style == "":
        value = resolve(value)
        if value is None or type(value) is Misread:
            raise _Doubt
    return value
