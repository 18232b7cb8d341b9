"""Why a command cannot go on: problems to print, and the exit code."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.diagnostic import Diagnostic, error


class Stopped(Exception):
    """Nothing was done; ``diagnostics`` say why."""

    def __init__(self, exit_code: int, diagnostics: Iterable[Diagnostic]) -> None:
        self.exit_code = exit_code
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))


def stopped(exit_code: int, code: str, message: str, hint: str) -> Stopped:
    """Make a stop that has one cause and stands nowhere in a spec."""
    return Stopped(exit_code, [error(code, message, None, "", hint)])
