"""Vertex AI Pipelines: Kubeflow's intermediate representation, which a job schedules; steps run outside the cluster.

There are no secrets of Kubernetes and no pods there, so what a pod alone has is refused at its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from mlops_spec.backends.ir import MARK, Intermediate, check_started, resolved, scheduled
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.effects import Effect, does
from mlops_spec.blueprint.ports import File, Refused, Told, absent, file, limit, one_of, unbuilt
from mlops_spec.blueprint.types import (
    Accelerator,
    Blueprint,
    Compute,
    Contribution,
    Endpoint,
    Label,
    Pipeline,
    Rule,
    Step,
    Workload,
)
from mlops_spec.language.placeholder import Reference, split
from mlops_spec.language.text import Name

ACCELERATORS = {
    "nvidia-a100": "NVIDIA_TESLA_A100",
    "nvidia-a100-80gb": "NVIDIA_A100_80GB",
    "nvidia-h100": "NVIDIA_H100_80GB",
    "nvidia-l4": "NVIDIA_L4",
    "nvidia-p100": "NVIDIA_TESLA_P100",
    "nvidia-p4": "NVIDIA_TESLA_P4",
    "nvidia-t4": "NVIDIA_TESLA_T4",
    "nvidia-v100": "NVIDIA_TESLA_V100",
}
"""What Vertex AI calls the accelerators of the language."""

_DOLLAR = re.compile(r"\$(?:[$(]|\Z)")
_HTTPS = 443
_PODS = "steps are no pods on Vertex AI, which chooses the machines itself"
_SECRETS = "Vertex AI has no secrets of Kubernetes; let the steps' service account open what it needs"
_TIME = "Vertex AI knows no longest time of a step or a pipeline"


def _no_secret(value: Any) -> bool:
    """Honour a variable that takes nothing from a secret."""
    return not any(isinstance(part, Reference) and part.path[0] == "secrets" for part in split(str(value)))


class Vertex(Intermediate):
    """The options of ``platform.orchestrator`` with ``backend: vertex``."""

    project: str
    location: str
    service_account: str | None
    network: str | None

    schemes: ClassVar[frozenset[str]] = frozenset(("gs",))
    brings: ClassVar[frozenset[str]] = frozenset()
    versions: ClassVar[bool] = True
    effects = does("ConfigMap", Effect.RETRAINS, "data")
    limits = (
        limit("pipelines.*.steps.*.env.*", _no_secret, _SECRETS),
        limit("platform.tracking.secret", absent, _SECRETS),
        limit("platform.artifacts.secret", absent, _SECRETS),
        limit("pipelines.*.timeout", absent, _TIME),
        limit("pipelines.*.steps.*.timeout", absent, _TIME),
        limit("compute.*.accelerator.model", one_of(*ACCELERATORS), f"it has {', '.join(ACCELERATORS)}"),
        limit("compute.*.disk", absent, _PODS),
        limit("compute.*.shared_memory", absent, _PODS),
        limit("compute.*.node_selector", absent, _PODS),
        limit("compute.*.tolerations", absent, _PODS),
        limit("compute.*.queue", absent, _PODS),
        unbuilt("pipelines.*.steps.*.description", "Vertex AI shows no description of a step"),
    )

    def account(self) -> None:
        """Steps run outside the cluster, as a service account of Google's."""
        return

    def token(self) -> bool:
        """Nothing of it runs in the cluster."""
        return False

    def drivers(self) -> tuple[Label, ...]:
        """Nothing of it runs in the cluster."""
        return ()

    def literal(self, text: str) -> str:
        """Return text that stands for itself. Raises Refused.

        Vertex AI expands ``$(X)`` in variables, and does not say whether in commands: there is no way to write it that
        is sure to mean itself.
        """
        if _DOLLAR.search(text):
            raise Refused("Vertex AI has no sure way to write $( or $$, or a $ at the end")
        return self.text(text)

    def text(self, text: str) -> str:
        """Return text that Vertex AI does not take for a value. Raises Refused."""
        if MARK in text:
            raise Refused("Vertex AI has no way to write {{$, which it takes for the start of a value")
        return super().text(text)

    def rules(self) -> tuple[Rule, ...]:
        """Nothing of it runs in the cluster."""
        return ()

    def egress(self) -> tuple[Endpoint, ...]:
        """Return where the job talks to that submits: Google's APIs, and what tells it who it is."""
        return tuple(Endpoint(address=self.address, namespace=None, port=port) for port in (80, _HTTPS, 988))

    def told(self, pipeline: Pipeline, version: Name) -> Told:
        """Say what is scheduled; the names are unique in all of the project of Google's. Raises Refused."""
        check_started(pipeline)
        whose, schedule = _instance(pipeline), pipeline.schedule
        when = {"cron": schedule.cron, "timezone": schedule.timezone} if schedule else None
        configuration = {
            "vertex": self._where(),
            "pipeline": f"{whose}-{pipeline.name}",
            "version": f"{whose}-{version}",
            "root": pipeline.root,
            "file": f"{contract.CONFIG}/{contract.PIPELINE}",
            "schedule": when,
            "parameters": scheduled(pipeline),
        }
        return Told(configuration=contract.present(configuration), contribution=self._reached())

    def followed(self, pipeline: Pipeline) -> Told:
        """Google's API answers: there the pipeline has the name that `submit` gives it."""
        said = {
            "name": f"{_instance(pipeline)}-{pipeline.name}",
            "root": pipeline.root,
            "file": f"{contract.SUBMITTED}/{contract.PIPELINE}",
        }
        told = contract.present({**self._where(), **said})
        return Told(configuration={"vertex": told}, contribution=self._reached())

    def follows(self) -> tuple[Rule, ...]:
        """Google's API knows nothing of the cluster's accounts."""
        return ()

    def _where(self) -> dict[str, Any]:
        said = {name: getattr(self, name) for name in ("project", "location", "service_account", "network")}
        return contract.present(said)

    def _reached(self) -> Contribution:
        return Contribution(address=self.address, env=(), egress=self.egress())

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print the file of each pipeline, and the job that submits it."""
        for pipeline in blueprint.pipelines:
            submission = pipeline.submission
            if submission is not None and submission.job is not None:
                document = file("orchestrator/vertex/ir.yaml.j2", pipeline=resolved(_named(pipeline)))
                yield file("orchestrator/vertex/configmap.yaml.j2", config=submission.config, document=document)
                yield file("orchestrator/vertex/job.yaml.j2", job=submission.job)


def _instance(pipeline: Pipeline) -> str:
    return next(label.value for label in pipeline.labels if label.key == "app.kubernetes.io/instance")


def _named(pipeline: Pipeline) -> Pipeline:
    """Call accelerators as Vertex AI does."""
    return Pipeline(**{**pipeline.__dict__, "steps": tuple(map(_step, pipeline.steps))})


def _step(step: Step) -> Step:
    compute = step.workload.compute
    device = compute.accelerator
    if device is None:
        return step
    called = Accelerator(**{**device.__dict__, "resource": ACCELERATORS[device.model]})
    compute = Compute(**{**compute.__dict__, "accelerator": called})
    return Step(**{**step.__dict__, "workload": Workload(**{**step.workload.__dict__, "compute": compute})})
