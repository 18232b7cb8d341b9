"""The product's real kinds: what a spec of N models costs, also per megabyte, for features make its output grow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import models
from benchmarks.measure import Command, Stopwatch
from benchmarks.start import MLOPS_SPEC
from benchmarks.table import figure, table


def report(stopwatch: Stopwatch, counts: Iterable[int]) -> Iterator[str]:
    """Measure ``render`` and ``lint`` at each size, and print what they cost."""
    rows = [_row(stopwatch, count) for count in sorted(counts)]
    yield table(("models", "objects", "MB", "render, CPU s", "s per MB", "peak MiB", "lint, CPU s"), rows)


def _row(stopwatch: Stopwatch, count: int) -> tuple[object, ...]:
    folder = stopwatch.folder / f"models-{count}"
    models.write(folder / "spec", count)
    render, lint = commands(folder)
    costs = stopwatch.measure([render, lint])
    files = list((folder / "out").rglob("*.yaml"))
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    per_megabyte = costs.cpu(render.name) / megabytes
    figures = (costs.cpu(render.name), per_megabyte, costs.peak(render.name), costs.cpu(lint.name))
    return (count, len(files), figure(megabytes), *map(figure, figures))


def commands(folder: Path) -> tuple[Command, Command]:
    """Return what renders and what lints the spec in ``folder``."""
    spec, out = str(folder / "spec"), folder / "out"
    render = Command("render", ((*MLOPS_SPEC, "render", spec, "--out", str(out)),), fresh=out)
    return render, Command("lint", ((*MLOPS_SPEC, "lint", spec),))
