"""What steps left in earlier runs, found again by all that it depends on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mlops_spec.backends.orchestrator.local import RUN, Word, put_in
from mlops_spec.blueprint import contract
from mlops_spec.live.local.folder import read, write
from mlops_spec.live.local.key import Parts, changes, key_of, parts_of
from mlops_spec.live.local.plan import Plan, Task, path_of
from mlops_spec.live.local.store import Content, Store, Unsuitable, content_of

Left = Mapping[tuple[str, str], Content]
"""What the steps of a run have left: (step, output)."""

ASKED = "asked for by --from"
ALWAYS = "it runs in every run"
MOVING = "it reads data that may have changed"


class Brought(NamedTuple):
    """Data from outside that a step is brought."""

    path: Path
    content: Content


class Known(NamedTuple):
    """What is known of a step before it runs.

    ``outputs`` is what it left before, where it need not run again; else ``why`` says why it runs. Without ``parts`` it
    is not remembered.
    """

    parts: Parts | None
    why: str
    outputs: Mapping[str, Content] | None
    brought: Mapping[str, Brought]


class Memory:
    """The results of one spec's steps."""

    def __init__(self, plan: Plan, store: Store) -> None:
        self.plan, self.store = plan, store

    def look(self, task: Task, left: Left, begun: Mapping[str, str]) -> Known:
        """Say what is known of a step, once those before it have ended. Raises Unsuitable where an input is missing."""
        brought = self._brought(task, begun)
        if task.program not in (None, contract.FETCH):
            return Known(None, ALWAYS, None, brought)
        moving = self.plan.moving(task)
        if moving is None:
            return Known(None, MOVING, None, brought)
        taken = {f"the data {name}": content_of(path).digest for name, path in moving.items()}
        for one in task.step.inputs:
            if one.artifact is not None:
                taken[f"the input {one.name}"] = _of(left, str(one.artifact.step), str(one.artifact.output)).digest
        taken |= {f"the input {name}": found.content.digest for name, found in brought.items()}
        for step, output in self.plan.by_uri(task):
            taken[f"the output {output} of {step}"] = _of(left, step, output).digest
        parts = parts_of(self.plan, task, taken)
        if task.name in self.plan.again:
            return Known(parts, ASKED, None, brought)
        found = self._outputs(task, parts)
        return Known(parts, changes(read(self._last(task)), parts) if found is None else "", found, brought)

    def remember(self, task: Task, parts: Parts, outputs: Mapping[str, Content]) -> None:
        """Write down what a step has left, all of which is kept."""
        said = {"parts": parts, "outputs": {name: content.as_json() for name, content in outputs.items()}}
        write(self._done(parts), json.dumps(said, indent=1, sort_keys=True).encode())
        write(self._last(task), json.dumps(parts, indent=1, sort_keys=True).encode())

    def _brought(self, task: Task, begun: Mapping[str, str]) -> dict[str, Brought]:
        found = {}
        for one in task.step.inputs:
            if one.artifact is None and one.uri is not None:
                path = path_of(put_in(one.uri, lambda word: _of_the_run(word, begun)), self.plan.folder.spec)
                if path is None:
                    raise Unsuitable(f"the input {one.name} is not on this machine")
                found[str(one.name)] = Brought(path, content_of(path))
        return found

    def _outputs(self, task: Task, parts: Parts) -> dict[str, Content] | None:
        said = read(self._done(parts))
        if not isinstance(said, dict):
            return None
        outputs = {name: Content(one["folder"], one["files"]) for name, one in said["outputs"].items()}
        whole = {str(output.name) for output in task.step.outputs} == outputs.keys()
        return outputs if whole and all(map(self.store.has, outputs.values())) else None

    def _done(self, parts: Parts) -> Path:
        return self.plan.folder.done / f"{key_of(parts)}.json"

    def _last(self, task: Task) -> Path:
        project, pipeline = self.plan.spec.project.name, str(self.plan.pipeline.address)
        return self.plan.folder.done / "last" / f"{project}.{pipeline}.{task.name}.json"


def _of(left: Left, step: str, output: str) -> Content:
    found = left.get((step, output))
    if found is None:
        raise Unsuitable(f"the output {output} of {step} is not there: the step did not run")
    return found


def _of_the_run(word: Word, begun: Mapping[str, str]) -> str:
    return begun["id"] if word.kind == RUN else begun[word.name]
