"""What comes over HTTP: a CloudEvent, in binary or structured mode, as one half of what is to be kept.

Whatever is dropped is so before anything is written, to this machine's disk too; a body that cannot be read is not
kept, since nobody could say what is in it.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import unquote

REQUEST, RESPONSE = "request", "response"
_TYPES = {
    "org.kubeflow.serving.inference.request": REQUEST,
    "org.kubeflow.serving.inference.response": RESPONSE,
}
_STRUCTURED = "application/cloudevents+json"


class Unreadable(Exception):
    """It is no CloudEvent of a server of models; the message says why."""


class Event(NamedTuple):
    """A request or a response: its id, when it was sent, and its body (None where that is no JSON)."""

    id: str
    kind: str
    time: datetime
    body: Any


def event(headers: Mapping[str, str], body: bytes, now: datetime) -> Event:
    """Read a CloudEvent; ``headers`` are in lower case. Raises Unreadable."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() == _STRUCTURED:
        said = _json(body)
        if not isinstance(said, dict):
            raise Unreadable("the event is no JSON object")
        data = said.get("data")
        if "data_base64" in said:
            try:
                data = _json(base64.b64decode(str(said["data_base64"]), validate=True))
            except binascii.Error:
                raise Unreadable("data_base64 is not in base64") from None
        elif isinstance(data, str):  # JSON that its sender has taken for a text
            data = _json(data.encode())
        known = {key: value for key, value in said.items() if isinstance(value, str)}
    else:
        known = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
        data = _json(body)
    kind, found = _TYPES.get(known.get("type", "")), known.get("id", "")
    if known.get("specversion") != "1.0" or not found or not found.isprintable():
        raise Unreadable("it is no CloudEvent 1.0 with an id")
    if kind is None:
        raise Unreadable(f"nobody here keeps events of the type {known.get('type')}")
    return Event(found, kind, _time(known.get("time"), now), data)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _time(text: str | None, now: datetime) -> datetime:
    """Return a time with a zone; where there is none, or it is an hour away from ``now``, that."""
    try:
        found = datetime.fromisoformat(text or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return now
    return found if abs((found - now).total_seconds()) < 3600 else now


def rows(body: Any, kind: str, drop: Sequence[str]) -> list[dict[str, Any]] | None:
    """Return the rows of a body without dropped fields; None where it is of no protocol that is known.

    That is the Open Inference Protocol (V2), whose tensors have a row for each item of their first dimension, and V1.
    """
    if not isinstance(body, dict):
        return None
    wanted = ("inputs", "instances") if kind == REQUEST else ("outputs", "predictions")
    if isinstance(tensors := body.get(wanted[0]), list):
        return _tensors(tensors, frozenset(drop))
    if isinstance(instances := body.get(wanted[1]), list):
        return [_instance(one, frozenset(drop)) for one in instances]
    return None


def _tensors(tensors: list[Any], drop: frozenset[str]) -> list[dict[str, Any]] | None:
    columns: dict[str, list[Any]] = {}
    for tensor in tensors:
        if not isinstance(tensor, dict) or not isinstance(tensor.get("data"), list):
            return None
        shape = tensor.get("shape")
        if not isinstance(shape, list) or not shape or not all(isinstance(n, int) and n >= 0 for n in shape):
            return None
        cut = _cut(tensor["data"], shape)
        if cut is None:
            return None
        if str(tensor.get("name")) not in drop:
            columns[str(tensor.get("name"))] = cut
    count = max(map(len, columns.values()), default=0)
    return [{name: values[at] for name, values in columns.items() if at < len(values)} for at in range(count)]


def _cut(data: list[Any], shape: list[int]) -> list[Any] | None:
    """Return the rows of a tensor, which may be flat or nested; None where it has not the shape that it says."""
    if len(data) == shape[0] and all(isinstance(one, list) for one in data):
        return [one[0] if len(one) == 1 else one for one in data]
    if math.prod(shape) != len(data):
        return None
    width = math.prod(shape[1:])
    return data if width == 1 else [data[at * width : (at + 1) * width] for at in range(shape[0] if width else 0)]


def _instance(one: Any, drop: frozenset[str]) -> dict[str, Any]:
    found = one if isinstance(one, dict) else {"": one}
    return {key: _without(value, drop) for key, value in found.items() if key not in drop}


def _without(value: Any, drop: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, drop) for key, one in value.items() if key not in drop}
    return [_without(one, drop) for one in value] if isinstance(value, list) else value
