"""The jobs that look at pipelines from time to time: how runs went, whom to tell of it, what asks for a new one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mlops_spec.address import parse
from mlops_spec.blueprint import contract, signals
from mlops_spec.blueprint.lower.artifacts import endpoint
from mlops_spec.blueprint.lower.cluster import account, policy, selector
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.data import access, sources
from mlops_spec.blueprint.lower.events import asking
from mlops_spec.blueprint.lower.mounts import mounted, token
from mlops_spec.blueprint.lower.own_steps import held
from mlops_spec.blueprint.lower.pipelines import tracked
from mlops_spec.blueprint.lower.programs import config, workload
from mlops_spec.blueprint.names import SCHEDULED, shorten
from mlops_spec.blueprint.ports import Run, Told
from mlops_spec.blueprint.types import (
    Account,
    CronJob,
    Endpoint,
    Event,
    Pipeline,
    Policy,
    Role,
    Rule,
    Schedule,
    Variable,
    Volume,
    Workload,
)
from mlops_spec.language.text import Name
from mlops_spec.model.monitors import RETRAIN
from mlops_spec.model.pipelines import Notify
from mlops_spec.model.pipelines import Pipeline as Said

_COMPONENT = "pipelines"
EVERY = 300
"""How often (seconds) runs, alerts and queues are looked at."""

_HTTPS = 443
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_TIMES = (
    (_MINUTE, "* * * * *"),
    *((_MINUTE * each, f"{{minute}}-59/{each} * * * *") for each in range(2, 60) if 60 % each == 0),
    (_HOUR, "{minute} * * * *"),
    *((_HOUR * each, f"{{minute}} */{each} * * *") for each in range(2, 24) if 24 % each == 0),
    (_DAY, "{minute} 0 * * *"),
)
"""What a cron line can say that is always the same time (seconds) apart, from some minute on."""

ASK_AGAIN = 4 * 3600
"""How often, in seconds, a pipeline is asked again to retrain, which its own cooldown and budget hold back."""

_LATE, _DEADLINE, _RETRIES = 240, 600, 0
_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"


class Polled(NamedTuple):
    """The jobs, what they need in the cluster, and which pipelines have channels that are ``told``."""

    told: tuple[Pipeline, ...] = ()
    jobs: tuple[CronJob, ...] = ()
    accounts: tuple[Account, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: tuple[Policy, ...] = ()


def polled(context: Context, pipelines: Iterable[Pipeline]) -> Polled:
    """Lower what looks at those of the ``pipelines`` that ask for it and have what it needs."""
    found = [each for pipeline in pipelines for each in _polls(context, pipeline)]
    return Polled(
        told=tuple(each.pipeline for each in found if each.notify),
        jobs=tuple(each.job() for each in found),
        accounts=tuple(account(context, each.address, each.account) for each in found),
        roles=tuple(role for each in found for role in each.role()),
        policies=tuple(each.policy() for each in found),
    )


def _polls(context: Context, pipeline: Pipeline) -> Iterator[_Poll]:
    said = context.spec.pipelines[parse(pipeline.address)[1]]
    orchestrator = context.ports.orchestrators[said.name]
    notify = _notify(context, said)
    if orchestrator is None or not (notify or pipeline.polled):
        return
    told = orchestrator.followed(pipeline)
    if told is None or not tracked(context):
        reason, hint = "nothing answers how its runs went", "set the orchestrator's `host`, and the `secret` for it"
        if told is not None:
            reason = "the program that looks at runs needs a runtime image and a tracking address"
            hint = "set platform.runtime.image and platform.tracking.uri"
        for address in (*((notify.address,) if notify else ()), *(event.address for event in pipeline.polled)):
            context.withhold(address, reason, hint)
        return
    if notify and (context.ports.metrics is None or context.ports.metrics.push is None):
        reason = "the program that looks at runs has no address to leave its series at"
        context.withhold(notify.address, reason, "set platform.metrics.push, a Pushgateway")
        notify = None
    if notify or pipeline.polled:
        yield _Poll(context, pipeline, said, told, notify)


def _notify(context: Context, said: Said) -> Notify | None:
    """Return who is told of what; nobody of what never happens."""
    notify = said.notify
    if notify is not None and notify.missed is not None and said.schedule is None:
        context.withhold(notify.missed.address, "no run of it is ever due: it has no schedule", "add `schedule`")
        return notify if notify.failed else None
    return notify


class _Poll:
    """The job of one pipeline."""

    def __init__(self, context: Context, pipeline: Pipeline, said: Said, told: Told, notify: Notify | None) -> None:
        orchestrator = context.ports.orchestrators[said.name]
        assert orchestrator is not None
        self.context, self.pipeline, self.said, self.reached = context, pipeline, said, told
        self.orchestrator, self.address, self.notify = orchestrator, pipeline.address, notify
        self.name = shorten(f"{pipeline.name}-{contract.POLL}", self.address, SCHEDULED)
        self.account = Name(f"{pipeline.name}.{contract.POLL}")

    def job(self) -> CronJob:
        """Return the job."""
        told = config(self.context, self.address, self.name, _COMPONENT, contract.POLL, self._configuration())
        schedule = Schedule(address=self.address, cron=self._cron(), timezone="UTC", deadline=_LATE)
        resource = self.context.resource(self.address, self.name, _COMPONENT, 1)
        made = workload(self.context, contract.POLL, self.address, told, self._environment())
        return CronJob(
            **resource,
            account=self.account,
            pods=resource["labels"],
            workload=Workload(**{**made.__dict__, "volumes": (*made.volumes, *self._volumes())}),
            deadline=_DEADLINE,
            retries=_RETRIES,
            schedule=schedule,
            config=told,
        )

    def _cron(self) -> str:
        """Return when it looks: as often as the most impatient wants, or somewhat more.

        The jobs of a cluster do not all start in one minute: each has its own, by its name.
        """
        changes = (self.context.spec.datasets[name].changes for _, name in self._data())
        waits = [change.poll.seconds for change in changes if change and change.poll]
        often = self.notify or any(event.data is None for event in self.pipeline.polled)
        longest = min([*waits, *([EVERY] if often else [])])
        apart, cron = max((each for each in _TIMES if each[0] <= longest), default=_TIMES[0])
        own = hashlib.sha256(f"{self.pipeline.namespace}/{self.name}".encode()).digest()
        return cron.format(minute=int.from_bytes(own) % (min(apart, _HOUR) // _MINUTE))

    def _data(self) -> Iterator[tuple[Event, str]]:
        """Yield the data that is looked at, each with its dataset."""
        for event in self.pipeline.polled:
            if event.data is not None:
                yield event, str(self.said.triggers[parse(event.address)[-1]].dataset)

    def _configuration(self) -> dict[str, Any]:
        """Return what ``schemas/runtime/poll.schema.json`` describes."""
        asks = [self._asks(event) for event in self.pipeline.polled]
        return contract.present(
            {
                "pipeline": str(self.pipeline.name),
                **self.reached.configuration,
                "told": self._told(self.notify) if self.notify else None,
                "asks": asks or None,
                "retraining": self._held(),
            }
        )

    def _held(self) -> dict[str, int] | None:
        """Return what holds retrainings back: an alert that lasts never starts one run after the other."""
        if not self.pipeline.polled:
            return None
        by_alerts = any(event.data is None and event.queue is None for event in self.pipeline.polled)
        return held(self.said.retraining) or ({"cooldown": ASK_AGAIN} if by_alerts else None)

    def _asks(self, event: Event) -> dict[str, Any]:
        name = str(event.name)
        if event.data is not None:
            return {"name": name, "data": event.data}
        if event.queue is not None:
            keys = [str(variable.name) for variable in _keys(event)] or None
            queue = {"name": event.queue.name, "region": event.queue.region, "keys": keys}
            return {"name": name, "queue": contract.present(queue)}
        metrics = self.context.ports.metrics
        assert metrics is not None
        whose = {signals.NAMESPACE: str(self.pipeline.namespace), "action": RETRAIN}
        models = asking(self.context, self.said)
        queries = [metrics.firing({**whose, signals.MODEL: model}) for model in models]
        return {"name": name, "alerts": {"url": metrics.url, "queries": queries}}

    def _told(self, notify: Notify) -> dict[str, Any]:
        metrics, schedule = self.context.ports.metrics, self.pipeline.schedule
        assert metrics is not None
        missed = None
        if notify.missed is not None and schedule is not None:
            when = {"cron": schedule.cron, "timezone": schedule.timezone}
            missed = {"after": notify.missed.after.seconds, "schedule": when}
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
        yield from (variable for event in self.pipeline.polled for variable in _keys(event))
        if any(True for _ in self._data()):
            yield from access(self.context)

    def _experiment(self) -> str | None:
        name = self.said.experiment
        return str(self.context.names.of(f"experiments.{name}")) if name else None

    def _volumes(self) -> Iterator[Volume]:
        """Yield what opens Kubernetes, and the pipeline where a run is made of its text."""
        if self._rules():
            yield token(self.address, _TOKEN)
        submission = self.pipeline.submission
        if self.pipeline.polled and submission is not None and submission.config is not None:
            yield mounted(self.address, "pipeline", contract.SUBMITTED, submission.config.name)

    def _rules(self) -> tuple[Rule, ...]:
        starts = self.orchestrator.starts() if self.pipeline.polled else ()
        return (*self.orchestrator.follows(), *starts)

    def role(self) -> Iterator[Role]:
        """Return what the job may do, where Kubernetes is asked."""
        if rules := self._rules():
            yield Role(
                **self.context.resource(self.address, self.account, "cluster", -1), account=self.account, rules=rules
            )

    def policy(self) -> Policy:
        """Return what the job may reach."""
        pods = selector(self.context.labels(self.name, _COMPONENT))
        return policy(self.context, self.address, self.account, pods, self._reaches())

    def _reaches(self) -> Iterator[Endpoint]:
        metrics, tracking = self.context.ports.metrics, self.context.ports.tracking
        yield from self.reached.contribution.egress
        if tracking is not None:
            yield from tracking.variables(Run(experiment=None, id=None)).egress
        if metrics is not None and metrics.push is not None and self.notify:
            yield endpoint(metrics.push, "platform.metrics.push")
        for _, dataset in self._data():
            yield from sources(self.context, dataset)
        for event in self.pipeline.polled:
            if event.queue is not None:
                yield Endpoint(address=event.queue.address, namespace=None, port=_HTTPS)
            if event.path is not None and metrics is not None and metrics.url is not None:
                yield endpoint(metrics.url, "platform.metrics.url")


def _keys(event: Event) -> Iterator[Variable]:
    """Yield the variables that open an event's queue; none where the pod's own identity does."""
    queue = event.queue
    if queue is None:
        return
    for kind, key in (("ACCESS_KEY", queue.access), ("SECRET_KEY", queue.secret)):
        if key is not None:
            name = Name(f"{contract.RESERVED}{event.name.replace('-', '_').upper()}_{kind}")
            yield Variable(address=queue.address, name=name, value=None, secret=key)
