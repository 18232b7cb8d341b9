"""Commands as processes, each with what it starts in a group of its own that ends with it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

GRACE = 30.0
"""How long (seconds) a command that is told to end may take, as Kubernetes has it."""

NOT_EXECUTABLE, NOT_FOUND = 126, 127


class Ended(NamedTuple):
    """How a command ended: 128 and the signal's number where one ended it; ``late``: its time was up."""

    code: int
    late: bool = False


class Stopped(Exception):
    """The run is being stopped, so nothing new starts."""


class Processes:
    """The commands that are running; ``stop`` ends all of them."""

    def __init__(self) -> None:
        self.stopping = False
        self._running: set[int] = set()

    async def run(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: BinaryIO, timeout: float | None
    ) -> Ended:
        """Run a command to its end; whatever it prints goes to ``log``. Raises Stopped."""
        if self.stopping:
            raise Stopped()
        try:
            process = await asyncio.create_subprocess_exec(
                *command, env=environment, cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        except FileNotFoundError:
            return _not_run(log, command, "is not there", NOT_FOUND)
        except (PermissionError, OSError) as problem:
            return _not_run(log, command, os.strerror(problem.errno or 0), NOT_EXECUTABLE)
        self._running.add(process.pid)
        late = False
        try:
            if self.stopping:  # while it was started
                _signal(process.pid, signal.SIGTERM)
            late = not await _ends(process, timeout)
            if late:
                _signal(process.pid, signal.SIGTERM)
                await _ends(process, GRACE)
        finally:
            # As a container does: what the command left behind ends with it.
            _signal(process.pid, signal.SIGKILL)
            code = await process.wait()
            self._running.discard(process.pid)
        if self.stopping:
            raise Stopped()
        return Ended(128 - code if code < 0 else code, late)

    def stop(self, *, hard: bool = False) -> None:
        """Tell all commands to end, or end them; nothing new starts."""
        self.stopping = True
        for group in self._running:
            _signal(group, signal.SIGKILL if hard else signal.SIGTERM)


async def _ends(process: asyncio.subprocess.Process, timeout: float | None) -> bool:
    """Wait for the end; return whether it came in time."""
    try:
        await asyncio.wait_for(process.wait(), timeout)
    except TimeoutError:
        return False
    return True


def _signal(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _not_run(log: BinaryIO, command: Sequence[str], why: str, code: int) -> Ended:
    log.write(f"{command[0]}: {why}\n".encode(errors="backslashreplace"))
    log.flush()
    return Ended(code)
