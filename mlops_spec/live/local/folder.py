"""``.mlops-spec/`` beside a spec: what runs on this machine leave, and the lock that one of them holds at a time."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

NAME = ".mlops-spec"
_IGNORE = "*\n"


class Busy(Exception):
    """Another run has the folder."""


class Folder:
    """Where things lie. Everything here can be deleted: what is missing is made again."""

    def __init__(self, spec: Path) -> None:
        self.spec = spec
        self.path = spec / NAME
        self.secrets = self.path / "secrets.yaml"
        self.artifacts = self.path / "artifacts"
        self.tracking = self.path / "mlflow.db"
        self.environments = self.path / "venvs"
        self.runs = self.path / "runs"
        self.store = self.path / "store"
        self.done = self.path / "done"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make the folder, and keep other runs out of it; what a killed run was making is deleted. Raises Busy."""
        self.path.mkdir(mode=0o700, exist_ok=True)
        ignore = self.path / ".gitignore"
        if not ignore.exists():
            write(ignore, _IGNORE.encode())
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy() from None
            self._sweep()
            yield

    def _sweep(self) -> None:
        for work in (*self.runs.glob("*/work"), *self.path.rglob("*" + PART)):
            with suppress(OSError):  # what a killed run has started may still write there
                remove(work)


PART = ".part"
"""What a path ends with while it is being made."""


def write(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, whenever the machine stops."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(path.name + PART)
    with made.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(made, path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Return once the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path) -> Any:
    """Return the JSON of a file; None where there is none, or none that can be read."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def remove(path: Path) -> None:
    """Delete a file or a whole folder, also one that forbids it; links are not followed."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for folder, _, _ in os.walk(path):
        with suppress(OSError):
            os.chmod(folder, 0o700)
    shutil.rmtree(path)
