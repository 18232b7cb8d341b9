"""Run a command again and again, each time stopped at a later step of it. Run as a program.

``step_by_step.py (full|killed) ARGUMENTS…`` forks for each step. From the first thing that the command changes on, the
child counts the files that it opens for writing, the folders that it makes, the names that it changes, takes away or
looks through, and the programs that it starts. At the k-th there is no room on the disk, or the process is killed. It
prints a line for each, as JSON: how the command ended, and what the shell command ``CHECK`` then prints. The shell
command ``BEFORE`` comes before each; both know the step as ``$STEP``. Only every ``STRIDE``-th step is tried, and with
``AGAIN`` the command is run once more after each, to its end. The last line is of the run that never came to its step.
"""

from __future__ import annotations

import errno
import importlib
import json
import mmap
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from mlops_spec.cli.process import run

ROOM = ("os.mkdir", "os.rename", "os.link", "os.symlink", "os.truncate")
"""What needs room on the disk."""
ANY = (*ROOM, "os.remove", "os.rmdir", "os.scandir", "subprocess.Popen", "ctypes.dlsym")
"""What there may be a kill before: the last is how names are exchanged."""


def refuse() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


ENDS: dict[str, tuple[tuple[str, ...], Callable[[], None]]] = {"full": (ROOM, refuse), "killed": (ANY, die)}


def end_at(step: int, how: str, reached: mmap.mmap) -> None:
    """End this process in one of the ways when it comes to its ``step``-th change, and tell when it does."""
    events, end = ENDS[how]
    left, changed = step, False

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left, changed
        opened = event == "open" and isinstance(arguments[0], str)  # pipes have numbers
        writes = opened and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        there = event == "os.mkdir" and os.path.lexists(arguments[0])
        changed = changed or bool(writes) or (event in ROOM and not there)
        if changed and ((event in events and not there) or writes):
            left -= 1
            if left == 0:
                reached[0] = 1
                end()

    sys.addaudithook(count)


def ended(arguments: list[str], prepare: Callable[[], None]) -> int:
    """Run the command in a fork; return how it ended."""
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        prepare()
        os._exit(run(arguments))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def shell(name: str, step: int) -> str:
    """Run the command that an environment variable holds; return what it prints."""
    environment = {**os.environ, "STEP": str(step)}
    command = os.environ.get(name, "")
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def main(how: str, arguments: list[str]) -> None:
    """Try every step, or every so many."""
    # What every child would import, compile and keep, and would never come to changing anything for.
    for module in ("rendering", "publishing", arguments[0]):
        importlib.import_module(f"mlops_spec.cli.{module}")
    with open(os.devnull, "w") as null, redirect_stdout(null), redirect_stderr(null):
        run(["lint"])
    step, stride, reached = 1, int(os.environ.get("STRIDE", "1")), mmap.mmap(-1, 1)
    while True:
        reached[0] = 0
        shell("BEFORE", step)
        code = ended(arguments, lambda step=step: end_at(step, how, reached))  # type: ignore[misc]
        if reached[0] and "AGAIN" in os.environ:
            assert ended(arguments, lambda: None) == 0
        print(json.dumps([code, shell("CHECK", step)]), flush=True)
        if not reached[0]:
            return
        step += stride


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
