"""The files that a spec names: below one root, or above it within its repository; regular, of a bounded size."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import dropwhile, islice
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol

from mlops_spec import address
from mlops_spec.diagnostic import Diagnostic, Place
from mlops_spec.source import refusals
from mlops_spec.source.characters import MAX_BYTES

Want = Literal["file", "folder"]

_MOST_NEIGHBOURS = 1000
_NO_REPOSITORY = (
    "copy it there; specs share files within a Git repository, and this one's folder is the root of all it sees"
)
_OF_REPOSITORY = "name a file of the repository"


class Files(Protocol):
    """Where the files of a spec come from. Paths are relative to the root; ``place`` is where the spec names them.

    A path may begin with ``..``, as far as the root of the repository: specs of one repository share layers.
    """

    def read(self, path: str, place: Place | None) -> tuple[bytes | None, list[Diagnostic]]:
        """Return the bytes of ``path``, at most one more than are ever read, or why there are none. Never raises."""
        ...

    def has(self, path: str) -> bool:
        """Tell whether there is something at ``path``, whatever it is. Never raises."""
        ...

    def check(self, path: str, place: Place | None, want: Want = "file") -> list[Diagnostic]:
        """Say what forbids a path that something else will read later, such as a build's context. Never raises."""
        ...


class Folder:
    """The files below ``root`` on disk, and those of its repository that a path with ``..`` names.

    A symlink may stand in for a file as long as it stays below the root; of a path with ``..``, in the repository.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    @cached_property
    def top(self) -> Path:
        """The root of the repository that the folder is in; the folder itself where it is in none."""
        above = (self.root, *self.root.parents)
        return next((folder for folder in above if os.path.lexists(folder / ".git")), self.root)

    def read(self, path: str, place: Place | None) -> tuple[bytes | None, list[Diagnostic]]:
        """Return the bytes of ``path``, or why there are none."""
        problems = self.check(path, place)
        if problems:
            return None, problems
        try:
            return self._bytes(path), []
        except OSError as e:
            return None, [_unreadable(path, place, e)]

    def has(self, path: str) -> bool:
        """Tell whether there is something at ``path``, also a symlink that leads nowhere."""
        return os.path.lexists(self.root / path)

    def check(self, path: str, place: Place | None, want: Want = "file") -> list[Diagnostic]:
        """Say what forbids ``path``."""
        malformed = _malformed(path, place)
        if malformed is not None:
            return [malformed]
        try:
            if _is_above(path) and (outside := self._outside(path, place)) is not None:
                return [outside]
            return self._found(path, place, want)
        except (OSError, RuntimeError) as e:  # before Python 3.13 a circle of symlinks is a RuntimeError
            return [_unreadable(path, place, e)]

    def _outside(self, path: str, place: Place | None) -> Diagnostic | None:
        if self.top == self.root:
            return refusals.PATH_OUTSIDE.at(place, f"`{path}` is not in the spec's folder", hint=_NO_REPOSITORY)
        named = os.path.normpath(self.root / path)
        if not Path(named).is_relative_to(self.top):
            return refusals.PATH_OUTSIDE.at(place, f"`{path}` leads out of the repository", hint=_OF_REPOSITORY)
        if ".git" in PurePosixPath(path).parts:
            return refusals.PATH_OUTSIDE.at(place, f"`{path}` is Git's own", hint=_OF_REPOSITORY)
        return None

    def _found(self, path: str, place: Place | None, want: Want) -> list[Diagnostic]:
        target = (self.root / path).resolve()
        if _is_above(path):
            if not target.is_relative_to(self.top):
                message = f"`{path}` is a symlink that leads out of the repository"
                return [refusals.PATH_OUTSIDE.at(place, message, hint="copy the file into the repository")]
        elif not target.is_relative_to(self.root):
            return [refusals.PATH_OUTSIDE.at(place, f"`{path}` is a symlink that leads out of the spec's folder")]
        try:
            mode = target.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return [_missing(path, place, want, self._neighbours(path))]
        if stat.S_ISREG(mode) if want == "file" else stat.S_ISDIR(mode):
            return []
        return [_other_kind(path, place, want)]

    def _bytes(self, path: str) -> bytes:
        # Between the check and here someone may exchange the file for a symlink or a pipe: neither is followed.
        opened = os.open((self.root / path).resolve(), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(opened, "rb") as file:
            return file.read(MAX_BYTES + 1)

    def _neighbours(self, path: str) -> list[str]:
        """List what stands in the deepest folder of ``path`` that exists, as paths from the root."""
        within = self.top if _is_above(path) else self.root
        for parent in PurePosixPath(path).parents:
            folder = (self.root / parent).resolve()
            if folder.is_dir() and folder.is_relative_to(within):
                with os.scandir(folder) as entries:
                    return [str(parent / entry.name) for entry in islice(entries, _MOST_NEIGHBOURS)]
        return []


class Memory:
    """Files that are no files of a disk: path to bytes, which are asked for when they are read.

    ``files`` are those of ``folder`` in a repository, ``above`` returns all of its own; without it no path leads up.
    """

    def __init__(
        self, files: Mapping[str, bytes], above: Callable[[], Mapping[str, bytes]] | None = None, folder: str = ""
    ) -> None:
        self._contents, self._folder = files, posixpath.normpath(folder)
        self._above = above if self._folder != "." else None
        self._files = {str(PurePosixPath(path)): path for path in files}
        self._folders = {str(parent) for path in self._files for parent in PurePosixPath(path).parents} | {"."}

    def read(self, path: str, place: Place | None) -> tuple[bytes | None, list[Diagnostic]]:
        """Return the bytes of ``path``, or why there are none."""
        problems = self.check(path, place)
        if problems:
            return None, problems
        if self._above is not None and _is_above(path):
            return self._above()[self._named(path)], []
        return self._contents[self._files[str(PurePosixPath(path))]], []

    def has(self, path: str) -> bool:
        """Tell whether there is something at ``path``."""
        name = str(PurePosixPath(path))
        if self._above is not None and _is_above(path):
            return self._named(path) in self._above()
        return name in self._files or name in self._folders

    def check(self, path: str, place: Place | None, want: Want = "file") -> list[Diagnostic]:
        """Say what forbids ``path``."""
        malformed = _malformed(path, place)
        if malformed is not None:
            return [malformed]
        if _is_above(path):
            return self._check_above(path, place, want)
        name = str(PurePosixPath(path))
        if name in (self._files if want == "file" else self._folders):
            return []
        if name in self._files or name in self._folders:
            return [_other_kind(path, place, want)]
        return [_missing(path, place, want, self._files if want == "file" else self._folders)]

    def _check_above(self, path: str, place: Place | None, want: Want) -> list[Diagnostic]:
        if self._above is None:
            return [refusals.PATH_OUTSIDE.at(place, f"`{path}` is not in the spec's folder", hint=_NO_REPOSITORY)]
        name = self._named(path)
        if name.startswith(".."):
            return [refusals.PATH_OUTSIDE.at(place, f"`{path}` leads out of the repository", hint=_OF_REPOSITORY)]
        if name in self._above():
            return [] if want == "file" else [_other_kind(path, place, want)]
        return [_missing(path, place, want, ())]

    def _named(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self._folder, path))


class Edited:
    """Files of which some have another content than they have where they come from, or are there only so."""

    def __init__(self, files: Files, contents: Mapping[str, bytes]) -> None:
        self._files, self._contents = files, contents

    def read(self, path: str, place: Place | None) -> tuple[bytes | None, list[Diagnostic]]:
        """Return the bytes of ``path``, or why there are none."""
        if path not in self._contents:
            return self._files.read(path, place)
        problems = self.check(path, place)
        return (None, problems) if problems else (self._contents[path], [])

    def has(self, path: str) -> bool:
        """Tell whether there is something at ``path``."""
        return path in self._contents or self._files.has(path)

    def check(self, path: str, place: Place | None, want: Want = "file") -> list[Diagnostic]:
        """Say what forbids ``path``; a file that is there only so is as good as any."""
        problems = self._files.check(path, place, want)
        if path in self._contents and [problem.code for problem in problems] == [refusals.PATH_MISSING.code]:
            return [] if want == "file" else [_other_kind(path, place, want)]
        return problems


def _is_above(path: str) -> bool:
    return PurePosixPath(path).parts[:1] == ("..",)


def _malformed(path: str, place: Place | None) -> Diagnostic | None:
    if path == "":
        return refusals.PATH_FORM.at(place, "a path is empty")
    if not path.isprintable():
        return refusals.PATH_FORM.at(place, "a path holds a character that cannot be printed")
    if "://" in path:
        hint = "copy the file into the spec's folder and name it there"
        return refusals.PATH_FORM.at(place, f"`{path}` is an address, not a path in the spec's folder", hint=hint)
    if path.startswith(("/", "~")) or path[1:2] == ":":
        return refusals.PATH_FORM.at(place, f"`{path}` is not relative to the spec's folder")
    if "\\" in path:
        return refusals.PATH_FORM.at(place, f"`{path}` holds a backslash")
    if ".." in dropwhile(lambda part: part == "..", PurePosixPath(path).parts):
        return refusals.PATH_FORM.at(place, f"`{path}` holds `..`")
    return None


def _missing(path: str, place: Place | None, want: Want, known: Iterable[str]) -> Diagnostic:
    near = address.nearest(path, known)
    hint = f"did you mean {near}?" if near else f"create the {want} or correct the path"
    return refusals.PATH_MISSING.at(place, f"there is no {want} `{path}`", hint=hint)


def _other_kind(path: str, place: Place | None, want: Want) -> Diagnostic:
    found = "a regular file" if want == "file" else "a folder"
    return refusals.PATH_KIND.at(place, f"`{path}` is not {found}", hint=f"name {found}")


def _unreadable(path: str, place: Place | None, error: Exception) -> Diagnostic:
    reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "its symlinks form a circle"
    return refusals.PATH_UNREADABLE.at(place, f"`{path}` cannot be read: {reason}")
