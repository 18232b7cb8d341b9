"""Why nothing was written: an exit code, and one diagnostic for each cause."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from mlops_spec.diagnostic import Diagnostic, error

DRIFT = 1
USAGE = 2
IO = 5
CONFLICT = 6

_HINTS = {
    errno.ENOSPC: "free some space, then run again",
    errno.EDQUOT: "free some of your quota, then run again",
    errno.ENOENT: "choose an output folder where folders can be made",
    errno.ENOTDIR: "name a folder, or one that does not exist yet",
    errno.EROFS: "choose an output folder that can be written to",
    errno.EACCES: "choose an output folder that you may write to",
    errno.EPERM: "choose an output folder that you may write to",
}


class WriteFailed(Exception):
    """Output, HEAD and index are as they were; ``exit_code`` is 1 (drift), 2 (usage), 5 (I/O) or 6 (conflict)."""

    def __init__(self, exit_code: int, diagnostics: Iterable[Diagnostic]) -> None:
        self.exit_code = exit_code
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))


def refusal(exit_code: int, code: str, message: str, hint: str) -> WriteFailed:
    """Make a failure that has one cause."""
    return WriteFailed(exit_code, [error(code, message, None, "", hint)])


@contextmanager
def io_reported(what: str) -> Iterator[None]:
    """Turn what the file system refuses into ``WriteFailed``; ``what`` is the thing that was being written."""
    try:
        yield
    except OSError as problem:
        reason = os.strerror(problem.errno) if problem.errno else str(problem)
        hint = _HINTS.get(problem.errno or 0, "mend that, then run again")
        raise refusal(IO, "MS155", f"{what} cannot be written: {reason}; nothing was changed", hint) from problem
