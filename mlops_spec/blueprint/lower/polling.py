"""The jobs that look at pipelines from time to time: how runs went, whom to tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mlops_spec.address import parse
from mlops_spec.blueprint import contract, signals
from mlops_spec.blueprint.lower.artifacts import endpoint
from mlops_spec.blueprint.lower.cluster import account, policy, selector
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.pipelines import tracked
from mlops_spec.blueprint.lower.programs import config, workload
from mlops_spec.blueprint.names import SCHEDULED, shorten
from mlops_spec.blueprint.ports import Run, Told
from mlops_spec.blueprint.types import (
    Account,
    CronJob,
    Pipeline,
    Policy,
    Role,
    Schedule,
    Variable,
    Volume,
    Workload,
)
from mlops_spec.language.text import Name
from mlops_spec.model.pipelines import Pipeline as Said

_COMPONENT = "pipelines"
EVERY = 300
"""How often (seconds) runs are looked at."""

_LATE, _DEADLINE, _RETRIES = 240, 600, 0
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"


class Polled(NamedTuple):
    """The jobs, what they need in the cluster, and which pipelines have channels that are told."""

    told: tuple[Pipeline, ...] = ()
    jobs: tuple[CronJob, ...] = ()
    accounts: tuple[Account, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: tuple[Policy, ...] = ()


def polled(context: Context, pipelines: Iterable[Pipeline]) -> Polled:
    """Lower what looks at those of the ``pipelines`` that ask for it and have what it needs."""
    found = [each for pipeline in pipelines for each in _polls(context, pipeline)]
    return Polled(
        told=tuple(each.pipeline for each in found),
        jobs=tuple(each.job() for each in found),
        accounts=tuple(account(context, each.address, each.account) for each in found),
        roles=tuple(role for each in found for role in each.role()),
        policies=tuple(each.policy() for each in found),
    )


def _polls(context: Context, pipeline: Pipeline) -> Iterator[_Poll]:
    said = context.spec.pipelines[parse(pipeline.address)[1]]
    orchestrator = context.ports.orchestrators[said.name]
    if said.notify is None or orchestrator is None:
        return
    if said.notify.missed is not None and said.schedule is None:
        context.withhold(said.notify.missed.address, "no run of it is ever due: it has no schedule", "add `schedule`")
        if not said.notify.failed:
            return
    told = orchestrator.followed(pipeline)
    lacking = _lacking(context, told)
    if lacking is not None or told is None:
        context.withhold(said.notify.address, *(lacking or ("", "")))
        return
    yield _Poll(context, pipeline, said, told)


def _lacking(context: Context, told: Told | None) -> tuple[str, str] | None:
    """Return what is not there yet to look at runs with, and the way out."""
    if told is None:
        return "nothing answers how its runs went", "set the orchestrator's `host`, and the `secret` that opens it"
    if not tracked(context):
        reason = "the program that looks at runs needs a runtime image and a tracking address"
        return reason, "set platform.runtime.image and platform.tracking.uri"
    if context.ports.metrics is None or context.ports.metrics.push is None:
        reason = "the program that looks at runs has no address to leave its series at"
        return reason, "set platform.metrics.push, a Pushgateway"
    return None


class _Poll:
    """The job of one pipeline."""

    def __init__(self, context: Context, pipeline: Pipeline, said: Said, told: Told) -> None:
        orchestrator = context.ports.orchestrators[said.name]
        assert orchestrator is not None
        self.context, self.pipeline, self.said, self.reached = context, pipeline, said, told
        self.orchestrator, self.address = orchestrator, pipeline.address
        self.name = shorten(f"{pipeline.name}-{contract.POLL}", self.address, SCHEDULED)
        self.account = Name(f"{pipeline.name}.{contract.POLL}")

    def job(self) -> CronJob:
        """Return the job."""
        told = config(self.context, self.address, self.name, _COMPONENT, contract.POLL, self._configuration())
        schedule = Schedule(address=self.address, cron=f"*/{EVERY // 60} * * * *", timezone="UTC", deadline=_LATE)
        resource = self.context.resource(self.address, self.name, _COMPONENT, 1)
        made = workload(self.context, contract.POLL, self.address, told, self._environment())
        return CronJob(
            **resource,
            account=self.account,
            pods=resource["labels"],
            workload=Workload(**{**made.__dict__, "volumes": (*made.volumes, *self._token())}),
            deadline=_DEADLINE,
            retries=_RETRIES,
            schedule=schedule,
            config=told,
        )

    def _configuration(self) -> dict[str, Any]:
        """Return what ``schemas/runtime/poll.schema.json`` describes."""
        return {"pipeline": str(self.pipeline.name), **self.reached.configuration, "told": self._told()}

    def _told(self) -> dict[str, Any]:
        metrics, notify = self.context.ports.metrics, self.said.notify
        assert metrics is not None
        assert notify is not None
        missed = schedule = None
        if self.pipeline.schedule is not None:
            schedule = {"cron": self.pipeline.schedule.cron, "timezone": self.pipeline.schedule.timezone}
        if notify.missed is not None and schedule is not None:
            missed = {"after": notify.missed.after.seconds, "schedule": schedule}
        labels = dict(zip(signals.POLLED_BY, (str(self.pipeline.namespace), str(self.pipeline.name))))
        return contract.present({"push": metrics.push, "labels": labels, "missed": missed})

    def _environment(self) -> Iterator[Variable]:
        """Yield how the orchestrator and the tracking server are opened, and what the pipeline's runs are known by."""
        yield from self.reached.contribution.env
        who = self.context.spec.project.name, self.context.environment.name, self.said.name
        for name, value in zip(("PROJECT", "ENVIRONMENT", "PIPELINE"), map(str, who)):
            named = Name(f"{contract.RESERVED}{name}")
            yield Variable(address=self.address, name=named, value=value, secret=None)
        tracking = self.context.ports.tracking
        assert tracking is not None
        yield from tracking.variables(Run(experiment=self._experiment(), id=None)).env

    def _experiment(self) -> str | None:
        name = self.said.experiment
        return str(self.context.names.of(f"experiments.{name}")) if name else None

    def _token(self) -> Iterator[Volume]:
        if self._rules():
            yield Volume(
                address=self.address, name=Name("token"), path=_TOKEN, size=None, memory=False, config=None, token=True
            )

    def _rules(self) -> tuple[Any, ...]:
        return self.orchestrator.follows()

    def role(self) -> Iterator[Role]:
        """Return what the job may do, where Kubernetes is asked."""
        if rules := self._rules():
            yield Role(
                **self.context.resource(self.address, self.account, "cluster", -1), account=self.account, rules=rules
            )

    def policy(self) -> Policy:
        """Return what the job may reach."""
        pods = selector(self.context.labels(self.name, _COMPONENT))
        metrics, tracking = self.context.ports.metrics, self.context.ports.tracking
        assert metrics is not None
        assert tracking is not None
        push = endpoint(metrics.push or "", "platform.metrics.push")
        reached = (*self.reached.contribution.egress, *tracking.variables(Run(experiment=None, id=None)).egress, push)
        return policy(self.context, self.address, self.account, pods, reached)
