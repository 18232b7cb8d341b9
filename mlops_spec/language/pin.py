"""What is put into the lock: an edit of the line that has it, and of nothing else."""

from __future__ import annotations

from typing import Any

from mlops_spec.address import Path
from mlops_spec.source import edit
from mlops_spec.source.tree import Map, find

EMPTY = "lockVersion: 1\n"
"""The lock of a spec that has none yet."""

_SECTIONS = ("lockVersion", "layers", "images", "environments")


def add(text: str, path: Path, value: Any, *, depth: int = 0) -> str:
    """Return the text of the lock with ``value`` at ``path``, where it has nothing; sections come in order.

    ``depth`` levels of ``value`` are written as lines. Raises ``edit.Refused`` as edits do.
    """
    after = _SECTIONS[_SECTIONS.index(str(path[0])) + 1 :]
    return edit.add(text or EMPTY, path, value, depth=depth, before=after)


def image(text: str, lock: Map, name: str, digest: str, *, base: bool = False) -> str:
    """Return the text of the lock with the digest of an image, or of the base that it is built on.

    Everything else stays as it is, comments too. Raises ``edit.Refused`` as edits do.
    """
    path = ("images", name, *(("base",) if base else ()), "digest")
    found = find(lock, path)
    if found == digest:
        return text
    if found is not None:
        return edit.replace(text, path, digest)
    value: dict[str, Any] = {"base": {"digest": digest}} if base else {"digest": digest}
    if find(lock, path[:2]) is None:
        return add(text, path[:2], value)
    return edit.insert(text, path[:2], *value.popitem())
