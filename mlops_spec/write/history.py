"""What a file held before: the contents that commits gave it, the newest first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from mlops_spec.write.process import git
from mlops_spec.write.repository import EXECUTABLE, FILE, Repository


class Past(NamedTuple):
    """A commit that changed a file, and what it made of it (None: it took the file away)."""

    commit: str
    content: bytes | None


def history(repository: Repository, path: str, start: str = "HEAD") -> Iterator[Past]:
    """Yield the commits up to ``start`` that changed the file ``path`` of the repository, as its branch saw them.

    A shallow clone ends where it was cut. Raises GitFailed where there is no commit.
    """
    arguments = ("log", "--first-parent", "--format=%H", start, "--", f":(literal){path}")
    for commit in os.fsdecode(git(repository.folder, *arguments)).split():
        entry = repository.entry(commit, path)
        is_file = entry is not None and entry.mode in (FILE, EXECUTABLE)
        yield Past(commit, repository.contents([entry.id])[entry.id] if entry is not None and is_file else None)
