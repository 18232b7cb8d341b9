"""A grid of cells on a terminal, a line each; it needs ``rich``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text


def grid(rows: Iterable[Sequence[Text | Spinner]]) -> Table:
    """Return a table without lines between; its last column alone is cut where the terminal ends."""
    table = Table.grid(padding=(0, 1))
    for row in rows:
        while len(table.columns) < len(row):
            table.add_column(no_wrap=len(table.columns) < len(row) - 1)
        if isinstance(row[-1], Text):
            row[-1].overflow, row[-1].no_wrap = "ellipsis", True
        table.add_row(*row)
    return table
