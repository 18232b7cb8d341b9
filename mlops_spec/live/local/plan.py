"""One run, before it begins: what each step of the pipeline runs in, what it may not do without, and where it lies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from mlops_spec.address import parse
from mlops_spec.backends.orchestrator.local import Word, parts
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.types import Pipeline, Step, Variable
from mlops_spec.live.local.environment import Failed, Wanted, at_hand, interpreter, wanted
from mlops_spec.live.local.folder import Folder
from mlops_spec.model.images import Image
from mlops_spec.model.pipelines import Step as Said
from mlops_spec.model.spec import Spec

_MOVING = (None, "per-run")


class Task(NamedTuple):
    """A step: what runs it is a program of ours, or a command in an environment."""

    step: Step
    program: str | None
    wanted: Wanted | None
    image: str
    said: Said | None

    @property
    def name(self) -> str:
        """What it is called in the run."""
        return str(self.step.name)

    @property
    def texts(self) -> Iterator[str]:
        """Everything that it is told, in which run-time values stand."""
        yield from self.step.workload.command
        yield from (variable.value or "" for variable in self.step.workload.env)
        yield from (one.content for one in self.step.inputs if one.content)

    @property
    def variables(self) -> Mapping[str, Variable]:
        """Its variables by name; the last one counts."""
        return {str(variable.name): variable for variable in self.step.workload.env}


class Plan(NamedTuple):
    """A run of a pipeline; ``again`` are the steps that run whatever is known of them, ``end`` is the one after all.

    ``recorded_elsewhere``: by a tracking server that is not of this machine.
    """

    spec: Spec
    pipeline: Pipeline
    folder: Folder
    parameters: Mapping[str, str]
    tasks: Mapping[str, Task]
    end: Task | None
    again: frozenset[str]
    warnings: tuple[str, ...]
    recorded_elsewhere: bool = False

    def environments(self) -> dict[Path, Wanted]:
        """Return the environments that have to be made, by their folders."""
        found = (task.wanted for task in self.tasks.values() if task.wanted and not task.wanted.made)
        return {one.folder: one for one in found if one.folder}

    def secrets(self) -> list[tuple[str, str]]:
        """Return the keys of secrets that steps are given."""
        held = (variable.secret for task in self.tasks.values() for variable in task.variables.values())
        return [(str(secret.name), str(secret.key)) for secret in held if secret]

    def moving(self, task: Task) -> dict[str, Path] | None:
        """Return the files and folders that a step reads by their URIs and that may change; None where nobody knows.

        Data that is pinned does not change, and neither does what this run makes.
        """
        if task.program == contract.FETCH:
            told = json.loads(task.step.workload.command[2])
            return {} if all(one.get("version") not in _MOVING for one in told["inputs"]) else None
        found: dict[str, Path] = {}
        for name, given in (task.said.inputs if task.said else {}).items():
            at = parse(given.from_)
            if at[0] != "datasets" or given.as_ != "uri":
                continue
            dataset = self.spec.datasets[at[1]]
            if dataset.version in _MOVING:
                path = None if "${{" in dataset.uri else path_of(dataset.uri, self.folder.spec)
                if path is None:
                    return None
                found[name] = path
        return found

    def by_uri(self, task: Task) -> Iterator[tuple[str, str]]:
        """Yield the steps and outputs of which a step is told the URI."""
        texts = [*task.texts]
        for other in self.tasks.values():
            for output in other.step.outputs:
                if output.uri and any(output.uri in text for text in texts):
                    yield other.name, str(output.name)


def plan(
    spec: Spec,
    pipeline: Pipeline,
    folder: Folder,
    parameters: Mapping[str, str],
    again: str | None,
    pins: Mapping[str, str],
) -> Plan:
    """Work out a run. From the step ``again`` on all run again; ``pins`` are digests of images. Raises Failed."""
    defaults = {str(parameter.name): parameter.value for parameter in pipeline.parameters}
    environments, warnings = _environments(spec, pipeline, folder, pins)
    steps = spec.pipelines[parse(pipeline.address)[1]].steps
    tasks: dict[str, Task] = {}
    for step in pipeline.steps:
        workload = step.workload
        if workload.image == workload.command[0] == contract.RUNTIME:
            tasks[str(step.name)] = _ours(step)
        else:
            said = steps[parse(step.address)[3]]
            tasks[str(step.name)] = Task(step, None, environments[workload.image], workload.image, said)
    end = _ours(pipeline.end) if pipeline.end else None
    forced = _from(pipeline, again) if again else frozenset()
    return Plan(spec, pipeline, folder, {**defaults, **parameters}, tasks, end, forced, tuple(warnings))


def path_of(uri: str, root: Path) -> Path | None:
    """Return the path of a ``file:`` URI, a relative one below ``root``; None for other URIs."""
    split = urlsplit(uri)
    return root / unquote(split.path) if split.scheme == "file" and split.netloc in ("", "localhost") else None


def words(text: str) -> Iterator[Word]:
    """Yield the run-time values of a text."""
    return (part for part in parts(text) if isinstance(part, Word))


def _ours(step: Step) -> Task:
    return Task(step, step.workload.command[1], None, step.workload.image, None)


def _environments(
    spec: Spec, pipeline: Pipeline, folder: Folder, pins: Mapping[str, str]
) -> tuple[dict[str, Wanted], list[str]]:
    """Return what each image of the pipeline's steps becomes, and what is to be said of it. Raises Failed."""
    built = {text: image for image in spec.images.values() for text in _written(image, pins)}
    found: dict[str, Wanted] = {}
    warnings = []
    for image in dict.fromkeys(step.workload.image for step in pipeline.steps):
        build = built[image].build if image in built else None
        if build is None:
            found[image] = at_hand()
            if image != contract.RUNTIME:
                warnings.append(f"the image {image} has no build: its steps run in the interpreter at hand")
            continue
        python, version = interpreter(build.python)
        if not (version == build.python or version.startswith(f"{build.python}.")):
            warnings.append(
                f"images.{built[image].name} has Python {build.python}, which is not here: it runs in {version}"
            )
        try:
            found[image] = wanted(folder, build, python, version)
        except Failed as problem:
            raise Failed(f"images.{built[image].name}: {problem}") from None
    return found, warnings


def _written(image: Image, pins: Mapping[str, str]) -> Iterator[str]:
    """Yield what steps call an image: as the lock pins it, else by its tag."""
    if image.name in pins:
        yield f"{image.repository}@{pins[image.name]}"
    yield image.repository if image.tag is None else f"{image.repository}:{image.tag}"


def _from(pipeline: Pipeline, step: str) -> frozenset[str]:
    """Return a step of the spec, as many as it became, and all that wait for it."""
    at = f"{pipeline.address}.steps.{step}"
    found = {str(one.name) for one in pipeline.steps if one.address == at}
    while True:
        more = {str(one.name) for one in pipeline.steps if found & set(map(str, one.after))} - found
        if not more:
            return frozenset(found)
        found |= more
