"""The code that steps of a built image run: the folder ``src`` of the build's context, as Git would commit it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from mlops_spec.blueprint import contract

_NO_CODE = ("__pycache__",)


def source_of(context: Path) -> Path | None:
    """Return the folder that goes on Python's path; None where the context has none."""
    folder = context / contract.SOURCE
    return folder if folder.is_dir() else None


def digest_of(folder: Path) -> str:
    """Return the SHA-256 of the names, modes and bytes of a folder's files, less what Git ignores."""
    whole = hashlib.sha256()
    for name in sorted(_names(folder)):
        path = folder / name
        try:
            if path.is_symlink():
                kind, digest = "link", hashlib.sha256(os.fsencode(os.readlink(path))).hexdigest()
            else:
                kind = "program" if os.access(path, os.X_OK) else "file"
                with path.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except (FileNotFoundError, IsADirectoryError):  # deleted, but not yet for Git; another repository
            continue
        whole.update(f"{kind} {digest} ".encode() + os.fsencode(name) + b"\0")
    return whole.hexdigest()


def revision_of(folder: Path) -> str | None:
    """Return Git's revision of a folder, with ``-dirty`` where what is in it is not committed; None without Git."""
    revision = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    changed = _git(folder, "status", "--porcelain", "-z", "--", ".")
    if not revision or changed is None:
        return None
    return revision.decode().strip() + ("-dirty" if changed else "")


def _names(folder: Path) -> Iterator[str]:
    listed = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is not None:
        yield from {os.fsdecode(name) for name in listed.split(b"\0") if name}
        return
    for above, below, names in os.walk(folder):
        below[:] = [name for name in below if name not in _NO_CODE and not name.startswith(".")]
        for name in names:
            if not name.endswith(".pyc"):
                yield os.path.relpath(os.path.join(above, name), folder)


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Return what Git prints; None where there is no Git, or no repository."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
