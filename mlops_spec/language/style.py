"""A file of a spec in its one style: sections and known keys in the schemas' order, names in their author's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mlops_spec.address import Path, matches
from mlops_spec.language import shape
from mlops_spec.source.style.indenting import indented
from mlops_spec.source.style.outline import comments
from mlops_spec.source.style.quoting import unquoted
from mlops_spec.source.style.sorting import Order, in_order
from mlops_spec.source.style.spacing import spaced
from mlops_spec.source.tree import Map, Source, find, same
from mlops_spec.source.yaml import read

_MOST_ROUNDS = 5
_OVERRIDES = 3  # how far down an environment's overrides stand, which have the sections of a spec again


def formatted(source: Source, schema: str = "spec") -> str:
    """Return the text of a file in the style: the same data, the same comments, and no change a second time.

    ``schema`` is ``spec`` or ``lock``. A change that would alter what the file says is left out: of a file with
    aliases, for example, an anchor must stay above them.
    """
    text, data = source.text, source.data
    said = comments(text)
    for _ in range(_MOST_ROUNDS):
        before = text
        for change in _changes(shape.root(schema), data):
            changed = change(text)
            if changed != text and _says(changed, data, said):
                text = changed
        if text == before:
            break
    return text


def _changes(root: shape.Shape, data: Map) -> Iterator[Callable[[str], str]]:
    yield lambda text: in_order(text, _by(root, data))
    yield indented
    yield unquoted
    yield spaced


def _says(text: str, data: Map, said: list[str]) -> bool:
    source, problems = read(text.encode(), "")
    return source is not None and not problems and same(source.data, data) and comments(text) == said


def _by(root: shape.Shape, data: Map) -> Order:
    def order(path: Path, keys: Sequence[str]) -> Sequence[str]:
        start = _OVERRIDES if matches("environments.*.overrides.**", path) else 0
        within = find(data, path[:start])
        known = [*shape.properties(shape.at(root, within, path[start:]), find(within, path[start:]))]
        places = {key: place for place, key in enumerate(known)}
        # What the schemas do not name keeps its author's order, behind what they do.
        return sorted(keys, key=lambda key: places.get(key, len(places)))

    return order
