"""The files of a commit, read as those of a folder are: no file is checked out for it."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from mlops_spec.source.characters import MAX_BYTES
from mlops_spec.write.process import git, line
from mlops_spec.write.repository import EXECUTABLE, FILE, LINK, Entry, Repository

_MOST_LINKS = 40


class Revision(Mapping[str, bytes]):
    """The files that ``commit`` has below ``folder`` (relative to the repository's root), by their paths in it.

    A symlink stands for the file that it leads to, as long as that is below ``folder`` too. Of a file larger than any
    spec only its size counts. What was read is kept: a commit does not change. Where the ``whole`` commit is known, it
    is not listed again.
    """

    def __init__(self, repository: Repository, commit: str, folder: str, whole: Revision | None = None) -> None:
        self._repository, self._commit, self.folder = repository, commit, "" if folder == "." else folder
        self._whole = whole
        entries = repository.files(commit, self.folder) if whole is None else whole.below(self.folder)
        self._entries = entries
        found = {path: self._followed(entries, path) for path in entries}
        self._ids = {path: entry.id for path, entry in found.items() if entry is not None}
        self._read: dict[str, bytes] = {} if whole is None else whole._read

    def __getitem__(self, path: str) -> bytes:
        name = self._ids[path]
        if name not in self._read:
            self._read[name] = self._content(name)
        return self._read[name]

    def _content(self, name: str) -> bytes:
        if int(line(self._repository.folder, "cat-file", "-s", name)) > MAX_BYTES:
            return bytes(MAX_BYTES + 1)
        return git(self._repository.folder, "cat-file", "blob", name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    @cached_property
    def above(self) -> Revision:
        """All files of the commit."""
        return (self._whole or Revision(self._repository, self._commit, "")) if self.folder else self

    def within(self, folder: str) -> Revision:
        """Return the files below a folder of this whole commit, which is not listed again."""
        return Revision(self._repository, self._commit, folder, self) if folder not in ("", ".") else self

    def below(self, folder: str) -> dict[str, Entry]:
        """Return what stands below a folder, by the paths in it."""
        start = f"{folder}/" if folder else ""
        names, found = self._sorted, {}
        for i in range(bisect_left(names, start), len(names)):
            if not names[i].startswith(start):
                break
            found[names[i].removeprefix(start)] = self._entries[names[i]]
        return found

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._entries)

    def check_out(self, folder: str, target: Path) -> None:
        """Write the files of the commit that are in ``folder``, from this one, to the same paths from ``target``."""
        source, below = self, posixpath.normpath(folder)
        if below.startswith(".."):
            source, below = self.above, posixpath.normpath(posixpath.join(self.folder, folder))
        for path in source:
            if path.startswith(f"{below}/"):
                file = Path(posixpath.normpath(target / folder), path.removeprefix(f"{below}/"))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(source[path])

    def _followed(self, entries: Mapping[str, Entry], path: str) -> Entry | None:
        for _ in range(_MOST_LINKS):
            entry = entries.get(path)
            if entry is None or entry.mode in (FILE, EXECUTABLE):
                return entry
            if entry.mode != LINK:
                return None
            target = git(self._repository.folder, "cat-file", "blob", entry.id).decode("utf-8", "surrogateescape")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        return None
