"""Kubeflow Pipelines, 2.17 and later: each pipeline is its intermediate representation, version 2.1.

In its Kubernetes-native mode a pipeline is a Pipeline and a PipelineVersion; elsewhere a job uploads it. Schedules are
made through the API in both. Kubeflow runs on Argo Workflows, so text that holds ``{{`` is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from mlops_spec.backends.ir import Intermediate, check_started, resolved, scheduled
from mlops_spec.blueprint import contract
from mlops_spec.blueprint.effects import Effect, does
from mlops_spec.blueprint.lower.artifacts import endpoint, scheme
from mlops_spec.blueprint.lower.words import secret_variable
from mlops_spec.blueprint.ports import File, Refused, Told, absent, file, limit, one_of
from mlops_spec.blueprint.types import Blueprint, Contribution, Endpoint, Label, Pipeline, Rule, Submission
from mlops_spec.language.text import Name

_API_PORTS = (443, 6443)
_METADATA, _PIPELINES, _PIPELINES_GRPC = 8080, 8888, 8887
_NATIVE = "native"
TOKEN = "KUBEFLOW_TOKEN"


def _opened(artifacts: Any) -> bool:
    """Honour a store that the variables of a step open, or its own identity."""
    return absent(artifacts) or scheme(str(artifacts.get("uri"))) != "gs" or not artifacts.get("secret")


class Kubeflow(Intermediate):
    """The options of ``platform.orchestrator`` with ``backend: kubeflow``."""

    mode: str
    host: str | None
    secret: str | None
    service_account: str
    namespace: str

    schemes: ClassVar[frozenset[str]] = frozenset(("s3", "gs", "minio"))
    brings: ClassVar[frozenset[str]] = frozenset()
    versions: ClassVar[bool] = True
    effects = (
        *does("ConfigMap", Effect.RETRAINS, "data"),
        *does("Pipeline", Effect.RETRAINS, "spec"),
        *does("PipelineVersion", Effect.RETRAINS, "spec"),
    )
    limits = (
        limit(
            "pipelines.*.schedule.timezone",
            one_of("UTC"),
            "Kubeflow Pipelines reads all schedules in one time zone, which is the controller's (UTC by itself)",
        ),
        limit(
            "pipelines.*.schedule",
            absent,
            "Kubeflow Pipelines makes schedules through its API alone, also where pipelines are objects: set `host`",
            host=None,
        ),
        limit(
            "platform.artifacts",
            _opened,
            "the launcher opens Google Cloud Storage by the steps' own identity: name no secret",
        ),
    )

    def account(self) -> Name:
        """Return the name of the ServiceAccount that steps run as."""
        return Name(self.service_account)

    def token(self) -> bool:
        """The launcher runs in the step's own container, so the token is mounted there."""
        return False

    def drivers(self) -> tuple[Label, ...]:
        """Return what Argo Workflows gives all pods of a run that is under way: each task has a driver's beside it."""
        return (Label(address=self.address, key="workflows.argoproj.io/completed", value="false"),)

    def literal(self, text: str) -> str:
        """Escape text for a command or a variable, where Kubernetes reads ``$(X)`` and ``$$``: twice. Raises Refused.

        It stands in the arguments of the task's driver first, and in the step's own container then.
        """
        return contract.literal(contract.literal(self.text(text)))

    def text(self, text: str) -> str:
        """Return text that neither Kubeflow nor Argo Workflows takes for a value. Raises Refused."""
        if "{{" in text:
            raise Refused("Kubeflow Pipelines has no way to write {{, which it takes for the start of a value")
        if text.endswith("{"):
            raise Refused("Kubeflow Pipelines would join a { at the end to what follows: put a blank after it")
        return super().text(text)

    def rules(self) -> tuple[Rule, ...]:
        """Return what drivers and launchers do: read their configuration, the run and their pod, report results."""
        return (
            self._rule("", "configmaps", "get", "list", "watch"),
            self._rule("", "pods", "get"),
            self._rule("argoproj.io", "workflows", "get"),
            self._rule("argoproj.io", "workflowtaskresults", "create", "patch"),
        )

    def _rule(self, group: str, resource: str, *verbs: str) -> Rule:
        return Rule(address=self.address, group=group, resources=(Name(resource),), verbs=tuple(map(Name, verbs)))

    def egress(self) -> tuple[Endpoint, ...]:
        """Return Kubeflow's own services, and the API server's usual ports."""
        own = (_METADATA, _PIPELINES, _PIPELINES_GRPC)
        inside = (Endpoint(address=self.address, namespace=Name(self.namespace), port=port) for port in own)
        return (*(Endpoint(address=self.address, namespace=None, port=port) for port in _API_PORTS), *inside)

    def told(self, pipeline: Pipeline, version: Name) -> Told | None:
        """Say what is uploaded and scheduled; None where the pipeline is an object and there is no API to ask.

        Raises Refused.
        """
        check_started(pipeline)
        upload = self.mode != _NATIVE
        if self.host is None:
            return None
        schedule = {"cron": pipeline.schedule.cron} if pipeline.schedule else None
        configuration = {
            "kubeflow": self._where(pipeline),
            "pipeline": pipeline.name,
            "version": version,
            "root": pipeline.root,
            "file": f"{contract.CONFIG}/{contract.PIPELINE}" if upload else None,
            "schedule": schedule,
            "parameters": scheduled(pipeline),
        }
        return Told(configuration=contract.present(configuration), contribution=self._reached(self.host))

    def followed(self, pipeline: Pipeline) -> Told | None:
        """The API answers, where an address is named."""
        if self.host is None or pipeline.submission is None:
            return None
        version = {"version": pipeline.submission.name, "root": pipeline.root}
        told = contract.present({**self._where(pipeline), **version})
        return Told(configuration={"kubeflow": told}, contribution=self._reached(self.host))

    def follows(self) -> tuple[Rule, ...]:
        """A token of Kubeflow's own opens its API."""
        return ()

    def _where(self, pipeline: Pipeline) -> dict[str, Any]:
        return {"host": self.host, "namespace": pipeline.namespace, "service_account": self.service_account}

    def _reached(self, host: str) -> Contribution:
        at = f"{self.address}.secret"
        env = (secret_variable(at, TOKEN, self.secret, "token"),) if self.secret else ()
        return Contribution(address=self.address, env=env, egress=(endpoint(host, f"{self.address}.host"),))

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print pipelines as objects or as files that jobs upload, and these jobs."""
        for pipeline in blueprint.pipelines:
            assert pipeline.submission is not None
            yield from self._printed(resolved(pipeline), pipeline.submission)

    def _printed(self, pipeline: Pipeline, submission: Submission) -> Iterator[File]:
        native = self.mode == _NATIVE
        if native:
            yield file("orchestrator/kubeflow/pipeline.yaml.j2", pipeline=pipeline)
            yield file("orchestrator/kubeflow/pipelineversion.yaml.j2", version=submission, pipeline=pipeline)
        if submission.job is not None:
            document = None if native else file("orchestrator/kubeflow/ir.yaml.j2", pipeline=pipeline)
            yield file("orchestrator/kubeflow/configmap.yaml.j2", config=submission.config, document=document)
            yield file("orchestrator/kubeflow/job.yaml.j2", job=submission.job)
