"""The versions of a model that a lock had, as the commits that changed it have them."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mlops_spec.language import rollout
from mlops_spec.language.layers import LOCK
from mlops_spec.language.rollout import Spelt
from mlops_spec.source.tree import Map, find
from mlops_spec.source.yaml import read
from mlops_spec.write.history import history
from mlops_spec.write.process import GitFailed
from mlops_spec.write.repository import Repository


class Found(NamedTuple):
    """A version: where a text has it, and what it has there."""

    spelt: Spelt
    pinned: Mapping[str, Any]


def lock_in(repository: Repository, root: Path) -> str:
    """Return where the repository has the lock of the spec in the folder ``root``."""
    return posixpath.normpath(posixpath.join(repository.inside(root), LOCK))


def before(
    repository: Repository, root: Path, environment: str, model: str, live: int, wanted: int | None, start: str
) -> Found | None:
    """Return the newest version other than ``live`` that an environment had; or ``wanted``, whichever one had it.

    None where no commit up to ``start`` had it, or there is none.
    """
    try:
        for past in history(repository, lock_in(repository, root), start):
            found = _had(past.content or b"", environment, model, wanted)
            if found is not None and found.pinned["version"] != live:
                return found
    except GitFailed:  # there is no commit yet
        return None
    return None


def _had(raw: bytes, environment: str, model: str, wanted: int | None) -> Found | None:
    source, _ = read(raw, LOCK)
    if source is None:
        return None
    others = source.data.get("environments") if wanted is not None else None
    for name in (environment, *(others if isinstance(others, Map) else ())):
        path = ("environments", name, "models", model)
        # A lock of long ago need not be as its schema says.
        pinned = rollout.live(source.data, path) if isinstance(find(source.data, path), Map) else None
        if pinned is not None and "version" in pinned and wanted in (None, pinned["version"]):
            return Found(Spelt(raw.decode(), path), pinned)
    return None
