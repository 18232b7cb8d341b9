"""One step of a pipeline: what runs, in which environment, when, and how often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlops_spec.address import parse
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.carrying import Carrying
from mlops_spec.blueprint.lower.compute import compute, volumes
from mlops_spec.blueprint.lower.words import secret_variable, text
from mlops_spec.blueprint.ports import Refused, Run
from mlops_spec.blueprint.types import Input, Label, Retries, Step, Variable, When, Workload
from mlops_spec.language.placeholder import Reference, split
from mlops_spec.language.text import Name
from mlops_spec.model.pipelines import Step as Said


class Lowering(Carrying):
    """Lowers the steps of one pipeline."""

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
                path = self.orchestrator.output_path(Name(name))
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
            secret = [p for p in parts if isinstance(p, Reference) and p.path[0] == "secrets"]
            if secret and len(parts) == 1:
                found.append(secret_variable(address, name, secret[0].path[1], secret[0].path[2]))
            elif secret:
                raise Refused("a secret is a variable of its own; it cannot stand inside a longer text")
            else:
                found.append(self.variable(name, self.words(value, said, address), address))
        return tuple(found)

    def occurrences(self, said: Said, after: tuple[Name, ...]) -> Iterator[Step]:
        """Lower a step of the user's: once, or where the orchestrator has no loops once for each of its items."""
        if not said.foreach or self.orchestrator.loops:
            yield self.step(said, after)
            return
        for item in self.items(said):
            self.item = {"index": item.index, item.key: item.value}
            yield self.step(said, after)
        self.item = None

    def step(self, said: Said, after: tuple[Name, ...]) -> Step:
        """Lower a step that runs a command of the user's."""
        access = self.store_access() if self.reads_uris(said) else ()
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
        return self.finish(said, workload, after, self.inputs(said), contract.INSTALLED_RUNTIME)

    def finish(
        self, said: Said, workload: Workload, after: tuple[Name, ...], inputs: tuple[Input, ...], runtime: str
    ) -> Step:
        """Give a step what it has whatever runs in it: order, wires, retries, timeout, condition.

        ``runtime`` is the command of our programs in its image.
        """
        address, condition, outputs = said.address, said.when, self.outputs(said)
        workload, init = self.carrying(said, workload, inputs, outputs, runtime)
        return Step(
            address=address,
            name=self.occurrence(said),
            workload=workload,
            init=init,
            annotations=self._annotations(said),
            after=after,
            takes=self.taken(),
            inputs=inputs,
            outputs=outputs,
            results=(),
            retries=self.retries(said),
            timeout=said.timeout.seconds if said.timeout else None,
            when=When(
                address=condition.address,
                parameter=Name(condition.parameter),
                value=text(condition.is_),
                expression=self.orchestrator.condition(Name(condition.parameter), text(condition.is_)),
            )
            if condition
            else None,
            items=self.items(said) if self.item is None else (),
            repeatable=False,
        )

    def retries(self, said: Said) -> Retries | None:
        """Return how often a step is tried again: its own, else the pipeline's."""
        retries = said.retries or self.pipeline.retries
        if retries is None:
            return None
        backoff = retries.backoff.seconds
        return Retries(address=retries.address, limit=retries.limit, backoff=backoff, wait=f"{backoff}s")

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
        shown = self.orchestrator.text
        return tuple(Label(address=said.address, key=key, value=shown(value)) for key, value in sorted(notes.items()))
