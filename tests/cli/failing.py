"""Run a command again and again, each time with a disk that is full at a later step of it. Run as a program.

``failing.py ARGUMENTS…`` forks for each step: in the child the k-th file that is opened for writing, folder that is made
or name that is changed finds no room. It prints a line for each, as JSON: how the command ended, and what the shell
command ``CHECK`` then prints. The last is the run that never came to its step.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import subprocess
import sys
from typing import Any

from mlops_spec.cli.process import run

EVENTS = ("os.mkdir", "os.rename", "os.link", "os.symlink", "os.truncate")


def fail_at(step: int, reached: mmap.mmap) -> None:
    """Let the ``step``-th change of the file system fail in this process, and tell when it comes."""
    left = step

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        opened = event == "open" and isinstance(arguments[0], str)  # pipes have numbers
        writes = opened and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        there = event == "os.mkdir" and os.path.lexists(arguments[0])
        if (event in EVENTS and not there) or writes:
            left -= 1
            if left == 0:
                reached[0] = 1
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sys.addaudithook(refuse)


def ended(step: int, arguments: list[str], reached: mmap.mmap) -> int:
    """Run the command in a fork; return how it ended."""
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        fail_at(step, reached)
        os._exit(run(arguments))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    step, reached = 0, mmap.mmap(-1, 1)
    while step == 0 or reached[0]:
        step, reached[0] = step + 1, 0
        code = ended(step, sys.argv[1:], reached)
        left = subprocess.run(os.environ["CHECK"], shell=True, capture_output=True, text=True, check=False).stdout
        print(json.dumps([code, left]), flush=True)
