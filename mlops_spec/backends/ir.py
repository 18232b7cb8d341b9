"""Pipelines in Kubeflow's intermediate representation, version 2.1, which Vertex AI reads too.

Values that are known only at run time are put in by text, wherever ``{{$.…}}`` stands in a container's command and
nowhere else: ``resolved`` moves those that variables hold into the command, as arguments of ``env``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from mlops_spec.backends.backend import System
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.ports import Refused
from mlops_spec.blueprint.types import Input, Output, Pipeline, Reference, Rule, Step, Variable, Workload
from mlops_spec.language.text import Name

MARK = "{{$"
"""What every run-time word starts with, and no other text holds."""

WHEN = Name("when")
"""What a step with a condition calls the parameter that it depends on."""

_ENV = "env"
_SCHEMAS = {
    "dataset": "system.Dataset",
    "model": "system.Model",
    "metrics": "system.Metrics",
    "file": "system.Artifact",
}
_EXECUTOR = re.compile(r'\s*\{"(?:IfPresent|Concat)":')
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Intermediate(System):
    """What runs the representation: it decides itself where artifacts are kept, and starts one container per step."""

    keeps: ClassVar[bool] = True
    init_containers: ClassVar[bool] = False
    loops: ClassVar[bool] = False
    hears: ClassVar[bool] = False
    outcomes: ClassVar[Mapping[str, str]] = {
        # Kubeflow Pipelines before 2.17 says COMPLETE, as ML Metadata does.
        **dict.fromkeys(("SUCCEEDED", "COMPLETE", "CACHED", "SKIPPED"), contract.FINISHED),
        **dict.fromkeys(("CANCELLED", "CANCELED"), contract.KILLED),
    }

    def text(self, text: str) -> str:
        """Return text that is taken neither for a value nor for a choice between arguments. Raises Refused."""
        if _EXECUTOR.match(text):
            raise Refused('a text that starts with {"IfPresent": or {"Concat": is taken for a choice between arguments')
        return text

    def default(self, text: str) -> str:
        """Escape it as a text that stands where it is put: the value is put there as it is. Raises Refused."""
        return self.literal(text)

    def reference(self, reference: Reference) -> str:
        """Say a run-time value in a step's own command, which is handed it as a parameter. Raises Refused."""
        if reference.artifact is not None:
            raise Refused("a step is handed the files of an artifact, and no text of it")
        return _word("inputs", "parameters", reference.name)

    def source(self, reference: Reference) -> str | None:
        """Say the run's own id; the template says the other values where it wires tasks."""
        return "{{$.pipeline_job_uuid}}" if reference.run else None

    def input_path(self, name: Name) -> str:
        """Say where the launcher has put an artifact."""
        return _word("inputs", "artifacts", name, "path")

    def input_uri(self, name: Name) -> str:
        """Say where an artifact is kept."""
        return _word("inputs", "artifacts", name, "uri")

    def output_path(self, name: Name) -> str:
        """Say where the launcher looks for an artifact."""
        return _word("outputs", "artifacts", name, "path")

    def result_path(self, name: Name) -> str:
        """Say where the launcher looks for a small value."""
        return _word("outputs", "parameters", name, "output_file")

    def times(self) -> tuple[str, str]:
        """Say the times that the template hands to steps which leave results."""
        return _word("inputs", "parameters", "scheduled-at"), _word("inputs", "parameters", "started-at")

    def outcome(self) -> str:
        """Say how the graph of all other steps went, which the template hands to the step that ends the run."""
        return _word("inputs", "parameters", "status")

    def condition(self, parameter: Name, value: str) -> str:
        """Say that a step's ``when`` has a value, in the Common Expression Language. Raises Refused."""
        if _CONTROL.search(value):
            raise Refused("a condition cannot compare with a text that holds control characters")
        said = self.literal(value).replace("\\", "\\\\").replace("'", "\\'")
        return f"inputs.parameter_values['{WHEN}'] == '{said}'"

    def starts(self) -> tuple[Rule, ...]:
        """No account of Kubernetes' starts a run: its API does."""
        return ()

    def literal(self, text: str) -> str:
        """Escape text for a command or a variable. Raises Refused."""
        raise NotImplementedError


def resolved(pipeline: Pipeline) -> Pipeline:
    """Return a pipeline in the representation's own words: artifacts by their schemas, run-time values in commands."""
    end = _step(pipeline.end) if pipeline.end else None
    return Pipeline(**{**pipeline.__dict__, "steps": tuple(map(_step, pipeline.steps)), "end": end})


def _step(step: Step) -> Step:
    changed = {
        "workload": _workload(step.workload),
        "inputs": tuple(Input(**{**given.__dict__, "type": _schema(given.type)}) for given in step.inputs),
        "outputs": tuple(Output(**{**left.__dict__, "type": _schema(left.type)}) for left in step.outputs),
    }
    return Step(**{**step.__dict__, **changed})


def _schema(kind: Name) -> Name:
    return Name(_SCHEMAS[kind])


def _workload(workload: Workload) -> Workload:
    """Move variables whose value is known only at run time into the command."""
    late = _late(workload)
    if not late:
        return workload
    command = (_ENV, *(f"{v.name}={v.value}" for v in late), *workload.command)
    env = tuple(v for v in workload.env if v not in late)
    return Workload(**{**workload.__dict__, "command": command, "env": env})


def _late(workload: Workload) -> tuple[Variable, ...]:
    return tuple(v for v in workload.env if v.value is not None and MARK in v.value)


def scheduled(pipeline: Pipeline) -> dict[str, str] | None:
    """Return the parameters of runs that the schedule starts, where they say what started them."""
    return {contract.STARTED_BY: contract.SCHEDULE} if pipeline.polled else None


def check_started(pipeline: Pipeline) -> None:
    """Refuse a program that ``env`` would take for one more variable. Raises Refused."""
    for step in pipeline.steps:
        if _late(step.workload) and "=" in step.workload.command[0]:
            at = f"{step.workload.address}.command.0"
            raise Refused("a program whose name holds a = cannot be started with variables of the run", at)


def _word(*path: str) -> str:
    """Write a run-time word; the third part is the name of what is meant. The only writer of ``{{$``."""
    direction, kind, name, *rest = path
    return "{{$." + f"{direction}.{kind}['{name}']{''.join(f'.{part}' for part in rest)}" + "}}"
