"""The command line: a command translates what was typed into a call of the compiler, and what came back into text."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that the process's arguments name, and end with its exit code."""
    # A command makes many objects and little garbage: to look for it rarely saves a tenth of a lint, a third of a fmt.
    gc.set_threshold(50_000)
    from mlops_spec.cli.process import leave, prepare, run

    prepare()
    leave(run(sys.argv[1:]))
