"""Repairs as edits of the files of a spec."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mlops_spec.address import Path
from mlops_spec.diagnostic import Diagnostic, Place, Repair
from mlops_spec.source import edit
from mlops_spec.source.tree import Source, walk


class Edit(NamedTuple):
    """A repair in a text: at the ``path`` of its data, whatever other edits are made before it."""

    file: str
    path: Path
    repair: Repair


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


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
