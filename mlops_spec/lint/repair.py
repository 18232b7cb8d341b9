"""Where in the files of a spec a rule's change belongs.

What came through a placeholder, or what would uncover the value of a layer below, is for a person to decide.
"""

from __future__ import annotations

from mlops_spec.address import Path, parse
from mlops_spec.diagnostic import Repair
from mlops_spec.language.defaults import LAYER as DEFAULT
from mlops_spec.lint.rule import Change
from mlops_spec.source.tree import Map, Mark, find


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


def _at(data: Map, path: Path) -> Mark | None:
    holder = find(data, path[:-1])
    return holder.marks.get(str(path[-1])) if isinstance(holder, Map) else None
