"""``python -m benchmarks``: measure, and print tables in Markdown."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from benchmarks import kinds, profile, start, workspace
from benchmarks.measure import Failed, Stopwatch
from benchmarks.workload import contest

PARTS = ("start", "contest", "kinds", "workspace", "profile")
SIZES = (1, 10, 100, 1000)
_MEMORY = Path("/dev/shm")


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--models", "-n", multiple=True, type=click.IntRange(1), default=SIZES, show_default=True, metavar="N")
@click.option("--specs", multiple=True, type=click.IntRange(1), default=(200,), show_default=True, metavar="N")
@click.option("--rounds", default=11, show_default=True, help="How often each command is run; medians are printed.")
@click.option("--budget", default=60.0, show_default=True, help="CPU seconds after which a command rests.")
def main(parts: tuple[str, ...], models: tuple[int, ...], specs: tuple[int, ...], rounds: int, budget: float) -> None:
    """Measure PARTS, or all: how quickly commands start; the same work by other tools; our own kinds; many specs in one
    repository; a profile.

    Figures are CPU seconds, and good only as ratios within one run. Helm and Kustomize are built with `go`, or named by
    MLOPS_SPEC_HELM and MLOPS_SPEC_KUSTOMIZE; without them there is no comparison with them. For 1,000 models
    Kustomize takes minutes.
    """
    # Where there can be a folder in memory: who waits for a disk also pays for what others have written to it.
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        stopwatch = Stopwatch(Path(folder), rounds, budget)
        reports: dict[str, Callable[[], Iterator[str]]] = {
            "start": lambda: start.report(stopwatch),
            "contest": lambda: contest.report(stopwatch, models),
            "kinds": lambda: kinds.report(stopwatch, models),
            "workspace": lambda: workspace.report(stopwatch, specs),
            "profile": lambda: profile.report(stopwatch),
        }
        for part in parts or PARTS:
            click.echo(f"\n## {part}\n")
            try:
                for text in reports[part]():
                    click.echo(text)
            except Failed as problem:
                raise click.ClickException(str(problem)) from None


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
