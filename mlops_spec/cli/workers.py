"""Work on many items in several processes: results in their order, as of one process, and none waited for in vain."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

Item = TypeVar("Item")
Result = TypeVar("Result")

LEAST = 16
"""Fewer items than these are done sooner by one process: a second one costs as much to start as it saves."""

_MOST = 8
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PATIENCE = 5  # seconds


class _Worker(NamedTuple):
    process: ForkProcess
    pipe: Connection


def processes(items: int) -> int:
    """Return how many processes to work in: one for each core that is ours, where there is enough to do.

    They are forked, for what is imported and compiled by then is theirs too, and so only on Linux, and only as long as
    no thread runs that might hold a lock.
    """
    if sys.platform != "linux" or items < LEAST or threading.active_count() > 1:
        return 1
    return min(len(os.sched_getaffinity(0)), _MOST)


def each(
    items: Sequence[Item], work: Callable[[Item], Result], ended: Callable[[Item, int], Result], count: int
) -> Iterator[Result]:
    """Yield what ``work`` returns for each item, in their order, from ``count`` processes.

    Where one is ended from outside, ``ended`` says with its exit code what there is instead, and another one goes on.
    Raises what ``work`` raises. All processes have ended when this is closed, whatever closes it.
    """
    if count < 2:
        yield from map(work, items)
        return
    pool = _Pool(work)
    try:
        yield from pool.run(items, ended, count)
    finally:
        pool.close()


class _Pool:
    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work
        self._workers: list[_Worker] = []

    def run(self, items: Sequence[Any], ended: Callable[[Any, int], Any], count: int) -> Iterator[Any]:
        from multiprocessing.connection import wait

        waiting, busy, done = deque(range(len(items))), dict[int, _Worker](), dict[int, Any]()
        free = deque(self._start() for _ in range(min(count, len(items))))
        for wanted in range(len(items)):
            while wanted not in done:
                while waiting and free:
                    worker = free.popleft()
                    busy[number := waiting.popleft()] = worker
                    with suppress(OSError):  # it has been ended, which is seen below
                        worker.pipe.send(items[number])
                ready = wait([worker.pipe for worker in busy.values()])
                for number, worker in [(n, worker) for n, worker in busy.items() if worker.pipe in ready]:
                    del busy[number]
                    try:
                        fine, result = worker.pipe.recv()
                    except (EOFError, OSError):
                        done[number] = ended(items[number], self._end(worker))
                        if waiting:
                            free.append(self._start())
                        continue
                    if not fine:
                        raise result
                    done[number] = result
                    free.append(worker)
            yield done.pop(wanted)

    def close(self) -> None:
        """End all processes; one that does not clean up in time is killed, and what it wrote is whole all the same."""
        with _unsignalled():
            for worker in self._workers:
                worker.process.terminate()
            for worker in [*self._workers]:
                self._end(worker)

    def _start(self) -> _Worker:
        from multiprocessing import Pipe, get_context

        ours, theirs = Pipe()
        inherited = [*(worker.pipe for worker in self._workers), ours]
        with _unsignalled() as before:
            serving = (self._work, theirs, inherited, before)
            process = get_context("fork").Process(target=_serve, args=serving, daemon=True)
            process.start()
            theirs.close()
            self._workers.append(_Worker(process, ours))
        return self._workers[-1]

    def _end(self, worker: _Worker) -> int:
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join(_PATIENCE)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        return worker.process.exitcode or 0


@contextmanager
def _unsignalled() -> Iterator[set[signal.Signals]]:
    """Hold signals back that would part a process from who knows of it; give the signals that are held back anyway."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield {signal.Signals(number) for number in before}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(
    work: Callable[[Any], Any], pipe: Connection, inherited: Sequence[Connection], held: set[signal.Signals]
) -> None:
    """Work until the other end of ``pipe`` is closed, as it is when the process there ends in whatever way."""
    # A terminal's Ctrl-C reaches all: the process that knows of the others ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, held)
    for other in inherited:  # or that end would be open here, and in no process anything would be seen to end
        other.close()
    try:
        while True:
            item = pipe.recv()
            try:
                found = True, work(item)
            except Exception as problem:
                found = False, problem
            pipe.send(found)
    except (EOFError, OSError):
        pass
