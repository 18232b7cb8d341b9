"""A command that runs in our place: it gets our signals, and who runs us gets its exit code."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from mlops_spec.runtime.program import Failed

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
_UNSTARTABLE, _ABSENT, _BY_SIGNAL = 126, 127, 128
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


@contextmanager
def stopping() -> Iterator[None]:
    """Raise Failed where a signal asks us to end, so that nothing is left half done.

    The kernel keeps such signals from the first process of a container that does not say what it does with them.
    """

    def stop(number: int, _: FrameType | None) -> None:
        raise Failed(f"stopped by {signal.Signals(number).name}", code=_BY_SIGNAL + number)

    with _handled(ENDING, stop):
        yield


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end, and return its exit code as a shell has it: 128 and the signal that ended it.

    Raises Failed where it cannot be started.
    """
    child: int | None = None
    early: list[int] = []

    def forward(number: int, _: FrameType | None) -> None:
        if child is None:
            early.append(number)
        else:
            with suppress(ProcessLookupError):
                os.kill(child, number)

    with _handled(SIGNALS, forward):
        try:
            child = os.posix_spawnp(command[0], list(command), environment, setsigdef=_IGNORED_BY_PYTHON)
        except FileNotFoundError:
            raise Failed(f"there is no command {command[0]}", code=_ABSENT) from None
        except (OSError, ValueError) as problem:
            raise Failed(f"the command {command[0]} cannot be started: {problem}", code=_UNSTARTABLE) from None
        for number in early:
            forward(number, None)
        return _ended(child)


def _ended(child: int) -> int:
    """Wait for a child; the first process of a container is also left the children of others."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else _BY_SIGNAL - code


@contextmanager
def _handled(signals: Sequence[signal.Signals], handler: Any) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in signals}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
