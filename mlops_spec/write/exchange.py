"""Put one folder in the place of another, at one instant where the file system can."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

_EXCHANGE = 2
_AT_FDCWD = -100
_UNSUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)


def swap(staged: str, target: str, aside: str) -> None:
    """Let ``staged`` and ``target`` change places. Where that takes two renames, ``target`` waits at ``aside``."""
    try:
        _exchange(staged, target)
    except OSError as problem:
        if problem.errno not in _UNSUPPORTED:
            raise
        _rename_twice(staged, target, aside)


def recover(target: str, aside: str) -> None:
    """Undo the first of two renames, after a kill between them."""
    if os.path.lexists(aside) and not os.path.lexists(target):
        os.rename(aside, target)


def make_durable(files: list[str], folder: str) -> None:
    """Return once ``files`` and the entries of ``folder`` are on the disk: by one call where they are many."""
    if len(files) > 32 and _sync_file_system(folder):
        return
    for path in (*files, folder):
        _fsync(path)


def _rename_twice(staged: str, target: str, aside: str) -> None:
    os.rename(target, aside)
    try:
        os.rename(staged, target)
    except OSError:
        os.rename(aside, target)
        raise
    os.rename(aside, staged)


def _exchange(one: str, other: str) -> None:
    renameat2 = _libc("renameat2")
    if renameat2 is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    _checked(renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE), one)


def _sync_file_system(folder: str) -> bool:
    syncfs = _libc("syncfs")
    if syncfs is None:
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _checked(syncfs(descriptor), folder)
    finally:
        os.close(descriptor)
    return True


def _fsync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _libc(name: str) -> Callable[..., int] | None:
    import ctypes  # here, since most runs change nothing and importing it is slow

    return getattr(ctypes.CDLL(None, use_errno=True), name, None)


def _checked(result: int, path: str) -> None:
    import ctypes

    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
