"""Write one file of a user's own: whole or not at all, never through a symlink, never over what changed meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mlops_spec.write.exchange import make_durable
from mlops_spec.write.failure import CONFLICT, io_reported, refusal
from mlops_spec.write.folder import real_path
from mlops_spec.write.interrupt import deferred, stop_if_asked
from mlops_spec.write.workspace import PATIENCE, sweep, workspace


def put(path: Path, content: bytes, before: bytes | None, *, parents: bool = False, patience: float = PATIENCE) -> None:
    """Make the file ``path`` hold ``content`` in place of ``before``; None means that there must be no file yet.

    With ``parents`` its folder is made where there is none. Raises WriteFailed where it holds something else by now, is
    a symlink, or cannot be written; a signal raises SystemExit. In each case it is as it was.
    """
    target = real_path(os.fspath(path))
    folder = os.path.dirname(target)
    with deferred(), io_reported(str(path)):
        if parents:
            os.makedirs(folder, exist_ok=True)
        with _work(target, patience) as work:
            staged = os.path.join(work, "new")
            _stage(staged, content, target)
            stop_if_asked()
            _check(path, target, before)
            os.rename(staged, target)
            make_durable([], folder)


def remove(path: Path, before: bytes, *, patience: float = PATIENCE) -> None:
    """Delete the file ``path``, which holds ``before``, and the folders that held nothing else.

    Raises WriteFailed as ``put`` does.
    """
    target = real_path(os.fspath(path))
    with deferred(), io_reported(str(path)):
        with _work(target, patience):
            _check(path, target, before)
            os.unlink(target)
        with suppress(OSError):
            os.removedirs(os.path.dirname(target))


@contextmanager
def _work(target: str, patience: float) -> Iterator[str]:
    """Hold a folder for this run beside a file; it is gone afterwards."""
    folder, name = os.path.split(target)
    work = os.path.join(folder, f".{name}.mlops-spec")
    with workspace(work, patience):
        sweep(work)
        yield work


def _check(path: Path, target: str, before: bytes | None) -> None:
    if _content(target) != before:
        message = f"{path} was changed by someone else meanwhile; nothing was changed"
        raise refusal(CONFLICT, "MS159", message, "run again")


def _stage(staged: str, content: bytes, target: str) -> None:
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    with open(descriptor, "wb") as stream:
        stream.write(content)
        if os.path.lexists(target):
            os.fchmod(descriptor, stat.S_IMODE(os.lstat(target).st_mode))
        stream.flush()
        os.fsync(descriptor)


def _content(target: str) -> bytes | None:
    try:
        with open(target, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW)) as stream:
            return stream.read()
    except FileNotFoundError:
        return None
