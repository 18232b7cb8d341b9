"""What a step's pod holds beside the step's own container: what brings its data, and the runtime that moves its files.

Where the orchestrator moves no artifacts, the step's command is run by the program ``step``, which fetches the step's
inputs before and stores its outputs after. The user's image need not have it: a container that ends before the step's
own starts copies it into a volume that both see.
"""

from __future__ import annotations

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.compute import compute
from mlops_spec.blueprint.lower.mounts import folder
from mlops_spec.blueprint.lower.wires import Wires
from mlops_spec.blueprint.types import Input, Output, Volume, Workload
from mlops_spec.model.pipelines import Step


class Carrying(Wires):
    """Gives the steps of one pipeline what moves their files."""

    def carrying(
        self,
        said: Step,
        workload: Workload,
        inputs: tuple[Input, ...],
        outputs: tuple[Output, ...],
        runtime: str,
    ) -> tuple[Workload, tuple[Workload, ...]]:
        """Return the container of a step, and those that run before it; ``runtime`` is our command in its image."""
        before: list[Workload] = []
        if self.orchestrator.init_containers and self.fetched(said):
            before.append(self.fetch(said, [{"to": contract.input_path(name)} for name, _ in self.fetched(said)]))
        if not (inputs or outputs):
            return workload, tuple(before)
        if self.moved:
            return (self._opening(workload) if self.orchestrator.keeps else workload), tuple(before)
        told = {
            "inputs": [{"to": i.path, "content": True} if i.content else {"to": i.path} for i in inputs],
            "outputs": [{"from": output.path} for output in outputs],
        }
        values = (*(i.content or i.uri or "" for i in inputs), *(output.uri or "" for output in outputs))
        words = map(self.orchestrator.literal, contract.program(contract.STEP, told, runtime))
        changed = {
            "command": (*words, *values, "--", *workload.command),
            "env": self._opening(workload).env,
        }
        if runtime == contract.INSTALLED_RUNTIME:
            installed = _installed(workload)
            before.insert(0, self._install(said, installed))
            changed["volumes"] = (*workload.volumes, installed)
        return Workload(**{**workload.__dict__, **changed}), tuple(before)

    def _opening(self, workload: Workload) -> Workload:
        """Give a container what opens the store; an orchestrator that keeps artifacts moves them from within it."""
        env = {variable.name: variable for variable in (*self.store_access(), *workload.env)}
        return Workload(**{**workload.__dict__, "env": tuple(env.values())})

    def _install(self, said: Step, volume: Volume) -> Workload:
        command = (contract.RUNTIME, contract.INSTALL, contract.INSTALLED)
        return Workload(
            address=said.address, name=contract.INSTALL, image=self.context.runtime or "", command=command, env=(),
            compute=compute(None, said.address), volumes=(volume,),
        )  # fmt: skip


def _installed(workload: Workload) -> Volume:
    return folder(workload.address, "runtime", contract.INSTALLED, contract.TEMPORARY_SIZE)
