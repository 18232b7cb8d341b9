"""``render`` of several specs: each into a folder of its own, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from mlops_spec.cli import exits, many
from mlops_spec.cli.compiling import compile_located
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.cli.rendering import STALE, checked, written
from mlops_spec.cli.selecting import Selection
from mlops_spec.cli.stop import Stopped


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
    console.result("\n".join(result.text for result in results if result.text), {"specs": data})
    for result in results:
        if result.state == STALE:
            console.note(result.note)
    return many.summary(console, told, chosen)


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
