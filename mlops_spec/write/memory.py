"""What the last render wrote, so that an edit by hand can be told from it: hashes, outside Git.

The folder (``.mlops-spec/``) ignores itself. Without it, or where it cannot be written, only what HEAD has is known.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from mlops_spec.write.failure import IO, refusal

_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)

Memory = Mapping[str, tuple[str, ...]]


def digest(content: bytes) -> str:
    """Name a content."""
    return hashlib.sha256(content).hexdigest()


def recall(state: Path, target: str) -> Memory:
    """Return the digests that each path below ``target`` may have; nothing where nothing sound is remembered."""
    try:
        data = json.loads(_file(state, target).read_bytes())
        return {str(path): tuple(map(str, digests)) for path, digests in data.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def remember(state: Path, target: str, memory: Memory) -> None:
    """Remember; only for whoever holds the target's workspace. Raises OSError when the disk is full."""
    if state.is_symlink():
        raise refusal(
            IO, "MS154", f"{state.name} is a symlink, which is not followed", "make it a folder, or delete it"
        )
    try:
        _store(_file(state, target), json.dumps(memory, sort_keys=True))
    except OSError as problem:
        if problem.errno not in _READ_ONLY:
            raise


def _file(state: Path, target: str) -> Path:
    # Relative, so that a moved checkout still remembers.
    name = os.path.relpath(target, state.absolute().parent)
    return state / "written" / f"{digest(os.fsencode(name))[:16]}.json"


def _store(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    ignore = file.parent.parent / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    partial = file.with_suffix(".partial")
    try:
        with partial.open("w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
