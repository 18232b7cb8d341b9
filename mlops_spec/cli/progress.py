"""What a run does, while it does it: lines for people, a table that changes on a terminal, or lines of JSON."""

from __future__ import annotations

import json
import sys
from collections import Counter
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from mlops_spec.cli import exits
from mlops_spec.cli.console import Console
from mlops_spec.cli.locate import Located
from mlops_spec.live.local import event
from mlops_spec.live.local.event import Event
from mlops_spec.live.local.folder import NAME
from mlops_spec.live.local.memory import ASKED, Memory
from mlops_spec.live.local.plan import Plan
from mlops_spec.live.local.run import Outcome
from mlops_spec.live.local.store import Content, Store, Unsuitable

if TYPE_CHECKING:
    from mlops_spec.cli.live_table import LiveTable

_WORDS = {event.DONE: "ran", event.UNCHANGED: "unchanged", event.LEFT_OUT: "left out", event.FAILED: "failed"}


class Shown:
    """Prints what happens in one run."""

    def __init__(self, console: Console, located: Located, plan: Plan) -> None:
        self.console, self.located, self.plan = console, located, plan
        self.pipeline = str(plan.pipeline.address).partition(".")[2]
        self.table: LiveTable | None = None

    def __enter__(self) -> Self:
        if self.console.form == "text" and sys.stdout.isatty() and find_spec("rich"):
            from mlops_spec.cli.live_table import LiveTable

            self.table = LiveTable([*self.plan.tasks]).__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.table is not None:
            self.table.__exit__(kind, problem, trace)

    def begin(self, run: str) -> None:
        """Say which run it is."""
        self._json(Event(event.RUN, "", {"run": run, "pipeline": self.pipeline, "steps": [*self.plan.tasks]}))

    def event(self, happened: Event) -> None:
        """Show one thing that happened."""
        self._json(happened)
        if self.table is not None:
            self.table.show(happened)
        for line in self._lines(happened):
            self._line(line, always=happened.kind in (event.FAILED, event.ENVIRONMENT))

    def end(self, outcome: Outcome) -> None:
        """Say how it ended."""
        counts = Counter(_WORDS.get(end, "did not run") for end in outcome.steps.values())
        how = (
            "done"
            if outcome.well
            else "stopped"
            if outcome.stopped
            else "its time was up"
            if outcome.late
            else "failed"
        )
        listed = ", ".join(f"{count} {word}" for word, count in counts.items())
        self._json(Event(event.END, "", {"how": how, "steps": dict(outcome.steps)}))
        self._line(f"{self.pipeline}: {how}: {listed}", always=True)

    def _json(self, happened: Event) -> None:
        if self.console.form == "json":
            step = {"step": happened.step} if happened.step else {}
            click.echo(json.dumps({"event": happened.kind, **step, **happened.said}))

    def _line(self, text: str, *, always: bool = False) -> None:
        if self.console.form != "text":
            return
        if self.table is None:
            click.echo(text)
        elif always:
            self.table.print(text)

    def _lines(self, happened: Event) -> list[str]:
        step, said = happened.step, happened.said
        if happened.kind == event.ENVIRONMENT:
            return [f"making an environment of {self.located.shown(said['requirements'])}"]
        if happened.kind == event.FAILED:
            log = [f"{step}: its log is {self.located.shown(f'{NAME}/runs/latest/{step}.log')}"] if said["log"] else []
            return [f"{step}: failed: {said['why']}", *(f"  | {line}" for line in said["lines"]), *log]
        told = {
            event.START: f"{step}: runs: {said.get('why')}",
            event.UNCHANGED: f"{step}: unchanged",
            event.LEFT_OUT: f"{step}: left out: {said.get('why')}",
            event.RETRY: f"{step}: tries again in {said.get('seconds')}s: {said.get('why')}",
            event.DONE: f"{step}: done",
            event.NOT_RUN: f"{step}: stopped",
        }
        return [told[happened.kind]]


def preview(console: Console, plan: Plan) -> int:
    """Print what would be made, and which steps would run, as far as that is known before they do."""
    memory, left = Memory(plan, Store(plan.folder.store)), dict[tuple[str, str], Content]()
    made = [
        str(one.requirements.relative_to(plan.folder.spec)) for one in plan.environments().values() if one.requirements
    ]
    steps: dict[str, str] = {}
    for name, task in plan.tasks.items():
        when = task.step.when
        if when is not None and plan.parameters[str(when.parameter)] != when.value:
            steps[name] = f"left out: {when.parameter} is not {when.value}"
            continue
        waits = [str(one.artifact.step) for one in task.step.inputs if one.artifact]
        unknown = [
            step
            for step in (*waits, *(step for step, _ in plan.by_uri(task)))
            if (step not in steps) or steps[step].startswith("runs")
        ]
        try:
            known = memory.look(task, left, {}) if not unknown else None
        except (Unsuitable, OSError, KeyError) as problem:
            steps[name] = f"runs: {problem}"
            continue
        if known is not None and known.outputs is not None:
            left |= {(name, output): content for output, content in known.outputs.items()}
        steps[name] = _would(
            plan, name, known.why if known else None, unknown, bool(known and known.outputs is not None)
        )
    lines = [*(f"would make an environment of {path}" for path in made), *(f"{n}: {said}" for n, said in steps.items())]
    console.result("\n".join(lines), {"environments": made, "steps": steps})
    return exits.FINE


def _would(plan: Plan, name: str, why: str | None, unknown: list[str], unchanged: bool) -> str:
    if unchanged:
        return "unchanged"
    if why is not None:
        return f"runs: {why}"
    return f"runs: {ASKED}" if name in plan.again else f"runs if {unknown[0]} leaves anything else than before"
