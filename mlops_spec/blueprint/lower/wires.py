"""What a step reads and leaves: artifacts that the orchestrator or the runtime moves, and data that is fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_spec.address import parse
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.artifacts import location, scheme
from mlops_spec.blueprint.lower.compute import compute, volumes
from mlops_spec.blueprint.lower.data import access, revision
from mlops_spec.blueprint.lower.words import Words, numbered
from mlops_spec.blueprint.types import Artifact, Input, Output, Variable, Workload
from mlops_spec.language.placeholder import Literal, split
from mlops_spec.language.text import Name
from mlops_spec.model.compute import ComputeProfile
from mlops_spec.model.pipelines import Step

DATASET = Name("dataset")
_LIST = Name("file")


class Wires(Words):
    """The wires of one pipeline."""

    @property
    def moved(self) -> bool:
        """Tell whether the orchestrator moves artifacts itself."""
        return self._kept_under() in self.orchestrator.schemes

    @property
    def carried(self) -> bool:
        """Tell whether the runtime can move artifacts in each step's own pod."""
        return self.orchestrator.init_containers and self._kept_under() in contract.STORES

    def _kept_under(self) -> str:
        artifacts = self.context.spec.platform.artifacts
        return scheme(artifacts.uri) if artifacts else ""

    def named(self, step: str) -> tuple[Name, ...]:
        """Return the names of the steps that a step of the spec becomes: one for each item without loops."""
        said = self.pipeline.steps[step]
        if not said.foreach or self.orchestrator.loops:
            return (Name(step),)
        return tuple(Name(f"{step}-{index}") for values in said.foreach.values() for index in range(len(values)))

    def occurrence(self, said: Step) -> Name:
        """Return the name of the step that is being lowered."""
        return Name(said.name if self.item is None else f"{said.name}-{self.item['index']}")

    def fetching(self, said: Step) -> Name:
        """Return the name of the step that brings a step's data, where no container of its own pod can."""
        return Name(f"{said.name}-{contract.FETCH}")

    def gathering(self, step: str, output: str) -> Name:
        """Return the name of the step that lists what each item has left."""
        return Name(f"{step}-{output}".replace("_", "-"))

    def gathered(self, said: Step) -> tuple[str, ...]:
        """Return the outputs of a ``foreach`` step of which another one takes the list as a file, to be gathered."""
        if not self.orchestrator.keeps:
            return ()
        return tuple(name for name in sorted(said.outputs) if said.foreach and self._listed(said.name, name))

    def _listed(self, step: str, output: str) -> bool:
        wanted = f"steps.{step}.outputs.{output}"
        return any(
            i.from_ == wanted and i.as_ != "uri" for s in self.pipeline.steps.values() for i in s.inputs.values()
        )

    def served_by(self, said: Step) -> tuple[Name, ...]:
        """Return the steps that are added to bring a step its files."""
        fetch = () if self.orchestrator.init_containers or not self.fetched(said) else (self.fetching(said),)
        sources = (parse(wanted.from_) for _, wanted in sorted(said.inputs.items()) if wanted.as_ != "uri")
        lists = (p for p in sources if p[0] == "steps" and p[3] in self.gathered(self.pipeline.steps[p[1]]))
        return (*fetch, *dict.fromkeys(self.gathering(parts[1], parts[3]) for parts in lists))

    def added(self) -> frozenset[str]:
        """Return the names of all steps that are not the spec's own."""
        found = {contract.BEGIN, contract.END, contract.TRIGGER}
        for name, said in self.pipeline.steps.items():
            found.update(self.served_by(said))
            found.update(one for one in self.named(name) if one != name)
        return frozenset(found)

    def inputs(self, said: Step) -> tuple[Input, ...]:
        """Return the artifacts that a step finds, or that the orchestrator says the URIs of."""
        found: list[Input] = []
        for name, wanted in sorted(said.inputs.items()):
            parts, address = parse(wanted.from_), f"{said.address}.inputs.{name}"
            if parts[0] == "steps" and wanted.as_ != "uri":
                found.append(self.artifact(name, parts, address))
            elif parts[0] == "steps" and self.orchestrator.keeps:
                found += self._by_uri(name, parts, address)
            elif parts[0] == "datasets" and wanted.as_ != "uri":
                found += self._dataset(said, name, parts[1], address)
        return tuple(found)

    def artifact(self, name: str, parts: Sequence[str], address: str) -> Input:
        """Return the input that a step's output becomes; of a ``foreach`` step, the JSON list of its URIs."""
        _, step, _, output = parts
        if not self.pipeline.steps[step].foreach:
            kept = None if self.orchestrator.keeps else self.uri(step, output)
            return self._wired(address, name, Name(step), output, kept, self._type(step, output))
        if self.orchestrator.keeps:
            return self._wired(address, name, self.gathering(step, output), output, None, _LIST)
        return self._input(address, name, _LIST, content=self.collected(step, output, name))

    def each(self, said: Step, output: str, address: str, name: str) -> tuple[tuple[Input, ...], tuple[str, ...]]:
        """Return as inputs what each item of a ``foreach`` step has left, and the words for where that is kept."""
        steps = zip(self.named(said.name), self.items(said), strict=True)
        kind = self._type(said.name, output)
        inputs = tuple(self._wired(address, numbered(name, item), step, output, None, kind) for step, item in steps)
        return inputs, tuple(self.orchestrator.input_uri(one.name) for one in inputs)

    def _by_uri(self, name: str, parts: Sequence[str], address: str) -> tuple[Input, ...]:
        _, step, _, output = parts
        said = self.pipeline.steps[step]
        if said.foreach:
            return self.each(said, output, address, name)[0]
        return (self._wired(address, name, Name(step), output, None, self._type(step, output)),)

    def _type(self, step: str, output: str) -> Name:
        return Name(self.pipeline.steps[step].outputs[output].type)

    def _wired(self, address: str, name: str, step: Name, output: str, uri: str | None, kind: Name) -> Input:
        artifact = Artifact(address=address, step=step, output=Name(output))
        source = self.orchestrator.source(self.reference(address, artifact=artifact)) if self.moved else None
        return self._input(address, name, kind, artifact=artifact, source=source, uri=uri)

    def _dataset(self, said: Step, name: str, dataset: str, address: str) -> tuple[Input, ...]:
        """A moving dataset is brought by the orchestrator where it can; all else by the runtime (``fetched``)."""
        if self.brings(dataset):
            uri = self.words_of_uri(dataset, said)
            where = location(uri, self.context.spec.platform.artifacts, f"datasets.{dataset}.uri")
            return (self._input(address, name, DATASET, uri=uri, location=where),)
        if self.orchestrator.init_containers:
            return ()
        return (self._wired(address, name, self.fetching(said), name, None, DATASET),)

    def words_of_uri(self, dataset: str, said: Step) -> str:
        """Return a dataset's URI in the orchestrator's words, where steps are wired."""
        uri, address = self.context.spec.datasets[dataset].uri, f"datasets.{dataset}.uri"
        words = ""
        for part in split(uri):
            if isinstance(part, Literal):
                words += self.orchestrator.literal(part.text)
            elif part.path == ("run", "id"):
                words += self.run("id", address)
            else:
                self.begun(part.path[1])
                words += self.orchestrator.source(self.reference(address, begin=Name(part.path[1]))) or ""
        return words

    def brings(self, dataset: str) -> bool:
        """Tell whether the orchestrator itself brings a dataset to a step."""
        said = self.context.spec.datasets[dataset]
        return said.version in (None, "per-run") and scheme(said.uri) in self.orchestrator.brings

    def fetched(self, said: Step) -> tuple[tuple[str, str], ...]:
        """Return the inputs (name, dataset) that the runtime brings: pinned revisions, and what is out of reach."""
        pairs = ((name, parse(wanted.from_), wanted.as_) for name, wanted in sorted(said.inputs.items()))
        return tuple((n, p[1]) for n, p, as_ in pairs if p[0] == "datasets" and as_ != "uri" and not self.brings(p[1]))

    def fetch(self, said: Step, where: Sequence[Mapping[str, str]], env: tuple[Variable, ...] = ()) -> Workload:
        """Return the container that brings pinned inputs; ``where`` says for each where it is to lie."""
        wanted = self.fetched(said)
        inputs = [
            {**place, **revision(self.context, dataset)} for place, (_, dataset) in zip(where, wanted, strict=True)
        ]
        uris = (self.words(self.context.spec.datasets[d].uri, said, f"datasets.{d}.uri") for _, d in wanted)
        command = (*map(self.orchestrator.literal, contract.program(contract.FETCH, {"inputs": inputs})), *uris)
        return Workload(
            address=said.address, name=contract.FETCH, image=self.context.runtime or "", command=command,
            env=(*self.store_access(), *env), compute=compute(None, said.address),
            volumes=volumes(self.profile(said), said.address),
        )  # fmt: skip

    def store_access(self) -> tuple[Variable, ...]:
        """Return the variables by which a step that reads URIs itself reaches the object store. Raises Refused."""
        return tuple(map(self.escaped, access(self.context)))

    def reads_uris(self, said: Step) -> bool:
        """Tell whether a step is given URIs to read, instead of files."""
        for wanted in said.inputs.values():
            parts = parse(wanted.from_)
            if parts[0] != "features" and wanted.as_ == "uri":
                return True
            if parts[0] == "steps" and self.pipeline.steps[parts[1]].foreach:
                return True
        return False

    def outputs(self, said: Step) -> tuple[Output, ...]:
        """Return the artifacts that a step leaves, each with where it is kept."""
        found = []
        for name, output in sorted(said.outputs.items()):
            uri = None if self.orchestrator.keeps else self.uri(said.name, name, self._index(said))
            artifacts = self.context.spec.platform.artifacts
            found.append(
                Output(
                    address=output.address, name=Name(name), path=self.orchestrator.output_path(Name(name)),
                    type=Name(output.type), flavor=output.flavor, taken=self._taken(said, name), uri=uri,
                    location=location(uri, artifacts, output.address) if uri else None,
                )
            )  # fmt: skip
        return tuple(found)

    def _taken(self, said: Step, output: str) -> bool:
        """Tell whether an output is an input of another step: of a gate or a register, or of one of the user's."""
        wanted = f"steps.{said.name}.outputs.{output}"
        for step in self.pipeline.steps.values():
            judged = (step.gate.metrics if step.gate else None, step.register.from_ if step.register else None)
            if wanted in (*judged, *(given.from_ for given in step.inputs.values())):
                return True
        return False

    def _index(self, said: Step) -> str | None:
        """Return the number of the item that a step runs for, in the orchestrator's words."""
        if not said.foreach:
            return None
        return self.item["index"] if self.item else self.say(said.address, item=Name("index"))

    def _input(self, address: str, name: str, kind: Name, **known: Any) -> Input:
        """Make an input of which only what is known is present."""
        absent = {"uri": None, "artifact": None, "source": None, "location": None, "content": None}
        path = self.orchestrator.input_path(Name(name))
        return Input(address=address, name=Name(name), type=kind, path=path, **{**absent, **known})

    def profile(self, said: Step) -> ComputeProfile | None:
        """Return the compute profile of a step, the pipeline's where it names none."""
        name = said.compute or self.pipeline.compute
        return self.context.spec.compute[name] if name else None
