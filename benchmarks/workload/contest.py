"""The same work by all: N services, six objects each, in two environments. All must make the same objects.

Who prints is compared with the product as it prints, and who writes files with the product as it writes them.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from benchmarks import tools
from benchmarks.measure import Command, Costs, Failed, Stopwatch
from benchmarks.table import Goal, figure, table
from benchmarks.workload import inputs

PRODUCT, PRINTED, LOWER = "mlops-spec", "mlops-spec, printed", "lower"
_AGAINST = {
    ("helm", 100): Goal(3, is_least=True),
    ("kustomize", 100): Goal(25, is_least=True),
    ("kustomize", 1000): Goal(400, is_least=True),
}
_AGAINST_LOWER = {1: Goal(1.15), 100: Goal(0.85), 1000: Goal(0.5)}
_GROWTH, _PEAK = Goal(6), Goal(64)


def report(stopwatch: Stopwatch, counts: Iterable[int]) -> Iterator[str]:
    """Measure every tool that there is at each size, and print what it costs and how that compares."""
    found = tools.find()
    contestants = {count: _contestants(stopwatch, found, count) for count in sorted(counts)}
    _compare(stopwatch, next(iter(contestants.values())))
    costs = {count: stopwatch.measure(commands) for count, commands in contestants.items()}
    cells = (
        (name, *(f"{figure(c.cpu(name))} s, {c.peak(name):.0f} MiB" for c in costs.values()))
        for name in (PRODUCT, PRINTED, LOWER, *found)
    )
    yield table(("tool", *(f"N={count}" for count in costs)), cells)
    yield table(("measure", "ratio", "goal", ""), _compared(costs, found))


def _contestants(stopwatch: Stopwatch, found: dict[str, str], count: int) -> list[Command]:
    folder = stopwatch.folder / f"fleet-{count}"
    inputs.write(folder, count)
    product, lower = _own(folder, "product", folder / PRODUCT), _own(folder, "lower", folder / LOWER)
    stopwatch.output(product.steps[0])
    inputs.write_kustomize(folder / "kustomize", folder / PRODUCT / "dev", count)
    arguments = {"helm": _template, "kustomize": _build}
    others = [Command(name, tuple((tool, *words) for words in arguments[name](folder))) for name, tool in found.items()]
    return [product, _own(folder, "product", None), lower, *others]


def _own(folder: Path, script: str, out: Path | None) -> Command:
    """Run one of our own scripts; without a folder to write to it prints."""
    cache = folder.parent / "cache" / script
    words = ("-m", f"benchmarks.workload.{script}", str(folder / inputs.SPEC), str(out or "-"), str(cache))
    return Command(out.name if out else PRINTED, ((sys.executable, *words),), fresh=out)


def _template(folder: Path) -> Iterator[tuple[str, ...]]:
    chart = folder / "chart"
    for name in inputs.ENVIRONMENTS:
        values = str(chart / f"{name}.yaml")
        yield "template", "fleet", str(chart), "--namespace", inputs.namespace(name), "--values", values


def _build(folder: Path) -> Iterator[tuple[str, ...]]:
    for name in inputs.ENVIRONMENTS:
        yield "build", str(folder / "kustomize" / name)


def _compare(stopwatch: Stopwatch, contestants: Iterable[Command]) -> None:
    """See that all print the same objects. Raises Failed."""
    made = {command.name: _objects(stopwatch, command) for command in contestants}
    differing = [name for name, objects in made.items() if objects != made[PRODUCT]]
    if differing:
        raise Failed(f"{', '.join(differing)}: not the objects that {PRODUCT} makes")


def _objects(stopwatch: Stopwatch, command: Command) -> dict[tuple[str, str, str], object]:
    if command.fresh is not None:
        shutil.rmtree(command.fresh, ignore_errors=True)
    printed = [stopwatch.output(step) for step in command.steps]
    if command.fresh is not None:
        printed = [path.read_text() for path in command.fresh.rglob("*.yaml")]
    documents = [d for text in printed for d in yaml.load_all(text, yaml.CSafeLoader)]
    return {(d["kind"], d["metadata"]["namespace"], d["metadata"]["name"]): d for d in documents}


def _compared(costs: dict[int, Costs], found: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    for count, measured in costs.items():
        for name in found:
            ratio = measured.ratio(name, PRINTED)
            yield _row(f"{name} / {PRINTED}, N={count}", ratio, _AGAINST.get((name, count)))
        yield _row(f"{PRODUCT} / {LOWER}, N={count}", measured.ratio(PRODUCT, LOWER), _AGAINST_LOWER.get(count))
    if {100, 1000} <= costs.keys():
        for name in (PRODUCT, PRINTED, LOWER, *found):
            growth = costs[1000].cpu(name) / costs[100].cpu(name)
            yield _row(f"{name}, N=1000 / N=100", growth, _GROWTH if name in (PRODUCT, PRINTED) else None)
        yield _row(f"{PRODUCT}, peak MiB at N=1000", costs[1000].peak(PRODUCT), _PEAK)


def _row(measure: str, ratio: float, goal: Goal | None) -> tuple[str, str, str, str]:
    return (measure, figure(ratio), *(goal.said(ratio) if goal else ("", "")))
