"""How data differ in meaning: the order of keys, quoting and layout are no changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, Final, NamedTuple

from mlops_spec.source.tree import Map, Mark, Seq, same
from mlops_spec.source.yaml import read


class Missing:
    """What stands for a value that is not there; None is a value."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()
Path = tuple[str, ...]


class Side(NamedTuple):
    """A value on one side of a comparison, and the line of its file that it stands on; 0 where that is not known.

    ``above`` is how many lines of the file stand above the text that the value's marks count from.
    """

    value: Any
    line: int = 0
    above: int = 0


class Change(NamedTuple):
    """One value that differs, at the shortest path where it does; ``MISSING`` on the side that lacks it."""

    path: Path
    before: Side
    after: Side


_NOT_THERE = Side(MISSING)
_NAMES = ("name", "alert", "record", "id", "key", "mountPath", "topologyKey", "containerPort")
"""By which fields the items of a list are told apart, as Kubernetes' own merge keys are."""

_KEY = re.compile(r"(#.*\n|\s*\n)*[\w.\"'-]+:( .*)?\n")
"""How a text of several lines begins that may hold YAML: prose with a colon is one line, or no key."""

_IN_ORDER = frozenset({"initContainers", "steps"})
"""Lists whose items have names, and whose order has a meaning all the same."""


def compare(before: Side, after: Side, path: Path = ()) -> Iterator[Change]:
    """Yield what differs, in the order of ``after``; what is only in ``before`` comes last.

    Items of a list are told apart by their names where all have one, else by their places. A text that holds JSON or
    YAML is compared as what it holds.
    """
    one, other = before.value, after.value
    if isinstance(one, dict) and isinstance(other, dict):
        yield from _keyed(_entries(before), _entries(after), path)
    elif isinstance(one, list) and isinstance(other, list):
        yield from _lists(before, after, path)
    elif not same(one, other):
        held = _held(before), _held(after)
        if held[0] is None or held[1] is None:
            yield Change(path, before, after)
        else:
            yield from compare(held[0], held[1], path)


def _entries(side: Side) -> dict[str, Side]:
    marks = side.value.marks if isinstance(side.value, Map) else {}
    return {str(key): _at(value, marks.get(key), side) for key, value in side.value.items()}


def _items(side: Side) -> list[Side]:
    marks = side.value.marks if isinstance(side.value, Seq) else []
    return [_at(value, marks[i] if i < len(marks) else None, side) for i, value in enumerate(side.value)]


def _at(value: Any, mark: Mark | None, within: Side) -> Side:
    return Side(value, within.above + mark.value.line if mark else within.line, within.above)


def _keyed(before: dict[str, Side], after: dict[str, Side], path: Path) -> Iterator[Change]:
    for key in (*after, *(key for key in before if key not in after)):
        yield from compare(before.get(key, _NOT_THERE), after.get(key, _NOT_THERE), (*path, key))


def _lists(before: Side, after: Side, path: Path) -> Iterator[Change]:
    one, other = _items(before), _items(after)
    field = next((field for field in _NAMES if _are_told_apart(one, field) and _are_told_apart(other, field)), None)
    if field is None:
        yield from _aligned(one, other, path)
        return
    named = [{str(item.value[field]): item for item in items} for items in (one, other)]
    yield from _keyed(named[0], named[1], path)
    common = [[name for name in names if name in named[0] and name in named[1]] for names in named]
    if common[0] != common[1] and path and path[-1] in _IN_ORDER:
        yield Change(path, before._replace(value=common[0]), after._replace(value=common[1]))


def step_into(data: Any, step: str | int) -> Any:
    """Return the key or index at which a step of a path leads on in ``data``, None where it does not.

    An item of a list is known by what tells the items apart, as ``compare`` names them, or by its number.
    """
    if isinstance(data, dict):
        return step if step in data else None
    if not isinstance(data, list):
        return None
    for field in _NAMES:
        items = [item.get(field) if isinstance(item, dict) else None for item in data]
        if any(str(value) == step for value in items if value is not None):
            return next(i for i, value in enumerate(items) if value is not None and str(value) == step)
    index = int(step) if str(step).isdigit() else -1
    return index if 0 <= index < len(data) else None


def _are_told_apart(items: Sequence[Side], field: str) -> bool:
    values = [item.value.get(field) if isinstance(item.value, dict) else None for item in items]
    return all(isinstance(value, (str, int)) for value in values) and len({*map(str, values)}) == len(values)


def _aligned(before: Sequence[Side], after: Sequence[Side], path: Path) -> Iterator[Change]:
    """Compare items by their places, where those between equal ones may be more or fewer than before."""
    old, new = ([json.dumps(item.value, sort_keys=True) for item in items] for items in (before, after))
    for verb, first, first_end, second, second_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for offset in range(max(first_end - first, second_end - second) if verb != "equal" else 0):
            one = before[first + offset] if first + offset < first_end else _NOT_THERE
            other = after[second + offset] if second + offset < second_end else _NOT_THERE
            at = first + offset if other is _NOT_THERE else second + offset
            yield from compare(one, other, (*path, str(at)))


def _held(side: Side) -> Side | None:
    """Return the map that a text holds as JSON or YAML, or None. A text of several lines is a block below its key."""
    text = side.value
    if not isinstance(text, str) or not (text.startswith("{") or _KEY.match(text)):
        return None
    source, _ = read(text.encode("utf-8", "surrogatepass"), "")
    return None if source is None else Side(source.data, side.line, side.line - (0 if "\n" in text else 1))
