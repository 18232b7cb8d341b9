"""What processes cost: CPU seconds (user and system), peak memory and time, in turns so that noise hits all alike."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

CHECKOUT = Path(__file__).parent.parent
_CHILD = Path(__file__).parent / "child.py"
_INHERITED = ("PYTHON", "XDG_", "HELM_", "MLOPS_SPEC_")


class Failed(Exception):
    """A command of the benchmark did not end with 0."""


class Command(NamedTuple):
    """One or more processes that together do a piece of work; ``fresh`` is removed before each run."""

    name: str
    steps: tuple[tuple[str, ...], ...]
    fresh: Path | None = None


class Cost(NamedTuple):
    """CPU seconds, the most memory that any of the processes held, in MiB, and the seconds that passed."""

    cpu: float
    peak: float
    wall: float


class Costs(NamedTuple):
    """The costs of each command, round by round."""

    rounds: Mapping[str, Sequence[Cost]]

    def cpu(self, name: str) -> float:
        """Return the median of a command's CPU seconds."""
        return statistics.median(cost.cpu for cost in self.rounds[name])

    def peak(self, name: str) -> float:
        """Return the median of a command's peaks, in MiB."""
        return statistics.median(cost.peak for cost in self.rounds[name])

    def wall(self, name: str) -> float:
        """Return the median of the seconds that a command took."""
        return statistics.median(cost.wall for cost in self.rounds[name])

    def ratio_of_time(self, name: str, other: str) -> float:
        """Return how much longer a command takes than another: the median over the rounds in which both ran."""
        return statistics.median(a.wall / b.wall for a, b in zip(self.rounds[name], self.rounds[other]))

    def ratio(self, name: str, other: str) -> float:
        """Return how much more CPU a command takes than another: the median over the rounds in which both ran."""
        return statistics.median(a.cpu / b.cpu for a, b in zip(self.rounds[name], self.rounds[other]))


class Stopwatch:
    """Runs commands in ``folder``, with every cache below it and the product importable from the checkout.

    Each is run ``rounds`` times, but rests once it has used ``budget`` CPU seconds.
    """

    def __init__(self, folder: Path, rounds: int, budget: float) -> None:
        self.folder = folder
        self._rounds, self._budget = rounds, budget
        kept = {key: value for key, value in os.environ.items() if not key.startswith(_INHERITED)}
        self._environment = {
            **kept,
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }

    def measure(self, commands: Sequence[Command]) -> Costs:
        """Run all commands in turn, first once to fill caches. Raises Failed."""
        found: dict[str, list[Cost]] = {}
        for command in commands:
            first = self._run(command)
            found[command.name] = [first] if first.cpu > self._budget else []  # no cache matters to what is that slow
        for _ in range(self._rounds):
            for command in commands:
                costs = found[command.name]
                if sum(cost.cpu for cost in costs) < self._budget:
                    costs.append(self._run(command))
        return Costs(found)

    def output(self, step: Sequence[str]) -> str:
        """Return what a process prints on stdout. Raises Failed."""
        done = self._ended(step)
        if done.returncode:
            raise Failed(f"{' '.join(step)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def errors(self, step: Sequence[str]) -> str:
        """Return what a process prints on stderr."""
        return self._ended(step).stderr

    def _run(self, command: Command) -> Cost:
        print(".", end="", file=sys.stderr, flush=True)
        if command.fresh is not None:
            shutil.rmtree(command.fresh, ignore_errors=True)
        # The peak that the system reports of a process begins with that of its parent: so a small one stands between.
        words = [sys.executable, "-I", "-S", str(_CHILD)]
        costs = [Cost(*json.loads(self.output([*words, *step]))) for step in command.steps]
        cpu, wall = sum(cost.cpu for cost in costs), sum(cost.wall for cost in costs)
        return Cost(cpu, max(cost.peak for cost in costs), wall)

    def _ended(self, step: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(step, env=self._environment, cwd=self.folder, capture_output=True, text=True, check=False)
