"""Run-time values, paths and URIs in the orchestrator's words, and which of them a step must be handed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_spec.address import parse
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.ports import Orchestrator, Refused
from mlops_spec.blueprint.types import Item, Parameter, Reference, SecretKey, Taken, Variable
from mlops_spec.language.placeholder import Literal, split
from mlops_spec.language.text import Name
from mlops_spec.model.pipelines import Pipeline, Step


class Words:
    """The words for one pipeline; ``tracked`` tells whether a step ``begin`` creates the tracking run."""

    def __init__(self, context: Context, pipeline: Pipeline, orchestrator: Orchestrator, tracked: bool) -> None:
        self.context, self.pipeline, self.orchestrator, self.tracked = context, pipeline, orchestrator, tracked
        self._said: dict[str, Reference] = {}
        self.item: Mapping[str, str] | None = None
        """The item that the step at hand is lowered for, in the orchestrator's words, where each is one of its own."""

    def reference(self, address: str, **known: Any) -> Reference:
        """Make a reference with exactly one field present."""
        absent = {"parameter": None, "run": False, "begin": None, "item": None, "artifact": None}
        ((kind, value),) = known.items()
        name = {"run": "run", "begin": value, "artifact": kind}.get(kind, f"{kind}-{value}")
        return Reference(address=address, name=Name(name), **{**absent, **known})

    def say(self, address: str, **known: Any) -> str:
        """Return the orchestrator's word for a run-time value in the step at hand, which is then handed the value."""
        reference = self.reference(address, **known)
        self._said[reference.name] = reference
        return self.orchestrator.reference(reference)

    def taken(self) -> tuple[Taken, ...]:
        """Return the run-time values that were said since the last call, each once, as the step is handed them."""
        said, self._said = self._said, {}
        return tuple(
            Taken(address=reference.address, reference=reference, source=self.orchestrator.source(reference))
            for _, reference in sorted(said.items())
        )

    def placeholder(self, path: tuple[str, ...], said: Step, address: str) -> str:
        """Return the orchestrator's words, or the path or URI, for a run-time placeholder of a step."""
        root, name = path[0], path[1]
        if root == "inputs":
            return self.input_text(said, name)
        if root == "outputs":
            return self.orchestrator.output_path(Name(name))
        if root == "parameters":
            return self.say(address, parameter=Name(name))
        if root == "item":
            return self.item[name] if self.item else self.say(address, item=Name(name))
        return self.run(name, address)

    def run(self, name: str, address: str) -> str:
        """Return the words for ``${{ run.id }}``, ``run.date`` or ``run.scheduled_at``."""
        if name == "id":
            return self.say(address, run=True)
        self.begun(name)
        return self.say(address, begin=Name(name))

    def begun(self, name: str) -> None:
        """Refuse what only the step ``begin`` knows where there is none. Raises Refused."""
        if not self.tracked:
            raise Refused(
                f"run.{name} is computed by the step begin, which needs a runtime image and a tracking address"
            )

    def literal(self, text: str, address: str) -> str:
        """Return text that stands for itself in the orchestrator's words. Raises Refused, with the address."""
        try:
            return self.orchestrator.literal(text)
        except Refused as problem:
            raise Refused(str(problem), address) from None

    def parameter(self, name: str, value: object) -> Parameter:
        """Return a parameter of the pipeline with its default in the orchestrator's words. Raises Refused."""
        address = f"{self.pipeline.address}.parameters.{name}"
        try:
            said = self.orchestrator.default(text(value))
        except Refused as problem:
            raise Refused(str(problem), address) from None
        return Parameter(address=address, name=Name(name), value=said)

    def words(self, text: str, said: Step, address: str) -> str:
        """Return a text of the spec in the orchestrator's words. Raises Refused."""
        return "".join(
            self.literal(part.text, address)
            if isinstance(part, Literal)
            else self.placeholder(part.path, said, address)
            for part in split(text)
        )

    def uri(self, step: str, output: str, item: str | None = None) -> str:
        """Return where an output is kept, in the orchestrator's words; ``item`` is in them already."""
        artifacts = self.context.spec.platform.artifacts
        base = artifacts.uri if artifacts else ""
        names = (self.context.spec.project.name, str(self.context.environment.name), self.pipeline.name)
        run = self.say(self.pipeline.address, run=True)
        literal = self.orchestrator.literal
        words = [*map(literal, names), run, literal(step), *(() if item is None else (item,)), literal(output)]
        return contract.artifact(literal(base), *words)

    def items(self, said: Step) -> tuple[Item, ...]:
        """Return the items of a ``foreach``; their indexes name the folders of their outputs."""
        return tuple(
            Item(
                address=f"{said.address}.foreach.{key}.{index}", index=str(index), key=Name(key),
                value=self.literal(text(value), f"{said.address}.foreach.{key}.{index}"),
            )
            for key, values in (said.foreach or {}).items()
            for index, value in enumerate(values)
        )  # fmt: skip

    def kept(self, name: Name, step: str, output: str) -> str:
        """Return where an output is kept, in the step that has it as its input ``name``."""
        return self.orchestrator.input_uri(name) if self.orchestrator.keeps else self.uri(step, output)

    def collected(self, step: str, output: str, name: str) -> str:
        """Return the JSON list of the URIs of an output of a ``foreach`` step, which is the input ``name``."""
        items = self.items(self.pipeline.steps[step])
        if self.orchestrator.keeps:
            uris = [self.orchestrator.input_uri(numbered(name, item)) for item in items]
        else:
            uris = [self.uri(step, output, item.index) for item in items]
        return "[" + ",".join(f'"{uri}"' for uri in uris) + "]"

    def input_text(self, said: Step, name: str) -> str:
        """Return what ``${{ inputs.<name> }}`` prints: a path, a URI, or a feature service's name."""
        wanted = said.inputs[name]
        parts = parse(wanted.from_)
        if parts[0] == "features":
            return self.orchestrator.literal(parts[2])
        if wanted.as_ != "uri":
            return self.orchestrator.input_path(Name(name))
        if parts[0] == "datasets":
            dataset = self.context.spec.datasets[parts[1]]
            return self.words(dataset.uri, said, f"{dataset.address}.uri")
        if self.pipeline.steps[parts[1]].foreach:
            return self.collected(parts[1], parts[3], name)
        return self.kept(Name(name), parts[1], parts[3])

    def escaped(self, variable: Variable) -> Variable:
        """Return a backend's variable with its value in the orchestrator's words. Raises Refused."""
        if variable.value is None:
            return variable
        return self.variable(variable.name, self.literal(variable.value, variable.address), variable.address)

    def variable(self, name: str, value: str, address: str) -> Variable:
        """Make a variable whose value is in the orchestrator's words already."""
        return Variable(address=address, name=Name(name), value=value, secret=None)


def numbered(name: str, item: Item) -> Name:
    """Return the name of the input that holds what one item has left."""
    return Name(f"{name}_{item.index}")


def secret_variable(address: str, name: str, secret: str, key: str) -> Variable:
    """Make a variable whose value is a secret's key."""
    return Variable(
        address=address,
        name=Name(name),
        value=None,
        secret=SecretKey(address=address, name=Name(secret), key=Name(key)),
    )


def text(value: object) -> str:
    """Print a scalar of the spec as every orchestrator passes it: as text."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
