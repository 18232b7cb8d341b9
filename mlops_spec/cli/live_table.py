"""The steps of a run as a table that changes while they run; it needs ``rich`` and a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from mlops_spec.cli.grid import grid
from mlops_spec.live.local import event
from mlops_spec.live.local.event import Event

_STYLES = {
    event.DONE: ("✓", "green"),
    event.UNCHANGED: ("=", "dim"),
    event.LEFT_OUT: ("-", "dim"),
    event.FAILED: ("✗", "red"),
    event.NOT_RUN: ("■", "yellow"),
}


class LiveTable:
    """One line for each step, in their order."""

    def __init__(self, steps: list[str]) -> None:
        self._console = Console()
        self._rows: dict[str, tuple[Text | Spinner, str]] = {step: (Text("·", "dim"), "") for step in steps}
        self._live = Live(self._table(), console=self._console, refresh_per_second=8)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, problem, trace)

    def show(self, happened: Event) -> None:
        """Change the line of the step that something happened to."""
        if happened.step not in self._rows:
            return
        sign, style = _STYLES.get(happened.kind, ("", ""))
        why = str(happened.said.get("why") or "")
        if happened.kind == event.RETRY:
            why = f"again in {happened.said['seconds']}s: {why}"
        self._rows[happened.step] = (Text(sign, style) if sign else Spinner("dots"), why)
        self._live.update(self._table())

    def print(self, text: str) -> None:
        """Print a line above the table, as it is."""
        self._console.print(Text(text))

    def _table(self) -> Table:
        return grid((sign, Text(step), Text(why, "dim")) for step, (sign, why) in self._rows.items())
