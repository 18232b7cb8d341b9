"""A Git repository as publishing sees it: commits, trees and blobs, and where work is checked out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mlops_spec.write.failure import CONFLICT, refusal
from mlops_spec.write.process import GitFailed, git, line, succeeds

FILE = "100644"
EXECUTABLE = "100755"
LINK = "120000"
SUBMODULE = "160000"


class Entry(NamedTuple):
    """What a tree or an index has at a path: a mode such as ``100644`` and an object's id."""

    mode: str
    id: str


class Worktree(NamedTuple):
    """A folder with files checked out: where it is, its own git folder, and the ref that it is on (None: detached)."""

    top: str
    directory: str
    ref: str | None


class Repository(NamedTuple):
    """A repository, found from a path: a clone (shallow too), a linked worktree, a bare one.

    ``top`` is the root of the files (None: bare), ``directory`` the git folder of this worktree, ``common`` the one of
    all its worktrees, ``format`` the name of its hash.
    """

    top: str | None
    directory: str
    common: str
    format: str

    @classmethod
    def find(cls, path: Path) -> Repository | None:
        """Return the repository that ``path`` is in, or None where there is none, or none that git will open."""
        folder = path.absolute()
        while not folder.is_dir():
            folder = folder.parent
        try:
            return cls._open(str(folder))
        except GitFailed:
            return None

    @classmethod
    def require(cls, path: Path) -> Repository:
        """Return the repository that ``path`` is in. Raises WriteFailed where there is none that git will open."""
        try:
            return cls._open(str(path.absolute()))
        except (GitFailed, FileNotFoundError, NotADirectoryError) as problem:
            reason = problem.reason if isinstance(problem, GitFailed) else str(problem)
            message = f"there is no Git repository to publish to at {path}: {reason}"
            raise refusal(CONFLICT, "MS160", message, "run this in a clone, or run git init") from problem

    @classmethod
    def _open(cls, folder: str) -> Repository:
        asked = ("--absolute-git-dir", "--git-common-dir", "--show-object-format", "--is-inside-work-tree")
        directory, common, object_format, inside = line(folder, "rev-parse", *asked).split("\n")
        top = line(folder, "rev-parse", "--show-toplevel") if inside == "true" else None
        return cls(top, directory, os.path.realpath(os.path.join(folder, common)), object_format)

    @property
    def folder(self) -> str:
        """Where to run git."""
        return self.top or self.directory

    def inside(self, path: Path) -> str:
        """Return a path as it is from the root of the files; one that begins with ``..`` is of none of them."""
        return Path(os.path.relpath(os.path.realpath(path), os.path.realpath(self.folder))).as_posix()

    @property
    def nothing(self) -> str:
        """The id that stands for no object."""
        return "0" * hashlib.new(self.format).digest_size * 2

    def head(self, folder: Path) -> Callable[[str], bytes | None]:
        """Return a function that tells what HEAD has at a path below ``folder``; git runs when it is first called."""
        found: dict[str, bytes] | None = None

        def read(path: str) -> bytes | None:
            nonlocal found
            if found is None:
                found = self._files_at_head(folder)
            return found.get(path)

        return read

    def _files_at_head(self, folder: Path) -> dict[str, bytes]:
        below = os.path.relpath(os.path.realpath(folder), self.top) if self.top else ".."
        commit = self.commit("HEAD")
        if commit is None or below.split("/")[0] == "..":
            return {}
        entries = self.files(commit, "" if below == "." else below)
        contents = self.contents(entry.id for entry in entries.values() if entry.mode in (FILE, EXECUTABLE))
        return {path: contents[entry.id] for path, entry in entries.items() if entry.id in contents}

    def commit(self, name: str) -> str | None:
        """Return the id of the commit that ``name`` (a ref, HEAD) stands for, or None."""
        try:
            return line(self.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except GitFailed:
            return None

    def own_branch(self) -> str | None:
        """Return the ref that HEAD is on, or None where it is detached."""
        try:
            return line(self.folder, "symbolic-ref", "--quiet", "HEAD")
        except GitFailed:
            return None

    def is_branch_name(self, name: str) -> bool:
        """Tell whether git takes ``name`` for a branch."""
        return not name.startswith("-") and succeeds(self.folder, "check-ref-format", f"refs/heads/{name}")

    def files(self, commit: str, folder: str) -> dict[str, Entry]:
        """Return every file that a commit has below ``folder`` (``""``: the root), by its path relative to it."""
        tree = f"{commit}:{folder}"
        if folder and self.entry(commit, folder) is None:
            return {}
        return _entries(git(self.folder, "ls-tree", "-r", "-z", "--full-tree", tree))

    def entry(self, commit: str, path: str) -> Entry | None:
        """Return what a commit has at ``path``, a folder or a file."""
        return _entries(git(self.folder, "ls-tree", "-z", "--full-tree", commit, "--", path)).get(path)

    def contents(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of blobs by id. Raises GitFailed where one is missing."""
        wanted = list(dict.fromkeys(ids))
        printed = git(self.folder, "cat-file", "--batch", stdin="".join(f"{name}\n" for name in wanted).encode())
        found, start = {}, 0
        for name in wanted:
            end = printed.index(b"\n", start)
            about = printed[start:end].split()
            if about[1:2] != [b"blob"]:
                raise GitFailed("cat-file", f"{name} is missing")
            size = int(about[2])
            found[name] = printed[end + 1 : end + 1 + size]
            start = end + size + 2
        return found

    def blob(self, content: bytes) -> str:
        """Return the id that ``content`` has as a blob."""
        return hashlib.new(self.format, b"blob %d\0" % len(content) + content).hexdigest()

    def worktrees(self) -> list[Worktree]:
        """Return all worktrees of this repository whose folders are there, this one first."""
        found = {}
        if self.top is not None:
            found[self.directory] = Worktree(self.top, self.directory, self.own_branch())
        for block in os.fsdecode(git(self.folder, "worktree", "list", "--porcelain")).split("\n\n"):
            said = dict(row.partition(" ")[::2] for row in block.splitlines())
            # Folders that are gone or belong to others by now, and bare ones, are listed too.
            with suppress(GitFailed, KeyError):
                asked = line(said["worktree"], "rev-parse", "--absolute-git-dir", "--show-toplevel")
                directory, top = asked.split("\n")
                if directory.startswith(self.common):
                    found.setdefault(directory, Worktree(top, directory, said.get("branch")))
        return list(found.values())


def _entries(printed: bytes) -> dict[str, Entry]:
    found = {}
    for record in os.fsdecode(printed).split("\0")[:-1]:
        about, _, path = record.partition("\t")
        mode, _, name = about.split()
        found[path] = Entry(mode, name)
    return found
