"""One failure of the data against the schemas: where it is, what the schemas say there, and the problem made of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from mlops_spec.address import Path, text
from mlops_spec.diagnostic import Diagnostic, Place, Related, error
from mlops_spec.language import shape
from mlops_spec.language.shape import Shape
from mlops_spec.source.tree import Map, mark

_PYTHON: dict[str, type] = {
    "string": str,
    "integer": int,
    "number": float,
    "object": dict,
    "array": list,
    "boolean": bool,
}


class Fault(NamedTuple):
    """A problem with the value at ``path``.

    ``about`` are the keys that it speaks of; among the faults of one value, the one of the lowest ``rank`` is said.
    """

    path: Path
    about: frozenset[str]
    rank: int
    diagnostic: Diagnostic


class Failure(NamedTuple):
    """What did not hold: ``value`` at ``path`` of ``tree`` fails ``keyword`` of ``schema``, which wants ``wanted``."""

    tree: Map
    path: Path
    where: Shape
    value: Any
    keyword: str
    wanted: Any
    schema: Any

    def note(self, keyword: str) -> Any:
        """Return what the schemas of this place note under ``keyword``: the nearest to the failure first."""
        if isinstance(self.schema, dict) and keyword in self.schema:
            return self.schema[keyword]
        return next((s[keyword] for s, _ in shape.parts(self.where, self.value) if keyword in s), None)

    def example(self) -> Any:
        """Return an example of what may stand here, that of the key before that of its kind, or None."""
        schemas = (*(s for s, _ in shape.parts(self.where, self.value)), self.schema)
        examples = [e for s in schemas if isinstance(s, dict) for e in s.get("examples", ())]
        kind = _PYTHON.get(str(self.wanted)) if self.keyword == "type" else None
        return next((e for e in examples if kind and isinstance(e, kind)), examples[0] if examples else None)

    def of_value(self, code: str, rank: int, message: str, hint: str) -> Fault:
        """Make a fault of the value itself; where a layer changed it, with the place that it had before."""
        found = mark(self.tree, self.path)
        place = found.value if found else top(self.tree)
        related: tuple[Related, ...] = ()
        if found and found.before:
            related = (Related(f"{found.before.layer} sets it first", found.before.value),)
        return Fault(self.path, frozenset(), rank, error(code, message, place, text(self.path), hint, *related))

    def of_keys(
        self, code: str, message: str, hint: str, about: Iterable[str], key: str | None = None, rank: int = 0
    ) -> Fault:
        """Make a fault of the mapping's keys: at ``key``, or at the mapping's own key where one is missing."""
        path = self.path if key is None else (*self.path, key)
        found = mark(self.tree, path)
        place = found.key if found and path else top(self.tree)
        return Fault(self.path, frozenset(about), rank, error(code, message, place, text(path), hint))


def top(tree: Map) -> Place | None:
    """Return the first place of the file in which the document begins."""
    first = next(iter(tree.marks.values()), None)
    return Place(first.key.file, 1, 1) if first else None
