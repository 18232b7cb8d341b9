"""What stands at a path in a commit and on disk, to tell without reading all of it whether it is the same."""

from __future__ import annotations

import os
import posixpath
import stat
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple, Protocol

from mlops_spec.source.characters import MAX_BYTES
from mlops_spec.write.repository import EXECUTABLE, FILE, LINK, Entry, Repository

FOLDER = Entry("40000", "")
_MOST_LINKS = 40


class Side(Protocol):
    """The files of a repository at one time; paths are relative to its root."""

    def at(self, path: str) -> Entry | None:
        """Return what stands at ``path``: ``FOLDER``, a file or a link by its content, or None."""
        ...

    def target(self, path: str) -> str:
        """Return where the link at ``path`` leads."""
        ...

    def below(self, folder: str) -> Iterator[str]:
        """Yield the paths of all files and links below ``folder``."""
        ...


class Committed:
    """The files of a commit."""

    def __init__(self, repository: Repository, commit: str) -> None:
        self._repository = repository
        self.entries = repository.files(commit, "")

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.entries)

    def at(self, path: str) -> Entry | None:
        """Return what stands at ``path``. Whether a file may be executed is of no matter."""
        found = self.entries.get(path)
        if found is not None:
            return found._replace(mode=FILE) if found.mode == EXECUTABLE else found
        return FOLDER if next(self.below(path), None) else None

    def target(self, path: str) -> str:
        """Return where the link at ``path`` leads."""
        name = self.entries[path].id
        return self._repository.contents([name])[name].decode("utf-8", "surrogateescape")

    def below(self, folder: str) -> Iterator[str]:
        """Yield the paths of all files and links below ``folder``."""
        start = "" if folder in ("", ".") else f"{folder}/"
        for i in range(bisect_left(self._sorted, start), len(self._sorted)):
            if not self._sorted[i].startswith(start):
                break
            yield self._sorted[i]


class OnDisk:
    """The files as they are now. Each is looked at once, whoever asks for it."""

    def __init__(self, repository: Repository) -> None:
        self._repository, self._known = repository, dict[str, Entry | None]()
        self._top = os.path.realpath(repository.folder)

    def at(self, path: str) -> Entry | None:
        """Return what stands at ``path``."""
        if path not in self._known:
            try:
                self._known[path] = self._look(os.path.join(self._top, path))
            except (OSError, ValueError):
                self._known[path] = None
        return self._known[path]

    def _look(self, path: str) -> Entry | None:
        found = os.lstat(path)
        if stat.S_ISDIR(found.st_mode):
            return FOLDER
        if stat.S_ISLNK(found.st_mode):
            return Entry(LINK, self._repository.blob(os.fsencode(os.readlink(path))))
        if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_BYTES:
            return Entry(FILE, "")  # which no compile reads, and no commit has
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW)) as file:
            return Entry(FILE, self._repository.blob(file.read()))

    def target(self, path: str) -> str:
        """Return where the link at ``path`` leads."""
        return os.readlink(os.path.join(self._top, path))

    def below(self, folder: str) -> Iterator[str]:
        """Yield the paths of all files and links below ``folder``."""
        for within, folders, files in os.walk(os.path.join(self._top, folder)):
            links = [name for name in folders if os.path.islink(os.path.join(within, name))]
            for name in (*files, *links):
                yield os.path.relpath(os.path.join(within, name), self._top)


class _Followed(NamedTuple):
    links: tuple[tuple[str, Entry], ...]
    path: str


def same(one: Side, other: Side, path: str) -> bool:
    """Tell whether ``path`` is the same on both sides, with the links that lead to it."""
    ways = _follow(one, path), _follow(other, path)
    return ways[0] == ways[1] and one.at(ways[0].path) == other.at(ways[0].path)


def same_folder(one: Side, other: Side, folder: str) -> bool:
    """Tell whether all files below ``folder`` are the same on both sides, and no others are there."""
    ways = _follow(one, folder), _follow(other, folder)
    if ways[0] != ways[1]:
        return False
    files = [*one.below(ways[0].path)], [*other.below(ways[0].path)]
    return {*files[0]} == {*files[1]} and all(same(one, other, path) for path in files[0])


def _follow(side: Side, path: str) -> _Followed:
    links: list[tuple[str, Entry]] = []
    while len(links) < _MOST_LINKS:
        parts = path.split("/")
        for i in range(1, len(parts) + 1):
            begin = "/".join(parts[:i])
            found = side.at(begin)
            if found is not None and found.mode == LINK:
                links.append((begin, found))
                path = posixpath.normpath(posixpath.join(posixpath.dirname(begin), side.target(begin), *parts[i:]))
                break
        else:
            break
        if path.startswith(("..", "/")):
            break
    return _Followed(tuple(links), path)
