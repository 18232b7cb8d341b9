"""Bring work trees and their indexes along with a branch that moved, and nothing else in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from mlops_spec.diagnostic import Diagnostic, error
from mlops_spec.write.draft import index_lines
from mlops_spec.write.failure import CONFLICT, WriteFailed, refusal
from mlops_spec.write.ownership import parents
from mlops_spec.write.process import GitFailed, git
from mlops_spec.write.repository import Entry, Repository, Worktree

_UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
}
_ELSEWHERE = "<something else>"


class Change(NamedTuple):
    """What a path had before a branch moved, and has after it; None is nothing."""

    old: Entry | None
    new: Entry | None


class _Found(NamedTuple):
    """What a work tree has at a path: in the index, and as a file (ids that it may have; none where it is missing)."""

    staged: Entry | None
    files: tuple[str, ...]
    skipped: bool


def holders(repository: Repository, ref: str) -> list[Worktree]:
    """Return the worktrees that have ``ref`` checked out. Raises WriteFailed where one is in the midst of something."""
    found = []
    for worktree in repository.worktrees():
        if worktree.ref == ref:
            refuse_busy(worktree.directory)
            found.append(worktree)
        elif _rebased(worktree.directory) == ref:
            refuse_busy(worktree.directory)
    return found


def refuse_busy(directory: str) -> None:
    """Raise WriteFailed where a merge, a rebase or another git is under way in the worktree of ``directory``."""
    for name, what in _UNDER_WAY.items():
        if os.path.lexists(os.path.join(directory, name)):
            raise refusal(
                CONFLICT, "MS164", f"{what} is under way in this repository", "finish or abort it, then run again"
            )
    lock = os.path.join(directory, "index.lock")
    if os.path.lexists(lock):
        hint = f"wait until it has ended; if none runs, delete {lock}"
        raise refusal(CONFLICT, "MS165", "another git command is changing the index (index.lock is there)", hint)


def changes(repository: Repository, old: str, new: str) -> dict[str, Change]:
    """Return what differs between two commits, by path."""
    printed = git(repository.folder, "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new)
    fields = os.fsdecode(printed).split("\0")[:-1]
    found = {}
    for about, path in zip(fields[::2], fields[1::2]):
        old_mode, new_mode, old_id, new_id, status = about.removeprefix(":").split()
        before = None if status == "A" else Entry(old_mode, old_id)
        found[path] = Change(before, None if status == "D" else Entry(new_mode, new_id))
    return found


def refuse_local_edits(repository: Repository, worktree: Worktree, changed: Mapping[str, Change]) -> None:
    """Raise WriteFailed where the work tree or its index has, at a path that changes, neither the old nor the new."""
    edited = [path for path, found in _look(repository, worktree, changed).items() if _is_edited(found, changed[path])]
    if edited:
        raise WriteFailed(CONFLICT, [_edited(path) for path in edited])


def sync(repository: Repository, worktree: Worktree, changed: Mapping[str, Change]) -> None:
    """Bring files and index from the old to the new. What has neither was edited since, and stays."""
    found = _look(repository, worktree, changed)
    stale = {path: change.new for path, change in changed.items() if _has(found[path], change.old)}
    contents = repository.contents(entry.id for entry in stale.values() if entry is not None)
    for path, entry in sorted(stale.items(), key=lambda item: item[1] is not None):
        _put(worktree.top, path, None if entry is None else contents[entry.id])
    index = {path: change.new for path, change in changed.items() if found[path].staged == change.old}
    if index:
        stdin = index_lines(repository, index)
        git(worktree.top, "update-index", "-z", "--index-info", stdin=stdin, config=_no_filters(worktree))
    skipped = [path for path, entry in index.items() if found[path].skipped and entry is not None]
    if skipped:
        stdin = os.fsencode("\0".join(skipped))
        git(worktree.top, "update-index", "-z", "--skip-worktree", "--stdin", stdin=stdin, config=_no_filters(worktree))


def _no_filters(worktree: Worktree) -> dict[str, str]:
    """Switch all filters off: an index that is written checks recent files, also others than ours, through them."""
    with suppress(GitFailed):
        printed = git(worktree.top, "config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$")
        names = {key.rpartition(".")[0] for key in printed.decode().split("\0")[:-1]}
        off = {"clean": "", "process": "", "required": "false"}
        return {f"{name}.{key}": value for name in names for key, value in off.items()}
    return {}


def _has(found: _Found, entry: Entry | None) -> bool:
    if found.skipped:
        return False
    return entry.id in found.files if entry is not None else not found.files


def _is_edited(found: _Found, change: Change) -> bool:
    if found.staged not in change:
        return True
    return not found.skipped and not any(_has(found, entry) for entry in change)


def _look(repository: Repository, worktree: Worktree, changed: Mapping[str, Change]) -> dict[str, _Found]:
    tops = sorted({":(literal)" + path.partition("/")[0] for path in changed})
    index: dict[str, Entry] = {}
    skipped = set()
    for tag, entry, path in _staged(git(worktree.top, "ls-files", "-s", "-t", "-z", "--", *tops)):
        index[path] = entry
        if tag == "S":
            skipped.add(path)
    leaving = {path for path, change in changed.items() if change.new is None}
    return {
        path: _Found(index.get(path), _files(repository, worktree.top, path, leaving), path in skipped)
        for path in changed
    }


def _staged(printed: bytes) -> Iterator[tuple[str, Entry, str]]:
    for record in os.fsdecode(printed).split("\0")[:-1]:
        about, _, path = record.partition("\t")
        tag, mode, name, stage = about.split()
        # What is in conflict is like nothing that a commit has.
        yield tag, Entry(mode, name if stage == "0" else _ELSEWHERE), path


def _files(repository: Repository, top: str, path: str, leaving: set[str]) -> tuple[str, ...]:
    """Return the ids of the file at ``path`` as it is and with its CRLFs taken for LFs, as Git may check them out."""
    for folder in parents(path):
        if folder in leaving:
            return ()
        if os.path.lexists(os.path.join(top, folder)) and not _is_plain_folder(os.path.join(top, folder)):
            return (_ELSEWHERE,)
    full = os.path.join(top, path)
    if not os.path.lexists(full):
        return ()
    if not stat.S_ISREG(os.lstat(full).st_mode):
        return (_ELSEWHERE,)
    with open(full, "rb") as stream:
        content = stream.read()
    return repository.blob(content), repository.blob(content.replace(b"\r\n", b"\n"))


def _is_plain_folder(path: str) -> bool:
    return stat.S_ISDIR(os.lstat(path).st_mode) and not os.path.lexists(os.path.join(path, ".git"))


def _put(top: str, path: str, content: bytes | None) -> None:
    full = os.path.join(top, path)
    partial = os.path.join(os.path.dirname(full), f".{os.path.basename(full)}.mlops-spec")
    if content is None:
        os.unlink(full) if os.path.lexists(full) else None
        _remove_empty(top, path)
        return
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with suppress(FileNotFoundError):
        os.unlink(partial)
    try:
        with open(partial, "xb") as stream:
            stream.write(content)
        os.replace(partial, full)
    except OSError:
        with suppress(FileNotFoundError):
            os.unlink(partial)
        raise


def _remove_empty(top: str, path: str) -> None:
    for folder in parents(path):
        try:
            os.rmdir(os.path.join(top, folder))
        except OSError:
            return


def _rebased(directory: str) -> str | None:
    for name in ("rebase-merge", "rebase-apply"):
        with suppress(OSError), open(os.path.join(directory, name, "head-name"), encoding="utf-8") as stream:
            return stream.read().strip()
    return None


def _edited(path: str) -> Diagnostic:
    hint = "commit, restore or move it, or publish to a branch that is not checked out"
    return error("MS168", f"{path} has changes that are not committed, and publishing would change it", None, "", hint)
