"""The digest of a file or a folder, the same wherever one is recorded or verified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from mlops_spec.runtime.program import Failed


def digest_of(path: Path) -> str:
    """Return ``sha256:`` of a file's bytes; of a folder, that of the sorted lines of ``sha256sum`` of its files.

    Raises Failed where there is nothing.
    """
    if path.is_file():
        return f"sha256:{hash_of(path, 'sha256')}"
    lines = sorted(_lines(path))
    if not lines:
        raise Failed(f"there is nothing at {path}")
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def hash_of(path: Path, algorithm: str) -> str:
    """Return the hexadecimal hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _lines(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield f"{hash_of(path, 'sha256')}  {path.relative_to(folder).as_posix()}\n"
