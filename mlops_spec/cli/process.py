"""The process around a command: signals, pipes that close, and the last resort for bugs of ours."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import NoReturn, TextIO

import click

from mlops_spec.cli import exits
from mlops_spec.cli.group import ASKED_BY_A_SHELL, commands

_DEBUG = "--debug"
EXTRAS = ("mlflow", "kubernetes")
"""Libraries that only some commands need; each is an extra of its own name."""


def prepare() -> None:
    """Make this process end at a SIGTERM as it does at Ctrl-C, cleaning up, and print the same bytes everywhere."""
    signal.signal(signal.SIGTERM, _end)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def run(given: Sequence[str]) -> int:
    """Run a command and return its exit code. Never raises for what a user, a signal or the system can cause."""
    debug = _DEBUG in given
    try:
        asked = os.environ.get(ASKED_BY_A_SHELL)
        code = _complete(asked) if asked else _invoke([word for word in given if word != _DEBUG])
        _flush(sys.stdout)
        return code
    except (KeyboardInterrupt, click.Abort):
        return exits.INTERRUPTED
    except ModuleNotFoundError as problem:
        return _extra_missing(problem.name) if problem.name in EXTRAS else _bug(problem, debug)
    except OSError as problem:
        return _output_failed(problem) if _is_of_output(problem) else _bug(problem, debug)
    except Exception as problem:
        return _bug(problem, debug)


def leave(code: int) -> NoReturn:
    """End this process at once: to free what it holds, object by object, would take as long as a tenth of a lint.

    When ``run`` has returned, nothing but this is left to do.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # ``run`` has said so already
            _flush(stream)
    os._exit(code)


def _invoke(arguments: list[str]) -> int:
    # Not click's main(), which takes a closed pipe for a failure of the command.
    try:
        with commands.make_context("mlops-spec", arguments) as context:
            result = commands.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    return result if isinstance(result, int) else exits.FINE


def _complete(instruction: str) -> int:
    from mlops_spec.cli.shell import answer

    return answer(instruction)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _flush(stream: TextIO | None) -> None:
    if stream is not None:  # as for a process that was started with a closed descriptor
        stream.flush()


def _is_of_output(problem: OSError) -> bool:
    """Tell what only printing can meet: files are read and written elsewhere, where such problems are diagnostics."""
    return isinstance(problem, BrokenPipeError) or problem.errno in (errno.ENOSPC, errno.EIO)


def _output_failed(problem: OSError) -> int:
    # What is still buffered would fail again when the interpreter ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(problem, BrokenPipeError):
        return exits.BROKEN_PIPE
    click.echo(f"error: the output cannot be written: {os.strerror(problem.errno or 0)}", err=True)
    return exits.IO


def _extra_missing(name: str | None) -> int:
    click.echo(f"error: this needs {name}, which is not installed: pip install 'mlops-spec[{name}]'", err=True)
    return exits.USAGE


def _bug(problem: Exception, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exception(problem)
    frame = problem.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}" if frame is not None else "unknown"
    click.echo(
        f"error: this is a bug in mlops-spec ({type(problem).__name__} at {where}); nothing was changed", err=True
    )
    again = "please report it to the maintainers of mlops-spec, with the spec if you may share it"
    click.echo(f"help: {again}" + ("" if debug else f"; {_DEBUG} prints the trace to add"), err=True)
    return exits.BUG
