"""What a step reads and leaves: artifacts that the orchestrator moves, and data that the runtime fetches."""

from __future__ import annotations

from typing import Any

from mlops_spec.address import parse
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.artifacts import location, scheme
from mlops_spec.blueprint.lower.compute import compute, volumes
from mlops_spec.blueprint.lower.data import access, revision
from mlops_spec.blueprint.lower.words import Words
from mlops_spec.blueprint.types import Artifact, Input, Output, Variable, Workload
from mlops_spec.language.placeholder import Literal, split
from mlops_spec.language.text import Name
from mlops_spec.model.compute import ComputeProfile
from mlops_spec.model.pipelines import Step


class Wires(Words):
    """The wires of one pipeline."""

    def inputs(self, said: Step) -> tuple[Input, ...]:
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
        if self.pipeline.steps[parts[1]].foreach:
            return self.input(address, name, content=self.collected(parts[1], parts[3]))
        artifact = Artifact(address=address, step=Name(parts[1]), output=Name(parts[3]))
        source = self.orchestrator.source(self.reference(address, artifact=artifact))
        return self.input(address, name, artifact=artifact, source=source)

    def _dataset(self, said: Step, name: str, dataset: str, address: str) -> Input | None:
        """A moving dataset is brought by the orchestrator where it can; a pinned one by the runtime (``fetched``)."""
        if not self.brings(dataset):
            return None
        uri = self.words_of_uri(dataset, said)
        where = location(uri, self.context.spec.platform.artifacts, f"datasets.{dataset}.uri")
        return self.input(address, name, location=where)

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
        return said.version in (None, "per-run") and scheme(said.uri) in self.orchestrator.schemes

    def fetched(self, said: Step) -> tuple[tuple[str, str], ...]:
        """Return the inputs (name, dataset) that the runtime brings: pinned revisions, and what is out of reach."""
        pairs = ((name, parse(wanted.from_), wanted.as_) for name, wanted in sorted(said.inputs.items()))
        return tuple((n, p[1]) for n, p, as_ in pairs if p[0] == "datasets" and as_ != "uri" and not self.brings(p[1]))

    def fetch(self, said: Step) -> Workload | None:
        """Return the container that brings pinned inputs before the step starts."""
        wanted = self.fetched(said)
        if not wanted or self.context.runtime is None:
            return None
        inputs = [{"to": contract.input_path(n), **revision(self.context, dataset)} for n, dataset in wanted]
        uris = (self.words(self.context.spec.datasets[d].uri, said, f"datasets.{d}.uri") for _, d in wanted)
        command = (*map(self.orchestrator.literal, contract.program("fetch", {"inputs": inputs})), *uris)
        return Workload(
            address=said.address, name=Name("fetch"), image=self.context.runtime, command=command,
            env=self.store_access(), compute=compute(None, said.address),
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
        each = self.say(said.address, item=Name("index")) if said.foreach else None
        for name, output in sorted(said.outputs.items()):
            uri = self.uri(said.name, name, each)
            found.append(
                Output(
                    address=output.address, name=Name(name), path=self.orchestrator.output_path(Name(name)),
                    type=Name(output.type), uri=uri,
                    location=location(uri, self.context.spec.platform.artifacts, output.address),
                )
            )  # fmt: skip
        return tuple(found)

    def input(self, address: str, name: str, **known: Any) -> Input:
        """Make an input of which only what is known is present."""
        absent = {"artifact": None, "source": None, "location": None, "content": None}
        path = self.orchestrator.input_path(Name(name))
        return Input(address=address, name=Name(name), path=path, **{**absent, **known})

    def profile(self, said: Step) -> ComputeProfile | None:
        """Return the compute profile of a step, the pipeline's where it names none."""
        name = said.compute or self.pipeline.compute
        return self.context.spec.compute[name] if name else None
