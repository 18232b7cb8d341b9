"""What users wait for: commands that do little, in multiples of the start of Python itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.measure import CHECKOUT, Command, Stopwatch
from benchmarks.table import Goal, figure, table

PASS = Command("python -c pass", ((sys.executable, "-c", "pass"),))
MLOPS_SPEC = (sys.executable, "-c", "from mlops_spec.cli import main; main()")
"""What the installed ``mlops-spec`` does."""

_EXAMPLES = CHECKOUT / "examples"
_START, _LINT = Goal(4.5), Goal(5)
_MEASURED = {
    "--version": (("--version",), _START),
    "--help": (("--help",), _START),
    "completion bash": (("completion", "bash"), _START),
    "lint examples/minimal, 10 lines": (("lint", str(_EXAMPLES / "minimal")), _LINT),
    "lint examples/churn, 200 lines": (("lint", str(_EXAMPLES / "churn")), _LINT),
}


def report(stopwatch: Stopwatch) -> Iterator[str]:
    """Measure, and print a table."""
    commands = [Command(name, ((*MLOPS_SPEC, *words),)) for name, (words, _) in _MEASURED.items()]
    costs = stopwatch.measure([PASS, *commands])
    yield f"`{PASS.name}` takes {figure(1000 * costs.cpu(PASS.name))} ms.\n"
    rows = []
    for name, (_, goal) in _MEASURED.items():
        ratio = costs.ratio(name, PASS.name)
        rows.append((f"`{name}`", figure(1000 * costs.cpu(name)), figure(ratio), *goal.said(ratio)))
    yield table(("command", "CPU ms", "in starts of Python", "goal", ""), rows)
