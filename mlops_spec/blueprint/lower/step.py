"""One step of a pipeline: its text in the orchestrator's words, its wires, its environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_spec.address import parse
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.artifacts import location, scheme
from mlops_spec.blueprint.lower.compute import compute, volumes
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.ports import Orchestrator, Refused, Run
from mlops_spec.blueprint.types import (
    Artifact,
    Input,
    Item,
    Label,
    Output,
    Reference,
    Retries,
    SecretKey,
    Step,
    Taken,
    Variable,
    When,
    Workload,
)
from mlops_spec.language.placeholder import Literal, split
from mlops_spec.language.placeholder import Reference as Placeholder
from mlops_spec.language.text import Name
from mlops_spec.model.pipelines import Pipeline as Spec
from mlops_spec.model.pipelines import Step as Said


class Lowering:
    """Lowers the steps of one pipeline. ``tracked`` tells whether a step ``begin`` creates the tracking run."""

    def __init__(self, context: Context, pipeline: Spec, orchestrator: Orchestrator, tracked: bool) -> None:
        self.context, self.pipeline, self.orchestrator, self.tracked = context, pipeline, orchestrator, tracked
        self._said: dict[str, Reference] = {}

    # -- run-time values

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

    def placeholder(self, path: tuple[str, ...], said: Said, address: str) -> str:
        """Return the orchestrator's words, or the path or URI, for a run-time placeholder of a step."""
        root, name = path[0], path[1]
        if root == "inputs":
            return self.input_text(said, name)
        if root == "outputs":
            return self.orchestrator.literal(contract.output_path(name))
        if root == "parameters":
            return self.say(address, parameter=Name(name))
        if root == "item":
            return self.say(address, item=Name(name))
        return self.run(name, address)

    def run(self, name: str, address: str) -> str:
        """Return the words for ``${{ run.id }}``, ``run.date`` or ``run.scheduled_at``."""
        if name == "id":
            return self.say(address, run=True)
        if not self.tracked:
            raise Refused(
                f"run.{name} is computed by the step begin, which needs a runtime image and a tracking address"
            )
        return self.say(address, begin=Name(name))

    def _tracked(self, name: str) -> None:
        if not self.tracked:
            raise Refused(
                f"run.{name} is computed by the step begin, which needs a runtime image and a tracking address"
            )

    def words(self, text: str, said: Said, address: str) -> str:
        """Return a text of the spec in the orchestrator's words. Raises Refused."""
        return "".join(
            self.orchestrator.literal(part.text)
            if isinstance(part, Literal)
            else self.placeholder(part.path, said, address)
            for part in split(text)
        )

    # -- artifacts

    def uri(self, step: str, output: str, item: str | None = None) -> str:
        """Return where an output is kept, in the orchestrator's words; ``item`` is in them already."""
        artifacts = self.context.spec.platform.artifacts
        base = artifacts.uri if artifacts else ""
        names = (self.context.spec.project.name, str(self.context.environment.name), self.pipeline.name)
        run = self.say(self.pipeline.address, run=True)
        literal = self.orchestrator.literal
        words = [*map(literal, names), run, literal(step), *(() if item is None else (item,)), literal(output)]
        return contract.artifact(literal(base), *words)

    def items(self, said: Said) -> tuple[Item, ...]:
        """Return the items of a ``foreach``; their indexes name the folders of their outputs."""
        return tuple(
            Item(
                address=f"{said.address}.foreach.{key}.{index}", index=str(index), key=Name(key),
                value=self.orchestrator.literal(_text(value)),
            )
            for key, values in (said.foreach or {}).items()
            for index, value in enumerate(values)
        )  # fmt: skip

    def collected(self, step: str, output: str) -> str:
        """Return the JSON list of the URIs of an output of a ``foreach`` step."""
        said = self.pipeline.steps[step]
        uris = ",".join(f'"{self.uri(step, output, item.index)}"' for item in self.items(said))
        return f"[{uris}]"

    def input_text(self, said: Said, name: str) -> str:
        """Return what ``${{ inputs.<name> }}`` prints: a path, a URI, or a feature service's name."""
        wanted = said.inputs[name]
        parts = parse(wanted.from_)
        if parts[0] == "features":
            return self.orchestrator.literal(parts[2])
        if wanted.as_ != "uri":
            return self.orchestrator.literal(contract.input_path(name))
        if parts[0] == "datasets":
            dataset = self.context.spec.datasets[parts[1]]
            return self.words(dataset.uri, said, f"{dataset.address}.uri")
        if self.pipeline.steps[parts[1]].foreach:
            return self.collected(parts[1], parts[3])
        return self.uri(parts[1], parts[3])

    def inputs(self, said: Said) -> tuple[Input, ...]:
        """Return the artifacts that the orchestrator brings to a step."""
        found = []
        for name, wanted in sorted(said.inputs.items()):
            parts = parse(wanted.from_)
            address = f"{said.address}.inputs.{name}"
            if parts[0] == "features" or wanted.as_ == "uri":
                continue
            if parts[0] == "datasets":
                moved = self._dataset(said, name, parts[1], address)
            else:
                moved = self.artifact(name, parts, address)
            if moved is not None:
                found.append(moved)
        return tuple(found)

    def artifact(self, name: str, parts: tuple[str, ...], address: str) -> Input:
        """Return the input that a step's output becomes; of a ``foreach`` step, the JSON list of its URIs."""
        path = contract.input_path(name)
        if self.pipeline.steps[parts[1]].foreach:
            content = self.collected(parts[1], parts[3])
            return Input(
                address=address, name=Name(name), path=path, artifact=None, source=None, location=None, content=content
            )
        artifact = Artifact(address=address, step=Name(parts[1]), output=Name(parts[3]))
        source = self.orchestrator.source(self.reference(address, artifact=artifact))
        return Input(
            address=address, name=Name(name), path=path, artifact=artifact, source=source, location=None, content=None
        )

    def _dataset(self, said: Said, name: str, dataset: str, address: str) -> Input | None:
        """A moving dataset is brought by the orchestrator where it can; a pinned one by the runtime (``fetched``)."""
        if not self.brings(dataset):
            return None
        uri = self.words_of_uri(dataset, said)
        where = location(uri, self.context.spec.platform.artifacts, f"datasets.{dataset}.uri")
        path = contract.input_path(name)
        return Input(
            address=address, name=Name(name), path=path, artifact=None, source=None, location=where, content=None
        )

    def words_of_uri(self, dataset: str, said: Said) -> str:
        """Return a dataset's URI in the orchestrator's words, where steps are wired."""
        uri, address = self.context.spec.datasets[dataset].uri, f"datasets.{dataset}.uri"
        words = ""
        for part in split(uri):
            if isinstance(part, Literal):
                words += self.orchestrator.literal(part.text)
            elif part.path == ("run", "id"):
                words += self.run("id", address)
            else:
                self._tracked(part.path[1])
                words += self.orchestrator.source(self.reference(address, begin=Name(part.path[1]))) or ""
        return words

    def brings(self, dataset: str) -> bool:
        """Tell whether the orchestrator itself brings a dataset to a step."""
        said = self.context.spec.datasets[dataset]
        return said.version in (None, "per-run") and scheme(said.uri) in self.orchestrator.schemes

    def fetched(self, said: Said) -> tuple[tuple[str, str], ...]:
        """Return the inputs (name, dataset) that the runtime brings: pinned revisions, and what is out of reach."""
        pairs = ((name, parse(wanted.from_), wanted.as_) for name, wanted in sorted(said.inputs.items()))
        return tuple((n, p[1]) for n, p, as_ in pairs if p[0] == "datasets" and as_ != "uri" and not self.brings(p[1]))

    def fetch(self, said: Said) -> Workload | None:
        """Return the container that brings pinned inputs before the step starts."""
        wanted = self.fetched(said)
        if not wanted or self.context.runtime is None:
            return None
        project = self.context.spec.project
        inputs = [
            _present(
                {
                    "to": contract.input_path(name),
                    "version": self.context.spec.datasets[dataset].version,
                    "path": self.context.spec.datasets[dataset].path,
                    "repository": project.repository,
                }
            )
            for name, dataset in wanted
        ]
        uris = (self.words(self.context.spec.datasets[d].uri, said, f"datasets.{d}.uri") for _, d in wanted)
        command = (*map(self.orchestrator.literal, contract.program("fetch", {"inputs": inputs})), *uris)
        return Workload(
            address=said.address, name=Name("fetch"), image=self.context.runtime, command=command,
            env=self.store_access(said.address), compute=compute(None, said.address),
            volumes=volumes(self.profile(said), said.address),
        )  # fmt: skip

    def store_access(self, address: str) -> tuple[Variable, ...]:
        """Return the variables by which a program that reads URIs itself reaches the object store."""
        artifacts = self.context.spec.platform.artifacts
        if artifacts is None or scheme(artifacts.uri) != "s3":
            return ()
        found = []
        if artifacts.secret is not None:
            for name, key in (("AWS_ACCESS_KEY_ID", "access_key"), ("AWS_SECRET_ACCESS_KEY", "secret_key")):
                found.append(secret_variable(f"{artifacts.address}.secret", name, artifacts.secret, key))
        for name, value in (("AWS_DEFAULT_REGION", artifacts.region), ("AWS_ENDPOINT_URL", artifacts.endpoint)):
            if value is not None:
                found.append(self.variable(name, self.orchestrator.literal(value), artifacts.address))
        return tuple(found)

    def reads_uris(self, said: Said) -> bool:
        """Tell whether a step is given URIs to read, instead of files."""
        for wanted in said.inputs.values():
            parts = parse(wanted.from_)
            if parts[0] != "features" and wanted.as_ == "uri":
                return True
            if parts[0] == "steps" and self.pipeline.steps[parts[1]].foreach:
                return True
        return False

    def outputs(self, said: Said) -> tuple[Output, ...]:
        """Return the artifacts that a step leaves, each with where it is kept."""
        found = []
        each = self.say(said.address, item=Name("index")) if said.foreach else None
        for name, output in sorted(said.outputs.items()):
            uri = self.uri(said.name, name, each)
            found.append(
                Output(
                    address=output.address, name=Name(name), path=contract.output_path(name), type=Name(output.type),
                    uri=uri, location=location(uri, self.context.spec.platform.artifacts, output.address),
                )
            )  # fmt: skip
        return tuple(found)

    # -- the step itself

    def profile(self, said: Said) -> Any:
        """Return the compute profile of a step, the pipeline's where it names none."""
        name = said.compute or self.pipeline.compute
        return self.context.spec.compute[name] if name else None

    def environment(self, said: Said | None, address: str) -> tuple[Variable, ...]:
        """Return the variables that every step has: who it is, its run, its data, its inputs and outputs."""
        names = self.context.spec.project.name, self.context.environment.name, self.pipeline.name
        plain = dict(zip(("PROJECT", "ENVIRONMENT", "PIPELINE"), map(str, names)))
        if said is not None:
            plain["STEP"] = said.name
        found = [
            self.variable(contract.RESERVED + key, self.orchestrator.literal(value), address)
            for key, value in plain.items()
        ]
        found.append(self.variable("MLOPS_RUN", self.run("id", address), address))
        revisions = self.orchestrator.literal(contract.revisions(self.revisions()))
        found.append(self.variable("MLOPS_DATA_REVISIONS", revisions, address))
        if said is not None:
            for name in sorted(said.inputs):
                found.append(
                    self.variable(
                        contract.variable("INPUT", name), self.input_text(said, name), said.inputs[name].address
                    )
                )
            for name, output in sorted(said.outputs.items()):
                path = self.orchestrator.literal(contract.output_path(name))
                found.append(self.variable(contract.variable("OUTPUT", name), path, output.address))
        if self.tracked and self.context.ports.tracking is not None:
            run_id = None
            if said is not None:
                run_id = self.say(address, begin=contract.RUN_ID)
            given = self.context.ports.tracking.variables(Run(experiment=self.experiment(), id=run_id)).env
            found += [variable if variable.value == run_id else self.escaped(variable) for variable in given]
        return tuple(found)

    def experiment(self) -> str | None:
        """Return the experiment's name on the tracking server."""
        name = self.pipeline.experiment
        return str(self.context.names.of(f"experiments.{name}")) if name else None

    def revisions(self) -> Mapping[str, str]:
        """Return the versions of all datasets that the pipeline's steps take."""
        taken = {
            parse(wanted.from_)[1]
            for step in self.pipeline.steps.values()
            for wanted in step.inputs.values()
            if wanted.from_.startswith("datasets.")
        }
        return {name: self.context.spec.datasets[name].version or "per-run" for name in taken}

    def own_environment(self, said: Said) -> tuple[Variable, ...]:
        """Return the variables that the spec gives a step."""
        found = []
        for name, value in said.env.items():
            address = f"{said.address}.env.{name}"
            parts = split(value)
            secret = [p for p in parts if isinstance(p, Placeholder) and p.path[0] == "secrets"]
            if secret and len(parts) == 1:
                found.append(secret_variable(address, name, secret[0].path[1], secret[0].path[2]))
            elif secret:
                raise Refused("a secret is a variable of its own; it cannot stand inside a longer text")
            else:
                found.append(self.variable(name, self.words(value, said, address), address))
        return tuple(found)

    def escaped(self, variable: Variable) -> Variable:
        """Return a backend's variable with its value in the orchestrator's words. Raises Refused."""
        if variable.value is None:
            return variable
        return self.variable(variable.name, self.orchestrator.literal(variable.value), variable.address)

    def variable(self, name: str, value: str, address: str) -> Variable:
        """Make a variable whose value is in the orchestrator's words already."""
        return Variable(address=address, name=Name(name), value=value, secret=None)

    def step(self, said: Said, after: tuple[str, ...]) -> Step:
        """Lower a step that runs a command of the user's."""
        access = self.store_access(said.address) if self.reads_uris(said) else ()
        env = (*self.environment(said, said.address), *access, *self.own_environment(said))
        workload = Workload(
            address=said.address,
            name=Name(said.name),
            image=said.image or "",
            command=tuple(self.words(word, said, f"{said.address}.command.{i}") for i, word in enumerate(said.command)),
            env=env,
            compute=compute(self.profile(said), said.address),
            volumes=volumes(self.profile(said), said.address),
        )
        return self.finish(said, workload, after, self.inputs(said))

    def finish(self, said: Said, workload: Workload, after: tuple[str, ...], inputs: tuple[Input, ...]) -> Step:
        """Give a step what it has whatever runs in it: order, wires, retries, timeout, condition."""
        address = said.address
        retries = said.retries or self.pipeline.retries
        condition = said.when
        fetch, outputs = self.fetch(said), self.outputs(said)
        return Step(
            address=address,
            name=Name(said.name),
            workload=workload,
            fetch=fetch,
            annotations=self._annotations(said),
            after=tuple(map(Name, after)),
            takes=self.taken(),
            inputs=inputs,
            outputs=outputs,
            results=(),
            retries=Retries(
                address=retries.address,
                limit=retries.limit,
                backoff=retries.backoff.seconds,
                wait=f"{retries.backoff.seconds}s",
            )
            if retries
            else None,
            timeout=said.timeout.seconds if said.timeout else None,
            when=When(
                address=condition.address,
                parameter=Name(condition.parameter),
                value=_text(condition.is_),
                expression=self.orchestrator.condition(Name(condition.parameter), _text(condition.is_)),
            )
            if condition
            else None,
            items=self.items(said),
        )

    def _annotations(self, said: Said) -> tuple[Label, ...]:
        notes = {
            f"mlops-spec.dev/output.{name}": ":".join(filter(None, (output.type, output.flavor)))
            for name, output in sorted(said.outputs.items())
        }
        notes["mlops-spec.dev/source"] = f"{self.context.file}#{said.address}"
        profile = self.profile(said)
        if profile and profile.accelerator:
            notes["mlops-spec.dev/accelerator"] = profile.accelerator.model
        if said.description:
            notes["mlops-spec.dev/description"] = said.description
        text = self.orchestrator.text
        return tuple(Label(address=said.address, key=key, value=text(value)) for key, value in sorted(notes.items()))


def secret_variable(address: str, name: str, secret: str, key: str) -> Variable:
    """Make a variable whose value is a secret's key."""
    return Variable(
        address=address,
        name=Name(name),
        value=None,
        secret=SecretKey(address=address, name=Name(secret), key=Name(key)),
    )


def _text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
