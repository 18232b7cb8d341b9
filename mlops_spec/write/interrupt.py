"""Being stopped only where that is safe: signals wait until someone asks for them."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def deferred() -> Iterator[None]:
    """Hold SIGINT, SIGTERM and SIGHUP back within; what came meanwhile arrives at the end, when all is cleaned up."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _heeded())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def stop_if_asked() -> None:
    """Raise SystemExit (130, 143, 129) if a signal is waiting. Call it where nothing has been changed yet."""
    pending = signal.sigpending()
    if pending and (waiting := pending & _heeded()):
        raise SystemExit(128 + signal.sigwait(waiting))


def _heeded() -> set[signal.Signals]:
    return {number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN}
