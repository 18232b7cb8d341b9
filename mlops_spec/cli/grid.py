"""A grid of cells on a terminal, a line each; it needs ``rich``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text


def grid(rows: Iterable[Sequence[Text | Spinner]]) -> Table:
    """Return a table without lines between; its last column is cut where the terminal ends."""
    table = Table.grid(padding=(0, 1))
    for *cells, last in rows:
        if isinstance(last, Text):
            last.overflow, last.no_wrap = "ellipsis", True
        table.add_row(*cells, last)
    return table
