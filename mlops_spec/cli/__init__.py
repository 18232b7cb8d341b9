"""The command line: a command translates what was typed into a call of the compiler, and what came back into text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command that ``arguments`` (default: the process's own) name, and end with its exit code."""
    from mlops_spec.cli.process import run

    raise SystemExit(run(arguments))
