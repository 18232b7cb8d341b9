"""The plain graph of a pipeline: what every orchestrator is to be told, in words that belong to none.

``blueprint`` compiles a spec for an orchestrator whose words are marks that no text can hold, and which is otherwise
like the real one (what it moves, keeps, loops). ``from_pipeline`` makes the graph of such a blueprint. A reader of each
orchestrator makes it of rendered text; both must be the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from mlops_spec.blueprint.types import Compute, Output, Pipeline, Reference, Step, Workload
from mlops_spec.language.text import Name


@dataclass(frozen=True)
class Wire:
    """A value that is known only at run time.

    ``kind`` is ``parameter``, ``run`` (the orchestrator's id), ``begin`` (an output of that step), ``item``, ``due`` and
    ``started`` (times of the run), ``outcome`` (how it went); or ``input``, ``output`` and ``result`` for a path, ``uri`` for where an input is
    kept, where the orchestrator has words for these.
    """

    kind: str
    name: str = ""


Text = tuple[str | Wire, ...]
"""What a command's word or a variable says: texts (never two side by side, none empty) and wires."""


@dataclass(frozen=True)
class Secret:
    """A key of a secret as a variable's value."""

    name: str
    key: str


@dataclass(frozen=True)
class Container:
    """What runs. Amounts are by Kubernetes' names of resources; ``volumes`` by path: size, and whether in memory."""

    image: str
    command: tuple[Text, ...]
    env: dict[str, Text | Secret]
    requests: dict[str, str]
    limits: dict[str, str]
    volumes: dict[str, tuple[str | None, bool]]


@dataclass(frozen=True)
class Artifact:
    """The output of a step."""

    step: str
    output: str


@dataclass(frozen=True)
class Left:
    """What a step leaves: its ``type``, and where it is kept (None where the orchestrator decides that)."""

    type: str | None
    uri: Text | None


@dataclass(frozen=True)
class Node:
    """One step. An input is a step's output, or text: its URI, or what it says."""

    container: Container
    init: tuple[Container, ...] = ()
    after: frozenset[str] = frozenset()
    inputs: dict[str, Artifact | Text] = field(default_factory=dict)
    outputs: dict[str, Left] = field(default_factory=dict)
    results: frozenset[str] = frozenset()
    retries: tuple[int, int] | None = None
    timeout: int | None = None
    when: tuple[str, str] | None = None
    items: tuple[tuple[str, str], ...] = ()
    node_selector: dict[str, str] = field(default_factory=dict)
    tolerations: frozenset[tuple[str | None, str, str | None, str | None]] = frozenset()
    queue: str | None = None
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A pipeline; ``parameters`` with their defaults, ``end`` runs after all ``steps``, whatever became of them.

    ``arrivals`` are what tells of new data, each with where that lies (None where messages tell), which start a run.
    """

    parameters: dict[str, str]
    steps: dict[str, Node]
    timeout: int | None = None
    schedule: tuple[str, str] | None = None
    end: Node | None = None
    arrivals: dict[str, str | None] = field(default_factory=dict)

    def each(self, **absent: Any) -> Graph:
        """Return the graph with these fields of all steps as they are said: what a system's limits leave out."""
        return replace(self, steps={name: replace(node, **absent) for name, node in self.steps.items()})

    def untyped(self) -> Graph:
        """Return the graph without the types of artifacts, which some orchestrators do not know."""
        steps = {
            name: replace(node, outputs={key: replace(left, type=None) for key, left in node.outputs.items()})
            for name, node in self.steps.items()
        }
        return replace(self, steps=steps)


_OPEN, _CLOSE, _BETWEEN = "\ue000", "\ue001", "\ue002"
MARKS = _OPEN + _CLOSE + _BETWEEN
"""Characters that no spec of a test may hold."""
_MARK = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")


def mark(kind: str, name: str = "") -> str:
    """Write a wire into text."""
    return f"{_OPEN}{kind}{_BETWEEN}{name}{_CLOSE}"


def parsed(text: str) -> Text:
    """Read text with wires in it."""
    found: list[str | Wire] = []
    for number, part in enumerate(_MARK.split(text)):
        if number % 2:
            kind, _, name = part.partition(_BETWEEN)
            found.append(Wire(kind, name))
        elif part:
            found.append(part)
    return tuple(found)


def joined(parts: Iterable[str | Wire]) -> Text:
    """Make one text of parts, of which some are empty or stand side by side."""
    found: list[str | Wire] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part:
            found.append(part)
    return tuple(found)


def plain(system: type[Any]) -> type[Any]:
    """Return an orchestrator that says everything by marks, and is otherwise like ``system``."""

    class Plain(system):  # type: ignore[misc]
        def literal(self, text: str) -> str:
            return text

        def text(self, text: str) -> str:
            return text

        def reference(self, reference: Reference) -> str:
            for kind in ("parameter", "begin", "item"):
                if (name := getattr(reference, kind)) is not None:
                    return mark(kind, name)
            return mark("run")

        def source(self, reference: Reference) -> str | None:
            found = reference.artifact
            return None if found is not None else self.reference(reference)

        def times(self) -> tuple[str, str]:
            return mark("due"), mark("started")

        def outcome(self) -> str:
            return mark("outcome")

        def condition(self, parameter: Name, value: str) -> str:
            return ""

    def path(kind: str) -> Any:
        return lambda self, name: mark(kind, name)

    if system.keeps:
        for port, kind in {
            "input_path": "input",
            "input_uri": "uri",
            "output_path": "output",
            "result_path": "result",
        }.items():
            setattr(Plain, port, path(kind))
    return Plain


def from_pipeline(pipeline: Pipeline) -> Graph:
    """Return the graph of a pipeline that was lowered for a ``plain`` orchestrator."""
    return Graph(
        parameters={p.name: p.value for p in pipeline.parameters},
        steps={step.name: _node(step) for step in pipeline.steps},
        timeout=pipeline.timeout,
        schedule=(pipeline.schedule.cron, pipeline.schedule.timezone) if pipeline.schedule else None,
        end=_node(pipeline.end) if pipeline.end else None,
        arrivals={event.name: event.data for event in pipeline.polled if event.path is None},
    )


def _node(step: Step) -> Node:
    compute = step.workload.compute
    return Node(
        container=_container(step.workload),
        init=tuple(map(_container, step.init)),
        after=frozenset(step.after),
        inputs={given.name: _given(given) for given in step.inputs},
        outputs={left.name: _left(left) for left in step.outputs},
        results=frozenset(result.name for result in step.results),
        retries=(step.retries.limit, step.retries.backoff) if step.retries else None,
        timeout=step.timeout,
        when=(step.when.parameter, step.when.value) if step.when else None,
        items=tuple((item.key, item.value) for item in step.items),
        node_selector={label.key: label.value for label in compute.node_selector},
        tolerations=frozenset((t.key, t.operator, t.value, t.effect) for t in compute.tolerations),
        queue=compute.queue,
        annotations={label.key: label.value for label in step.annotations},
    )


def _given(given: Any) -> Artifact | Text:
    if given.artifact is not None:
        return Artifact(given.artifact.step, given.artifact.output)
    return parsed(given.content if given.content is not None else given.uri or "")


def _left(left: Output) -> Left:
    return Left(left.type, parsed(left.uri) if left.uri is not None else None)


def _container(workload: Workload) -> Container:
    env: dict[str, Text | Secret] = {}
    for variable in workload.env:
        secret = variable.secret
        env[variable.name] = Secret(secret.name, secret.key) if secret else parsed(variable.value or "")
    return Container(
        image=workload.image,
        command=tuple(map(parsed, workload.command)),
        env=env,
        requests=_amounts(workload.compute, "requests"),
        limits=_amounts(workload.compute, "limits"),
        volumes={v.path: (v.size, v.memory) for v in workload.volumes},
    )


def _amounts(compute: Compute, kind: str) -> dict[str, str]:
    return {quantity.name: quantity.amount for quantity in getattr(compute, kind)}
