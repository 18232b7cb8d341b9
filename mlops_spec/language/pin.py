"""A digest put into the lock: an edit of the line that has it, and of nothing else."""

from __future__ import annotations

from typing import Any

from mlops_spec.language.rollout import EMPTY
from mlops_spec.source import edit
from mlops_spec.source.tree import Map, find


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
        return edit.add(text or EMPTY, path[:2], value)
    return edit.insert(text, path[:2], *value.popitem())
