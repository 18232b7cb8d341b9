"""Write one file of a user's own: whole or not at all, never through a symlink, never over what changed meanwhile."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from mlops_spec.write.exchange import make_durable
from mlops_spec.write.failure import CONFLICT, io_reported, refusal
from mlops_spec.write.folder import real_path
from mlops_spec.write.interrupt import deferred, stop_if_asked
from mlops_spec.write.workspace import PATIENCE, sweep, workspace


def put(path: Path, content: bytes, before: bytes | None, *, patience: float = PATIENCE) -> None:
    """Make the file ``path`` hold ``content`` in place of ``before``; None means that there must be no file yet.

    Raises WriteFailed where it holds something else by now, is a symlink, or cannot be written; a signal raises
    SystemExit. In each case it is as it was.
    """
    target = real_path(os.fspath(path))
    folder, name = os.path.split(target)
    work = os.path.join(folder, f".{name}.mlops-spec")
    with deferred(), io_reported(str(path)), workspace(work, patience):
        sweep(work)
        staged = os.path.join(work, "new")
        _stage(staged, content, target)
        stop_if_asked()
        if _content(target) != before:
            message = f"{path} was changed by someone else meanwhile; nothing was changed"
            raise refusal(CONFLICT, "MS159", message, "run again")
        os.rename(staged, target)
        make_durable([], folder)


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
