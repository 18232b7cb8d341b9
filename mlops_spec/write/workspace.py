"""A private folder for work in progress, which is a lock too: one run at a time has it, and no run leaves it behind."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mlops_spec.write.failure import CONFLICT, IO, refusal
from mlops_spec.write.interrupt import stop_if_asked

PATIENCE = 10.0
_LOCK = "lock"


@contextmanager
def workspace(path: str, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the folder ``path`` (mode 0700) for this run alone; it is gone afterwards.

    What a killed run left in it is still there on entry, for the caller to recover from. Waits ``patience`` seconds for
    another run to end, then raises WriteFailed.
    """
    lock = _acquire(path, time.monotonic() + patience)
    # Programs that this run starts have the lock too: if it is killed, the next waits until they have ended.
    os.set_inheritable(lock, True)
    try:
        yield
    finally:
        _clear(path)
        os.close(lock)


def sweep(path: str) -> None:
    """Delete what a killed run left in the workspace ``path``."""
    for entry in os.scandir(path):
        if entry.name != _LOCK:
            remove(entry.path)


def remove(path: str) -> None:
    """Delete a file or a whole folder, also folders that forbid it; links are deleted and not followed."""
    if not os.path.lexists(path):
        return
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        os.unlink(path)
        return
    os.chmod(path, 0o700)
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                remove(entry.path)
            else:
                os.unlink(entry.path)
    os.rmdir(path)


def _acquire(path: str, deadline: float) -> int:
    while True:
        stop_if_asked()
        lock = _try(path)
        if lock is not None:
            return lock
        if time.monotonic() > deadline:
            message = f"another run is writing here (it holds {os.path.basename(path)})"
            raise refusal(CONFLICT, "MS156", message, "wait until it has ended, then run again")
        time.sleep(0.02)


def _try(path: str) -> int | None:
    """Take the lock, or return None if someone has it or has just removed it.

    Raises OSError where the folder cannot be made at all, as in /proc.
    """
    _make(path)
    try:
        lock = os.open(os.path.join(path, _LOCK), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    except OSError:
        # A disk that has no room for the lock: nothing of ours stays behind, unless another run is in there.
        with suppress(OSError):
            os.rmdir(path)
        raise
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had it before may have deleted it meanwhile: then this is the lock of a folder that is gone.
        if os.path.samestat(os.fstat(lock), os.stat(os.path.join(path, _LOCK), follow_symlinks=False)):
            return lock
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(lock)
    return None


def _make(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            message = f"{path} is where work in progress goes, and it is not ours"
            raise refusal(IO, "MS157", message, "delete it, then run again") from None


def _clear(path: str) -> None:
    sweep(path)
    os.unlink(os.path.join(path, _LOCK))
    # The next run may have put its lock there already.
    with suppress(OSError):
        os.rmdir(path)
