"""What lies at a URI: one file, or the files of a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, Protocol, TypeVar

from mlops_spec.runtime.program import Failed

_One = TypeVar("_One")

CHUNK = 8 * 1024 * 1024
"""How many bytes are held in memory at once of a file that is read."""


class Nothing(Failed):
    """Nothing lies at a URI, as far as its store can tell."""


class Object(NamedTuple):
    """One file, by its name below the URI; empty for what lies at the URI itself."""

    name: str
    size: int | None
    etag: str | None = None
    version: str | None = None
    modified: datetime | None = None


class Listing(NamedTuple):
    """What was found at a URI."""

    folder: bool
    objects: tuple[Object, ...]

    @property
    def revision(self) -> str | None:
        """Say which state this is: a version or an ETag, of a folder the digest of its listing; None if unknown."""
        if any(found.etag is None for found in self.objects):
            return None
        if self.folder:
            lines = sorted(json.dumps([found.name, found.size, found.etag]) for found in self.objects)
            return f"listing-sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"
        (found,) = self.objects
        return f"version:{found.version}" if found.version else f"etag:{found.etag}"


class Store(Protocol):
    """One URI of a store. What cannot be reached, or must not be, raises Failed."""

    def look(self, version: str | None = None) -> Listing:
        """Return what lies there, in a version of a single file if one is named. Raises Failed where nothing does."""

    def read(self, found: Object, to: Path) -> None:
        """Write one of the files that were found to a path that is free; one that has changed since raises Failed."""

    def write(self, source: Path) -> None:
        """Keep a file or folder there, in the place of what was there."""


def below(folder: Path, name: str) -> Path:
    """Return the path of a file below a folder. Raises Failed for a name that leads out of it."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or "\0" in name or any(part == ".." for part in parts):
        raise Failed(f"the name {name!r} leads out of the folder")
    return folder.joinpath(*parts)


def files_of(folder: Path) -> tuple[str, ...]:
    """Return the names of the files below a folder, sorted. Raises Failed for what is neither file nor folder."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            found.append(path.relative_to(folder).as_posix())
        elif not path.is_dir():
            raise Failed(f"{path} is neither a file nor a folder")
        elif path.is_symlink():
            raise Failed(f"{path} is a link to a folder: put the folder itself there")
    return tuple(sorted(found))


def without_clashes(names: Iterable[str]) -> None:
    """Raise Failed where a name is both a file and a folder, which stores allow and disks do not."""
    known = set(names)
    for name in known:
        for parent in PurePosixPath(name).parents:
            if str(parent) in known:
                raise Failed(f"{parent} is both a file and a folder")


def for_all(move: Callable[[_One], Any], these: Iterable[_One], at_once: int) -> None:
    """Move several files at the same time; where one cannot be moved, those that wait are not begun."""
    with ThreadPoolExecutor(at_once) as workers:
        moved = [workers.submit(move, one) for one in these]
        try:
            for one in moved:
                one.result()
        except BaseException:
            workers.shutdown(wait=False, cancel_futures=True)
            raise
