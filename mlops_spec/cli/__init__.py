"""The command line: a command translates what was typed into a call of the compiler, and what came back into text."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that the process's arguments name, and end with its exit code."""
    from mlops_spec.cli.process import prepare, run

    prepare()
    raise SystemExit(run(sys.argv[1:]))
