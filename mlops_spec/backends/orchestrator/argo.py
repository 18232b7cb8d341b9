"""Argo Workflows: each pipeline is a WorkflowTemplate, and with a schedule a CronWorkflow that starts it.

What else starts it comes through Argo Events: an EventSource hears of it, a Sensor creates a workflow, whose first step
decides whether the others run; without Argo Events a job looks for it, decides, and creates the workflow. All runs of a
pipeline take turns by a mutex.

Argo puts values in by text, wherever ``{{ }}`` stands, and has no escape: text of the spec that holds ``{{`` is
refused, and only ``wire`` writes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import ClassVar

from mlops_spec.backends.backend import System
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.effects import Effect, does
from mlops_spec.blueprint.ports import File, Refused, Told, file
from mlops_spec.blueprint.types import Blueprint, Contribution, Endpoint, Label, Pipeline, Reference, Rule, Step
from mlops_spec.language.text import Name

_PATH = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_API_PORTS = (443, 6443)
_WEBHOOK_PORT = 12000


class Argo(System):
    """The options of ``platform.orchestrator`` with ``backend: argo``."""

    service_account: str
    events: bool

    schemes: ClassVar[frozenset[str]] = frozenset(("s3", "gs"))
    brings: ClassVar[frozenset[str]] = schemes
    keeps: ClassVar[bool] = False
    init_containers: ClassVar[bool] = True
    loops: ClassVar[bool] = True
    versions: ClassVar[bool] = False
    outcomes: ClassVar[Mapping[str, str]] = {"Succeeded": contract.FINISHED}

    effects = (
        *does("WorkflowTemplate", Effect.RETRAINS, "spec"),
        *does("CronWorkflow", Effect.RETRAINS, "spec"),
        *does("Sensor", Effect.RETRAINS, "spec"),
        *does("EventSource", Effect.RETRAINS, "spec"),
    )

    @property
    def hears(self) -> bool:
        """Tell whether Argo Events is there to hear what starts pipelines."""
        return self.events

    def account(self) -> Name:
        """Return the name of the ServiceAccount that steps run as."""
        return Name(self.service_account)

    def token(self) -> bool:
        """Argo's own containers report results with a token, which the step's container does not see."""
        return True

    def drivers(self) -> tuple[Label, ...]:
        """Argo's own containers are in the pods of steps."""
        return ()

    def literal(self, text: str) -> str:
        """Escape text for a command or a variable, where Kubernetes reads ``$(X)`` and ``$$``. Raises Refused."""
        return contract.literal(self.text(text))

    def text(self, text: str) -> str:
        """Return text that Argo does not take for a value. Raises Refused."""
        if "{{" in text:
            raise Refused("Argo Workflows has no way to write {{, which it takes for the start of a value")
        if text.endswith("{"):
            raise Refused("Argo Workflows would join a { at the end to the value that follows: put a blank after it")
        return text

    def default(self, text: str) -> str:
        """Escape it as a text that stands where it is put: Argo puts it there as it is. Raises Refused."""
        return self.literal(text)

    def reference(self, reference: Reference) -> str:
        """Say a run-time value in a step's own template. Raises Refused."""
        if reference.parameter is not None:
            return wire("workflow", "parameters", reference.parameter)
        if reference.run:
            return wire("workflow", "uid")
        if reference.begin is not None:
            return wire("inputs", "parameters", reference.name)
        if reference.item is not None:
            return wire("inputs", "parameters", reference.name)
        raise Refused("Argo Workflows hands a step the files of an artifact, and no text of it")

    def source(self, reference: Reference) -> str | None:
        """Say a run-time value where tasks are wired; parameters and the run's id need no wire."""
        if reference.begin is not None:
            return wire("tasks", "begin", "outputs", "parameters", reference.begin)
        if reference.item is not None:
            return wire("item", reference.item)
        if reference.artifact is not None:
            return wire("tasks", reference.artifact.step, "outputs", "artifacts", reference.artifact.output)
        return None

    def input_path(self, name: Name) -> str:
        """Return the contract's own path: Argo puts artifacts wherever a template says."""
        return contract.input_path(name)

    def input_uri(self, name: Name) -> str:
        """Argo keeps artifacts at the contract's URIs, and has no word for them. Raises Refused."""
        raise Refused("Argo Workflows has no word for the URI of an artifact")

    def output_path(self, name: Name) -> str:
        """Return the contract's own path."""
        return contract.output_path(name)

    def result_path(self, name: Name) -> str:
        """Return the contract's own path."""
        return contract.result_path(name)

    def times(self) -> tuple[str, str]:
        """Say when the run was scheduled (a run by hand keeps the words as they are) and when it started."""
        return wire("workflow", "scheduledTime"), wire("workflow", "creationTimestamp", "RFC3339")

    def outcome(self) -> str:
        """Say how the workflow went: a value that only its exit handler has."""
        return wire("workflow", "status")

    def condition(self, parameter: Name, value: str) -> str:
        """Say that a parameter has a value, as an expression. Raises Refused."""
        if "}}" in value or _CONTROL.search(value):
            raise Refused("Argo Workflows cannot compare with a text that holds }} or control characters")
        text = json.dumps(self.literal(value), ensure_ascii=False)
        return wire("workflow", "parameters", parameter, equals=text)

    def rules(self) -> tuple[Rule, ...]:
        """Return what Argo's own containers do: report the results of a step."""
        return (
            Rule(
                address=self.address,
                group="argoproj.io",
                resources=(Name("workflowtaskresults"),),
                verbs=(Name("create"), Name("patch")),
            ),
        )

    def followed(self, pipeline: Pipeline) -> Told:
        """Workflows are objects of the namespace."""
        reached = Contribution(address=self.address, env=(), egress=self.egress())
        told = {"namespace": pipeline.namespace}
        return Told(configuration={"argo": told}, contribution=reached)

    def follows(self) -> tuple[Rule, ...]:
        """Return what lists workflows."""
        return (self._workflows("list"),)

    def starts(self) -> tuple[Rule, ...]:
        """Return what creates a workflow."""
        return (self._workflows("create"),)

    def _workflows(self, verb: str) -> Rule:
        return Rule(address=self.address, group="argoproj.io", resources=(Name("workflows"),), verbs=(Name(verb),))

    def webhook(self, trigger: Name, namespace: Name, path: str) -> str:
        """Return the address of the Service that Argo Events makes for an EventSource."""
        return f"http://{trigger}-eventsource-svc.{namespace}.svc:{_WEBHOOK_PORT}{path}"

    def listens(self) -> int:
        """Return the port that the EventSource's template names."""
        return _WEBHOOK_PORT

    def bus(self) -> tuple[int, int] | None:
        """Return the ports of NATS JetStream: for clients, and between its servers."""
        return 4222, 6222

    def egress(self) -> tuple[Endpoint, ...]:
        """Return the API server's usual ports: policies see its own address, which is outside every namespace."""
        return tuple(Endpoint(address=self.address, namespace=None, port=port) for port in _API_PORTS)

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print the templates of workflows, and what starts them on time."""
        for pipeline in blueprint.pipelines:
            yield file("orchestrator/argo/workflowtemplate.yaml.j2", pipeline=_worded(pipeline))
            if pipeline.schedule is not None:
                yield file("orchestrator/argo/cronworkflow.yaml.j2", pipeline=pipeline)
        if blueprint.bus is not None:
            yield file("orchestrator/argo/eventbus.yaml.j2", bus=blueprint.bus)
        for trigger in blueprint.triggers:
            for listener in trigger.listeners:
                yield file("orchestrator/argo/eventsource.yaml.j2", listener=listener)
            yield file("orchestrator/argo/sensor.yaml.j2", trigger=trigger)


def wire(*path: str, equals: str = "") -> str:
    """Write a reference to a run-time value, or an expression that compares it: the only writer of ``{{ }}``.

    ``equals`` is a literal of Argo's expression language. Raises Refused where the path holds anything but names.
    """
    dotted = ".".join(path)
    if _PATH.fullmatch(dotted) is None:
        raise Refused(f"Argo Workflows cannot refer to {dotted}: names are letters, digits, _ and -")
    return "{{=" + f"{dotted} == {equals}" + "}}" if equals else "{{" + dotted + "}}"


def _worded(pipeline: Pipeline) -> Pipeline:
    """Leave only those values to be handed that have a source; a step sees the others by itself."""
    steps = tuple(map(_handed, pipeline.steps))
    decision = _handed(pipeline.decision) if pipeline.decision else None
    end = _handed(pipeline.end) if pipeline.end else None
    return Pipeline(**{**pipeline.__dict__, "steps": steps, "decision": decision, "end": end})


def _handed(step: Step) -> Step:
    return Step(**{**step.__dict__, "takes": tuple(taken for taken in step.takes if taken.source)})
