"""How far a command over many specs has come: a bar on a terminal, nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import TypeVar

Item = TypeVar("Item")


def shown(items: Iterable[Item], total: int, form: str) -> Iterator[Item]:
    """Yield the items, each counted on a bar; it needs ``rich``, and is gone at the end."""
    if form != "text" or not sys.stderr.isatty() or not find_spec("rich"):
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress

    # Refreshed by hand: a thread of its own would forbid to fork.
    progress = Progress(
        BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True, auto_refresh=False
    )
    with progress:
        task = progress.add_task("", total=total)
        for item in items:
            yield item
            progress.update(task, advance=1, refresh=True)
