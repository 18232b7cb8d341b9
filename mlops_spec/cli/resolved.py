"""The resolved tree as YAML, each value with those who set it in a comment beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mlops_spec.address import Path, text
from mlops_spec.cli.locate import Located
from mlops_spec.cli.origin import as_json, history
from mlops_spec.source.inline import number, yaml_key, yaml_text
from mlops_spec.source.tree import Map, Mark, Seq

_INDENT = "  "
_COMMENTS_FROM = 40


class Leaf(NamedTuple):
    """A value with nothing below it, and its mark."""

    address: str
    value: Any
    mark: Mark | None

    def as_json(self, located: Located) -> dict[str, Any]:
        """Return the value with its history."""
        return {"value": self.value, **as_json(self.mark, located)}


def leaves(value: Any, path: Path, where: Mark | None) -> Iterator[Leaf]:
    """Yield every scalar, and every map or list that is empty."""
    if isinstance(value, Map) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key), value.marks.get(key))
    elif isinstance(value, Seq) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index), value.marks[index])
    else:
        yield Leaf(text(path), value, where)


def yaml(value: Any, path: Path, where: Mark | None, located: Located) -> Iterator[str]:
    """Yield the lines that print ``value`` below the keys of ``path``."""
    for depth, key in enumerate(path[:-1]):
        yield f"{_INDENT * depth}{_key(key)}:"
    margin = _INDENT * max(0, len(path) - 1)
    if path:
        yield from _entry(margin, f"{_key(path[-1])}:", value, where, located)
    else:
        yield from _below("", value, located)


def _entry(margin: str, head: str, value: Any, where: Mark | None, located: Located) -> Iterator[str]:
    """Yield a key or a dash with its value. A list is set as a whole, so that its items need no comments."""
    if isinstance(value, Map) and value:
        yield f"{margin}{head}"
        yield from _below(margin + _INDENT, value, located)
    elif isinstance(value, Seq) and value:
        yield _commented(f"{margin}{head}", where, located)
        yield from _below(margin + _INDENT, value, located)
    else:
        yield _commented(f"{margin}{head} {_scalar(value)}", where, located)


def _below(margin: str, value: Any, located: Located) -> Iterator[str]:
    if isinstance(value, Map):
        for key, item in value.items():
            yield from _entry(margin, f"{_key(key)}:", item, value.marks.get(key), located)
    elif isinstance(value, Seq):
        for item, where in zip(value, value.marks):
            yield from _item(margin, item, where, located)


def _item(margin: str, item: Any, where: Mark, located: Located) -> Iterator[str]:
    if not isinstance(item, Map | Seq) or not item:
        line = f"{margin}- {_scalar(item)}"
        yield _commented(line, where, located) if where.origin is not None else line
        return
    first, *others = _below(margin + _INDENT, item, located)
    yield f"{margin}- {first[len(margin) + len(_INDENT) :]}"
    yield from others


def _commented(line: str, where: Mark | None, located: Located) -> str:
    return f"{line:<{_COMMENTS_FROM}}  # {history(where, located)}" if where is not None else line


def _key(key: str | int) -> str:
    return yaml_key(str(key))


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, (Map, Seq)):
        return "{}" if isinstance(value, Map) else "[]"
    return yaml_text(str(value))
