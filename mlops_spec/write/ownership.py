"""What a write may change: only files of ours that nobody edited, and never many deletions unasked.

Folders and Git trees obey the same rules; contents are compared as whatever names them (bytes, an object id).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from mlops_spec.diagnostic import Diagnostic, error
from mlops_spec.write import inventory
from mlops_spec.write.failure import CONFLICT, DRIFT, WriteFailed, refusal

Content = TypeVar("Content")

BUDGET_FILES = 10
BUDGET_PERCENT = 20


class Plan(NamedTuple):
    """Paths to write and paths to delete, each sorted; inventories are among them."""

    write: tuple[str, ...]
    delete: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.write or self.delete)


def changes(wanted: Mapping[str, Content], current: Mapping[str, Content], listed: Collection[str]) -> Plan:
    """Say what differs between the files wanted and those that are there; only listed files are ever deleted."""
    write = sorted(path for path, content in wanted.items() if current.get(path) != content)
    delete = sorted(path for path in listed if path in current and path not in wanted)
    return Plan(tuple(write), tuple(delete))


def refuse(
    plan: Plan,
    current: Mapping[str, Content],
    listed: Collection[str],
    leaves: Iterable[str],
    is_ours: Callable[[str, Content], bool],
    allow_prune: bool,
    place: str,
) -> None:
    """Raise WriteFailed where the plan would touch what is not ours, or delete more than it may.

    ``leaves`` is all files (and the like) that stand in the output; ``is_ours`` tells, of a listed file, whether nobody
    edited it since.
    """
    standing = set(leaves)
    owned = {path for path in current if path in listed or _generated(path)}
    foreign = [path for path in plan.write if path in standing and path not in owned]
    foreign += _in_the_way(plan, standing.difference(plan.delete))
    if foreign:
        raise WriteFailed(CONFLICT, [_foreign(f"{place}/{path}") for path in sorted(set(foreign))])
    touched = sorted(path for path in (*plan.write, *plan.delete) if path in current and not _generated(path))
    drifted = [path for path in touched if not is_ours(path, current[path])]
    if drifted:
        raise WriteFailed(DRIFT, [_drift(f"{place}/{path}") for path in drifted])
    if not allow_prune:
        _refuse_pruning(plan, sum(path in current and not _generated(path) for path in listed), place)


def refuse_another(projects: Mapping[str, str], project: str | None, allow_prune: bool, place: str) -> None:
    """Raise WriteFailed where folders are another project's, by what their inventories say; ``allow_prune`` lets it."""
    others = {folder: other for folder, other in projects.items() if other != project}
    if project and others and not allow_prune:
        found = [_another(f"{place}/{folder}", other, project) for folder, other in sorted(others.items())]
        raise WriteFailed(CONFLICT, found)


def refuse_empty(tree: Collection[str], current: Collection[str], place: str) -> None:
    """Raise WriteFailed where an empty render would delete what is there: that is hardly ever meant."""
    if not tree and current:
        message = f"nothing was rendered, and {place} holds {len(current)} files of ours; nothing was deleted"
        raise refusal(CONFLICT, "MS153", message, "check the spec; to be rid of the files, delete the folder yourself")


def below(paths: Iterable[str], places: Collection[str]) -> list[str]:
    """Return those of ``places`` that are one of ``paths`` or a folder on the way to one."""
    ours = set(paths)
    return sorted((ours | folders(ours)).intersection(places))


def folders(paths: Iterable[str]) -> set[str]:
    """Return all the folders that ``paths`` are in."""
    found: set[str] = set()
    for path in paths:
        while (slash := path.rfind("/")) >= 0 and (path := path[:slash]) not in found:
            found.add(path)
    return found


def parents(path: str) -> Iterator[str]:
    """Yield the folders that ``path`` is in, the nearest first."""
    while (slash := path.rfind("/")) >= 0:
        path = path[:slash]
        yield path


def _generated(path: str) -> bool:
    return inventory.is_inventory(path)


def _in_the_way(plan: Plan, kept: set[str]) -> list[str]:
    return [*folders(kept).intersection(plan.write), *folders(plan.write).intersection(kept)]


def _refuse_pruning(plan: Plan, owned: int, place: str) -> None:
    count = sum(not _generated(path) for path in plan.delete)
    allowed = max(BUDGET_FILES, owned * BUDGET_PERCENT // 100)
    if count > allowed:
        message = f"{count} of {owned} files below {place} would be deleted, which is more than {allowed}"
        raise refusal(CONFLICT, "MS152", message, "if that is meant, run again with --allow-prune")


def _drift(path: str) -> Diagnostic:
    hint = "put the change into the spec (patches, manifests), then restore or delete the file and run again"
    return error("MS150", f"{path} was edited by hand since it was rendered; it is kept", None, "", hint)


def _another(folder: str, other: str, project: str) -> Diagnostic:
    message = f"{folder} is what the project {other} renders, and {project} would delete that"
    hint = (
        "give each project a folder (platform.delivery.path, --out); if one was renamed, run again with --allow-prune"
    )
    return error("MS604", message, None, "", hint)


def _foreign(path: str) -> Diagnostic:
    hint = "move it away, or delete it if it is not needed, then run again"
    return error("MS151", f"{path} is not ours and stands where a rendered file should go; it is kept", None, "", hint)
