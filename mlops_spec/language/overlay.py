"""The one merge engine: RFC 7396 over trees whose values remember who set them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from mlops_spec.source.tree import Map, Mark, Seq


class Absent(NamedTuple):
    """A ``null`` that deletes what is not there."""

    path: tuple[str, ...]
    mark: Mark


def overlay(below: Map, above: Map, absent: list[Absent], path: tuple[str, ...] = ()) -> Map:
    """Lay ``above`` over ``below``: maps merge, ``null`` deletes, everything else replaces (RFC 7396, section 2).

    Neither argument is changed; the result shares with them what it takes as it is. What deletes nothing is added to
    ``absent``.
    """
    if not below and not _deletes(above):
        return above
    data, marks = dict(below), dict(below.marks)
    for key, value in above.items():
        mark, old = above.marks[key], below.get(key)
        if value is None:
            if key not in below:
                absent.append(Absent((*path, key), mark))
            data.pop(key, None)
            marks.pop(key, None)
            continue
        if isinstance(value, Map):
            data[key] = overlay(old if isinstance(old, Map) else Map(), value, absent, (*path, key))
        else:
            data[key] = value
        marks[key] = mark.over(marks.get(key))
    return Map(data, marks)


def _deletes(tree: Map) -> bool:
    return any(value is None or (isinstance(value, Map) and _deletes(value)) for value in tree.values())


def without(tree: Map, *patterns: tuple[str, ...]) -> Map:
    """Copy ``tree`` less the keys at ``patterns``, in which ``*`` stands for every key."""
    heads: dict[str, list[tuple[str, ...]]] = {}
    for head, *rest in patterns:
        for key in tree if head == "*" else (head,):
            heads.setdefault(key, []).append(tuple(rest))
    data, marks = {}, {}
    for key, value in tree.items():
        rests = heads.get(key, [])
        if () in rests:
            continue
        data[key] = without(value, *rests) if rests and isinstance(value, Map) else value
        marks[key] = tree.marks[key]
    return Map(data, marks)


def relabel(tree: Any, layer: str) -> Any:
    """Copy ``tree`` with ``layer`` in every mark: what stands under ``overrides`` is a layer of its own."""
    if isinstance(tree, Map):
        return Map(
            {key: relabel(value, layer) for key, value in tree.items()},
            {key: mark.within(layer) for key, mark in tree.marks.items()},
        )
    if isinstance(tree, Seq):
        return Seq((relabel(value, layer) for value in tree), [mark.within(layer) for mark in tree.marks])
    return tree


def merged(layers: Iterable[Map], absent: list[Absent]) -> Map:
    """Merge layers from the lowest up."""
    tree = Map()
    for layer in layers:
        tree = overlay(tree, layer, absent)
    return tree
