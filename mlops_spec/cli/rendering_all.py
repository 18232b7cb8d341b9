"""``render`` of several specs: each into a folder of its own, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mlops_spec.cli import exits, many
from mlops_spec.cli.compiling import compile_located
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import NAME, SUFFIXES, Located
from mlops_spec.cli.rendering import STALE, checked, written
from mlops_spec.cli.selecting import Selection
from mlops_spec.cli.stop import Stopped
from mlops_spec.write import inventory


class Asked(NamedTuple):
    """What is done with each spec."""

    out: str
    environments: Sequence[str]
    check: bool
    allow_prune: bool
    crds: str | None


def render_all(console: Console, selection: Selection, since: str | None, asked: Asked) -> int:
    """Write the specs, or compare them with what is there, and say what became of each.

    Raises Stopped before anything is written where two would be written to one folder.
    """
    folders = many.folders(selection.specs, asked.out) if selection.many else dict.fromkeys(selection.specs, asked.out)
    chosen = many.choose(selection, since, asked.environments, asked.crds)

    def one(located: Located) -> many.Told:
        return _render(located, folders[located], asked)

    told = many.work(chosen.specs, one, console.form)
    many.report(console, told, err=True)
    results = [each.outcome for each in told if each.outcome is not None]
    data = [_data(each, folders[located]) for each, located in zip(told, chosen.specs)]
    # A folder that holds the specs themselves also holds what others were rendered to, each where its owner says.
    holds_specs = Path.cwd().is_relative_to(Path(asked.out).resolve())
    left = [*_left_over(asked.out)] if selection.many and not holds_specs else []
    console.result("\n".join(result.text for result in results if result.text), {"specs": data, "left_over": left})
    for result in results:
        if result.state == STALE:
            console.note(result.note)
    for folder in left:
        console.note(f"{folder} is left of a spec that is no more: delete it, or say where its spec is")
    worst = many.summary(console, told, chosen)
    return exits.FINDINGS if left and asked.check and not worst else worst


def _left_over(out: str, within: str = "") -> Iterator[str]:
    """Yield the folders below ``out`` that a spec was rendered to which is not there any more. None is ever deleted."""
    folder = os.path.join(out, within)
    inside = sorted(entry.name for entry in os.scandir(folder) if _is_folder(entry)) if os.path.isdir(folder) else []
    if any(os.path.isfile(os.path.join(folder, name, inventory.NAME)) for name in inside):
        specs = (os.path.join(within, NAME), *(f"{within}{end}" for end in SUFFIXES if within))
        if not any(map(os.path.isfile, specs)):
            yield folder
        return
    for name in inside:
        yield from _left_over(out, os.path.join(within, name))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")


def _render(located: Located, out: str, asked: Asked) -> many.Told:
    done = compile_located(located, asked.environments, asked.crds)
    if done.exit_code:
        return many.of(done)
    environments = many.known(done, asked.environments)
    try:
        if asked.check:
            outcome = checked(done, environments, out, f"{out}/")
            return many.of(done, outcome, exit_code=exits.FINDINGS if outcome.state == STALE else exits.FINE)
        return many.of(done, written(done, environments, out, asked.allow_prune))
    except Stopped as stop:
        return many.stopped_at(done, stop)


def _data(told: many.Told, out: str) -> dict[str, Any]:
    return {**many.as_data(told), "out": out, **(told.outcome.data if told.outcome is not None else {})}
