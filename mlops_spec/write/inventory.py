"""The inventory in each top-level folder of the output: which files there are ours, and of which project.

Of files it holds paths only. Hashes would put a second changed line, and a merge conflict, into every pull request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

NAME = ".mlops-spec-inventory"
_ASTRAY = re.compile(r"(?:\A|/)(?:\.{0,2}|\.git)(?:/|\Z)", re.IGNORECASE)
_ABOUT = "# Files below this folder that mlops-spec wrote. It updates and deletes these, and no others."
_PROJECT = "# Project: "


class Listed(NamedTuple):
    """What inventories say: the ``paths`` of files of ours, inventories too, and whose each folder is that says it."""

    paths: frozenset[str]
    projects: Mapping[str, str]


def unit(path: str) -> str:
    """Return the top-level folder (an environment, or ``project``) that ``path`` is in."""
    return path.partition("/")[0]


def file_of(folder: str) -> str:
    """Return the path of the inventory of a top-level folder."""
    return f"{folder}/{NAME}"


def is_inventory(path: str) -> bool:
    """Tell whether ``path`` is where an inventory stands."""
    return path.count("/") == 1 and path.endswith(f"/{NAME}")


def text(paths: Iterable[str], project: str | None = None) -> str:
    """Print the inventory that lists ``paths``, of a project."""
    return "\n".join((_ABOUT, *([f"{_PROJECT}{project}"] if project else ()), *sorted(paths))) + "\n"


def parse(content: bytes) -> frozenset[str]:
    """Read an inventory. A line that is no path below its folder (a conflict marker, ``../x``) lists nothing."""
    lines = content.decode("utf-8", "replace").splitlines()
    return frozenset(line for line in lines if not line.startswith("#") and _is_below(line))


def complete(tree: Mapping[str, str], project: str | None = None) -> dict[str, bytes]:
    """Encode the rendered tree of a project and add the inventories of its top-level folders.

    Raises ValueError for a path that is not ``<folder>/<file>``, normal and free of ``.git``.
    """
    folders: dict[str, list[str]] = {}
    for path in tree:
        folder, _, rest = path.partition("/")
        if not (_is_below(path) and rest) or is_inventory(path):
            raise ValueError(f"not a path below a top-level folder: {path!r}")
        folders.setdefault(folder, []).append(rest)
    files = {path: content.encode() for path, content in tree.items()}
    return files | {file_of(folder): text(paths, project).encode() for folder, paths in folders.items()}


def listed(folders: Collection[str], read: Callable[[str], bytes | None]) -> Listed:
    """Return what the inventories of ``folders`` list, and the inventories themselves."""
    found: set[str] = set()
    projects: dict[str, str] = {}
    for folder in folders:
        content = read(file_of(folder))
        if content is not None:
            found.add(file_of(folder))
            found.update(f"{folder}/{path}" for path in parse(content))
            named = [line for line in content.decode("utf-8", "replace").splitlines() if line.startswith(_PROJECT)]
            if len(named) == 1:  # two are a merge that has not ended
                projects[folder] = named[0].removeprefix(_PROJECT)
    return Listed(frozenset(found), projects)


def folders_in_scope(tree: Iterable[str], present: Iterable[str], environments: Collection[str] | None) -> set[str]:
    """Return the top-level folders that a write may change: the tree's, and those named or (None) all that are ours."""
    ours = environments if environments is not None else {unit(path) for path in present if is_inventory(path)}
    return {unit(path) for path in tree} | set(ours)


def _is_below(path: str) -> bool:
    return path.isprintable() and not _ASTRAY.search(path)
