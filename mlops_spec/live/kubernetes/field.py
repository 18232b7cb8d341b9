"""Fields as an API server names them, found in the data that they are of."""

from __future__ import annotations

import json
import re
from typing import Any

_ITEM = re.compile(r"\[([^\]]*)\]")
_KEY = re.compile(r'(\w+)=("(?:\\.|[^"\\])*"|[^,\]]+)')


def steps(data: Any, field: str) -> tuple[str | int, ...]:
    """Return the path to a field, such as ``.spec.rules[0].name`` or ``spec.containers[name="a"].image``.

    It ends where ``data`` have nothing more of it. A key with a dot is known by the data having it.
    """
    found: list[str | int] = []
    rest = field.removeprefix(".")
    while rest:
        item = _ITEM.match(rest)
        if isinstance(data, list) and item is not None:
            index = _index(data, item[1])
            if index is None:
                break
            step: str | int = index
            rest = rest[item.end() :]
        elif isinstance(data, dict):
            inner = item[1] if item is not None else ""
            key = max((str(key) for key in data if _begins(rest, str(key)) or key == inner), key=len, default=None)
            if key is None:
                break
            step = key
            rest = rest[item.end() if item is not None and key == inner else len(key) :]
        else:
            break
        found.append(step)
        data = data[step]
        rest = rest.removeprefix(".")
    return tuple(found)


def _begins(rest: str, key: str) -> bool:
    return rest.startswith(key) and rest[len(key) : len(key) + 1] in ("", ".", "[")


def _index(items: list[Any], said: str) -> int | None:
    """Return which item is meant: by its number, or by the fields that tell the items apart."""
    if said.isdigit():
        return int(said) if int(said) < len(items) else None
    keys = {name: _value(text) for name, text in _KEY.findall(said)}
    named = (i for i, item in enumerate(items) if isinstance(item, dict) and keys and keys.items() <= item.items())
    return next(named, None)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
