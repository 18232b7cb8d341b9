"""How an environment does, as a table: in colour on a terminal, else as lines."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import click

from mlops_spec.cli.console import Console
from mlops_spec.report.standing import Cells, Standing, head, summary, table

_STYLES = {"=": "green", "~": "yellow", "+": "yellow", "…": "yellow", "?": "yellow", "!": "red"}


def print_table(console: Console, server: str, standing: Standing, *, everything: bool) -> None:
    """Print one environment."""
    click.echo(f"{standing.name}: {server}")
    for line in head(standing):
        click.echo(f"  {line}")
    rows = table(standing, everything=everything)
    if rows and console.on_terminal and find_spec("rich"):
        _print_grid(rows)
    else:
        for line in _lines(rows):
            click.echo(f"  {line}")
    others = len(standing.rows) - len(rows)
    click.echo(f"  {summary(standing)}{f'; {others} of them not shown' if others else ''}\n")


def _lines(rows: list[Cells]) -> list[str]:
    widths = [max(map(len, column), default=0) for column in zip(*rows)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def _print_grid(rows: list[Cells]) -> None:
    from rich.console import Console as Terminal
    from rich.text import Text

    from mlops_spec.cli.grid import grid

    cells = (
        (
            Text(f"  {row.sign}", _STYLES[row.sign]),
            Text(row.sync),
            Text(row.state),
            Text(row.path),
            Text(row.why, "dim"),
        )
        for row in rows
    )
    Terminal(file=sys.stdout).print(grid(cells))
