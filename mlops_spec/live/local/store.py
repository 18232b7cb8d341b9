"""What steps leave, kept by its content: each file once, under the SHA-256 of its bytes, and never changed.

A file is read back only if it still is what its name says: a step that finds a way to write into the store spoils
nothing but what has to be made again.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from mlops_spec.live.local.folder import PART, remove, sync

_CHUNK = 1 << 20
_READ_ONLY = 0o444
_WHOLE = 1_000_000_000
"""When (nanoseconds) everything in the store was last changed, so that a later change shows without reading it."""


class Unsuitable(Exception):
    """Something that cannot be kept or brought; the message says what, and why not."""


class Content(NamedTuple):
    """A file (its one name is empty), or the files of a folder, by their digests."""

    folder: bool
    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The SHA-256 of all of it."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self.files.items()))
        return hashlib.sha256(f"{self.folder}\n{lines}".encode(errors="surrogateescape")).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return it as it is written down."""
        return {"folder": self.folder, "files": dict(self.files)}


class Store:
    """The files below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, path: Path) -> Content:
        """Keep a file or a folder. Raises Unsuitable."""
        content = Content(path.is_dir(), {name: self._put(path / name if name else path) for name in _names(path)})
        for parent in {self._at(digest).parent for digest in content.files.values()}:
            sync(parent)
        return content

    def has(self, content: Content) -> bool:
        """Tell whether all of it is here, and nobody has changed it."""
        return all(self._whole(self._at(digest)) for digest in content.files.values())

    def publish(self, content: Content, path: Path) -> None:
        """Show it at a path that is free, by links where the file system has them: to read, not to change."""
        made = path.with_name(path.name + PART)
        remove(made)
        for name, digest in _targets(content, made):
            try:
                os.link(self._at(digest), name)
            except OSError:
                copied(self._at(digest), name)
                os.chmod(name, _READ_ONLY)
        os.rename(made, path)

    def bring(self, content: Content, path: Path) -> None:
        """Copy it to a path that is free, for a step to do with as it likes. Raises Unsuitable."""
        for name, digest in _targets(content, path):
            if copied(self._at(digest), name) != digest:
                remove(self._at(digest))
                raise Unsuitable(
                    f"{self._at(digest)} has been changed: it is deleted, so that the next run makes it again"
                )

    def _put(self, path: Path) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        made = self.folder / f"{os.getpid()}-{os.urandom(8).hex()}{PART}"
        digest = copied(path, made, durable=True)
        target = self._at(digest)
        target.parent.mkdir(exist_ok=True)
        os.chmod(made, _READ_ONLY)
        os.utime(made, ns=(_WHOLE, _WHOLE))
        os.rename(made, target)
        return digest

    def _at(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest[2:]

    def _whole(self, path: Path) -> bool:
        try:
            found = path.lstat()
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_mtime_ns == _WHOLE


def content_of(path: Path) -> Content:
    """Return what lies at a path, kept nowhere. Raises Unsuitable where nothing does."""
    return Content(path.is_dir(), {name: _digest(path / name if name else path) for name in _names(path)})


def bring_from(path: Path, content: Content, to: Path) -> None:
    """Copy what lies at a path outside of the store. Raises Unsuitable where it is no longer that."""
    for (name, target), digest in zip(_named(content, to), content.files.values()):
        if copied(path / name if name else path, target) != digest:
            raise Unsuitable(f"{path} has changed while it was read")


def copied(source: Path, target: Path, *, durable: bool = False) -> str:
    """Copy the bytes of a file to a path that is free; return their digest."""
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("xb") as written:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            written.write(chunk)
        if durable:
            written.flush()
            os.fsync(written.fileno())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _names(path: Path) -> list[str]:
    """Return the names of the files of a folder, sorted; of a file the empty one. Raises Unsuitable."""
    if path.is_file():
        return [""]
    found = []
    for folder, below, names in os.walk(path):
        for name in (*below, *names):
            full = Path(folder, name)
            if full.is_symlink() and full.is_dir():
                raise Unsuitable(f"{full} is a link to a folder: put the folder itself there")
            if not full.is_dir() and not full.is_file():
                raise Unsuitable(f"{full} is neither a file nor a folder")
            if full.is_file():
                found.append(full.relative_to(path).as_posix())
    if not found:
        raise Unsuitable(f"there is nothing at {path}")
    return sorted(found)


def _targets(content: Content, path: Path) -> list[tuple[Path, str]]:
    return [(target, digest) for (_, target), digest in zip(_named(content, path), content.files.values())]


def _named(content: Content, path: Path) -> list[tuple[str, Path]]:
    """Return each file's name and where it goes below a path; the folders are made."""
    named = [(name, path / name if name else path) for name in content.files]
    for _, target in named:
        target.parent.mkdir(parents=True, exist_ok=True)
    return named
