"""The inventory in each top-level folder of the output: which files there are ours.

It holds paths only. Hashes would put a second changed line, and a merge conflict, into every pull request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping

NAME = ".mlops-spec-inventory"
_ASTRAY = re.compile(r"(?:\A|/)(?:\.{0,2}|\.git)(?:/|\Z)", re.IGNORECASE)
_ABOUT = "# Files below this folder that mlops-spec wrote. It updates and deletes these, and no others."


def unit(path: str) -> str:
    """Return the top-level folder (an environment, or ``project``) that ``path`` is in."""
    return path.partition("/")[0]


def file_of(folder: str) -> str:
    """Return the path of the inventory of a top-level folder."""
    return f"{folder}/{NAME}"


def is_inventory(path: str) -> bool:
    """Tell whether ``path`` is where an inventory stands."""
    return path.count("/") == 1 and path.endswith(f"/{NAME}")


def text(paths: Iterable[str]) -> str:
    """Print the inventory that lists ``paths``."""
    return "\n".join((_ABOUT, *sorted(paths))) + "\n"


def parse(content: bytes) -> frozenset[str]:
    """Read an inventory. A line that is no path below its folder (a conflict marker, ``../x``) lists nothing."""
    lines = content.decode("utf-8", "replace").splitlines()
    return frozenset(line for line in lines if not line.startswith("#") and _is_below(line))


def complete(tree: Mapping[str, str]) -> dict[str, bytes]:
    """Encode a rendered tree and add the inventories of its top-level folders.

    Raises ValueError for a path that is not ``<folder>/<file>``, normal and free of ``.git``.
    """
    folders: dict[str, list[str]] = {}
    for path in tree:
        folder, _, rest = path.partition("/")
        if not (_is_below(path) and rest) or is_inventory(path):
            raise ValueError(f"not a path below a top-level folder: {path!r}")
        folders.setdefault(folder, []).append(rest)
    files = {path: content.encode() for path, content in tree.items()}
    return files | {file_of(folder): text(paths).encode() for folder, paths in folders.items()}


def listed(folders: Collection[str], read: Callable[[str], bytes | None]) -> frozenset[str]:
    """Return what the inventories of ``folders`` list, and the inventories themselves."""
    found: set[str] = set()
    for folder in folders:
        content = read(file_of(folder))
        if content is not None:
            found.add(file_of(folder))
            found.update(f"{folder}/{path}" for path in parse(content))
    return frozenset(found)


def folders_in_scope(tree: Iterable[str], present: Iterable[str], environments: Collection[str] | None) -> set[str]:
    """Return the top-level folders that a write may change: the tree's, and those named or (None) all that are ours."""
    ours = environments if environments is not None else {unit(path) for path in present if is_inventory(path)}
    return {unit(path) for path in tree} | set(ours)


def _is_below(path: str) -> bool:
    return path.isprintable() and not _ASTRAY.search(path)
