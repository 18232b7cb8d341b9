"""Repairs: where in the files of a spec a rule's change belongs, and their texts with it.

What came through a placeholder, or what would uncover the value of a layer below, is for a person to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mlops_spec.address import Path, parse
from mlops_spec.diagnostic import Diagnostic, Place, Repair
from mlops_spec.language.defaults import LAYER as DEFAULT
from mlops_spec.lint.rule import Change
from mlops_spec.source import edit
from mlops_spec.source.tree import Map, Mark, Source, find, walk


class Edit(NamedTuple):
    """A repair in a text: at the ``path`` of its data, whatever other edits are made before it."""

    file: str
    path: Path
    repair: Repair


def placed(change: Change, data: Map) -> Repair | None:
    """Return where a change of one environment's resolved data belongs in the texts; None where it is not safe."""
    *above, key = parse(change.address)
    holder = find(data, above)
    marks = [_at(data, tuple(above[:end])) for end in range(1, len(above) + 1)]
    if not isinstance(holder, Map) or any(mark is None or mark.origin for mark in marks):
        return None
    found = holder.marks.get(key)
    if found is None or found.layer == DEFAULT:
        # What holds it may be changed in several layers: it is defined in the lowest, for every environment.
        return Repair([*marks[-1].history()][-1].key, key, change.value) if marks[-1] else None
    if found.origin or (change.value is None and found.before):
        return None
    return Repair(found.key, None, change.value)


def edits(diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source]) -> dict[Edit, Diagnostic]:
    """Return the edits that mend ``diagnostics``, each with the first that asks for it; no two of one place."""
    paths: dict[str, dict[Place, Path]] = {}
    found: dict[Edit, Diagnostic] = {}
    taken: set[tuple[Place, str | None]] = set()
    for d in diagnostics:
        repair = d.repair
        source = sources.get(repair.place.file) if repair else None
        if repair is None or source is None or repair[:2] in taken:
            continue
        known = paths.setdefault(source.file, {})
        if not known:
            known.update({mark.key: path for path, _, mark in walk(source.data) if mark})
        if repair.place in known:
            taken.add(repair[:2])
            found[Edit(source.file, known[repair.place], repair)] = d
    return found


def edited(text: str, edit_: Edit) -> str:
    """Return a file's text with an edit; comments and layout stay. Raises ``edit.Refused`` where they could not."""
    key, value = edit_.repair.key, _plain(edit_.repair.value)
    if key is not None:
        return edit.insert(text, edit_.path, key, value)
    return edit.delete(text, edit_.path) if value is None else edit.replace(text, edit_.path, value)


def _at(data: Map, path: Path) -> Mark | None:
    holder = find(data, path[:-1])
    return holder.marks.get(str(path[-1])) if isinstance(holder, Map) else None


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
