"""Build, beside the output, the folder that will take its place."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress

from mlops_spec.write.exchange import make_durable
from mlops_spec.write.folder import Entry, Snapshot
from mlops_spec.write.interrupt import stop_if_asked
from mlops_spec.write.ownership import folders

# No hard links on this file system, or no more of them, or (EPERM) none of files that belong to others.
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def build(staged: str, source: str, before: Snapshot, write: Mapping[str, bytes], delete: Iterable[str]) -> None:
    """Fill ``staged`` with what ``source`` holds (``before``), less ``delete``, and with the files to write.

    What stays is the same file by another name, also with its mode; an edit that someone makes to it now is not lost.
    """
    gone = {*delete, *write}
    kept = {path: leaf for path, leaf in before.leaves.items() if path not in gone}
    os.mkdir(staged)
    _make_folders(staged, {*write, *kept}, [path for path, leaf in kept.items() if leaf.is_folder])
    for path, leaf in kept.items():
        stop_if_asked()
        if not leaf.is_folder:
            _keep(f"{source}/{path}", f"{staged}/{path}", leaf)
    for path, content in write.items():
        stop_if_asked()
        _write(f"{staged}/{path}", content, before.leaves.get(path))
    make_durable([f"{staged}/{path}" for path in write], staged)
    _restore_folders(staged, before, changed=folders(gone) | ({""} if gone else set()))


def _make_folders(staged: str, paths: Iterable[str], empty: Iterable[str]) -> None:
    for folder in sorted(folders(paths).union(empty)):
        os.mkdir(os.path.join(staged, folder))


def _keep(source: str, target: str, leaf: Entry) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as problem:
        if problem.errno not in _NO_LINKS:
            raise
        _copy(source, target, leaf)


def _copy(source: str, target: str, leaf: Entry) -> None:
    if leaf.is_link:
        os.symlink(os.readlink(source), target)
        return
    if not leaf.is_file:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP), source)
    with open(source, "rb") as stream:
        _write(target, stream.read(), leaf)
    os.utime(target, ns=(leaf.modified, leaf.modified))


def _write(path: str, content: bytes, before: Entry | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    with open(descriptor, "wb", buffering=0) as stream:
        view = memoryview(content)
        while view:
            view = view[stream.write(view) :]
        if before is not None and before.is_file:
            os.fchmod(descriptor, before.mode & 0o777)


def _restore_folders(staged: str, before: Snapshot, changed: set[str]) -> None:
    """Give folders their modes and owners back, and their times where nothing below changed; the deepest first."""
    entries = before.folders | {path: leaf for path, leaf in before.leaves.items() if leaf.is_folder}
    for folder, entry in sorted(entries.items(), reverse=True):
        path = os.path.join(staged, folder)
        if not os.path.isdir(path):
            continue
        _give_back(path, entry)
        if folder not in changed:
            os.utime(path, ns=(entry.modified, entry.modified))


def _give_back(path: str, entry: Entry) -> None:
    mine = os.lstat(path)
    if (mine.st_uid, mine.st_gid) != (entry.owner, entry.group):
        # Only root may give things away; whoever may not gets a folder of their own.
        with suppress(PermissionError):
            os.chown(path, entry.owner, entry.group)
    os.chmod(path, entry.mode & 0o7777)
