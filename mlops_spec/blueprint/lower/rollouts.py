"""Rollouts under way: the job that walks each of them by commits, or puts the version before back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.analysis import Check, alerts, analysis, asking, withhold
from mlops_spec.blueprint.lower.artifacts import endpoint, scheme
from mlops_spec.blueprint.lower.cluster import account, policy, selector
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.programs import config, workload
from mlops_spec.blueprint.lower.services import CANARY, Served
from mlops_spec.blueprint.names import SCHEDULED, shorten
from mlops_spec.blueprint.ports import Rollout as Backend
from mlops_spec.blueprint.types import Account, AlertGroup, CronJob, Endpoint, Policy, Schedule
from mlops_spec.language.text import Name
from mlops_spec.model.models import Rollout as Said

COMPONENT = "rollout"
PROGRAM = Name("rollout")
_MINUTES = 5
"""From one look to the next: as long as rates are taken over, so that each look sees requests of its own."""

_DEADLINE = 240
"""How long (seconds) a look may take. None is tried again: the next one comes soon enough."""


class Walked(NamedTuple):
    """The jobs that walk rollouts, and what they need in the cluster."""

    jobs: tuple[CronJob, ...] = ()
    accounts: tuple[Account, ...] = ()
    policies: tuple[Policy, ...] = ()


def rollouts(context: Context, served: Iterable[Served], alerted: Iterable[AlertGroup]) -> Walked:
    """Lower every rollout that the lock says is under way, where jobs in the cluster walk them.

    ``alerted`` are the environment's alerts: one whose action is ``rollback`` puts the version before back.
    """
    backend = context.ports.rollout
    if backend is None:
        return Walked()
    walked, callers = [], asking(context, alerted)
    for each in served:
        said, checks = each.serving.rollout, analysis(context, each)
        monitors = [monitor for monitor in callers if monitor.model == each.model.name]
        if not backend.credentials():
            continue
        if said is None or said.strategy != CANARY:
            withhold(context, monitors)
        elif each.live.canary is not None:
            job = _Job(context, backend, each, said, [*checks, *alerts(context, monitors)])
            if not job.withheld():
                walked.append(job)
    return Walked(
        jobs=tuple(each.job() for each in walked),
        accounts=tuple(account(context, each.said.address, each.account) for each in walked),
        policies=tuple(each.policy() for each in walked),
    )


class _Job:
    """The job that walks one rollout."""

    def __init__(
        self,
        context: Context,
        backend: Backend,
        served: Served,
        said: Said,
        checks: list[Check],
    ) -> None:
        self.context, self.backend, self.served, self.said, self.checks = context, backend, served, said, checks
        self.name = shorten(f"{served.live.name}-{PROGRAM}", said.address, SCHEDULED)
        self.account = Name(f"{served.live.name}.{PROGRAM}")

    def withheld(self) -> bool:
        """List the job where it lacks something; return whether it is so."""
        lacking = self._lacking()
        if lacking is not None:
            self.context.withhold(self.said.address, *lacking)
        return lacking is not None

    def _lacking(self) -> tuple[str, str] | None:
        """Return what is not there yet, and the way out."""
        repository = self.context.spec.project.repository
        if self.context.runtime is None:
            return "the job that walks it needs a runtime image", "set platform.runtime.image and lock it"
        if repository is None:
            return "the job that walks it knows no repository", "set project.repository"
        if scheme(repository) != "https":
            hint = "write project.repository as https://…, or walk it by `mlops-spec rollout`"
            return "the job that walks it opens the repository by a token, over https", hint
        if self._url is None and (self.said.analysis or self.checks):
            return "the job that walks it has nobody to ask whether all is well", "set platform.metrics.url"
        return None

    @property
    def _url(self) -> str | None:
        metrics = self.context.ports.metrics
        return metrics.url if metrics else None

    def job(self) -> CronJob:
        """Return the job."""
        context, address = self.context, self.said.address
        told = config(context, address, self.name, COMPONENT, PROGRAM, self._configuration())
        resource = context.resource(address, self.name, COMPONENT, 2)
        schedule = Schedule(address=address, cron=f"*/{_MINUTES} * * * *", timezone="Etc/UTC", deadline=_MINUTES * 60)
        return CronJob(
            **resource,
            account=self.account,
            pods=resource["labels"],
            workload=workload(context, PROGRAM, address, told, self.backend.credentials()),
            deadline=_DEADLINE,
            retries=0,
            schedule=schedule,
            config=told,
        )

    def _configuration(self) -> dict[str, Any]:
        """Return what ``schemas/runtime/rollout.schema.json`` describes."""
        locked, environment = self.context.locked[self.served.model.name], self.context.environment
        assert locked.rollout is not None
        return contract.present(
            {
                "environment": str(environment.name),
                "model": self.served.model.name,
                "repository": self.context.spec.project.repository,
                "path": self.backend.path,
                "review": self.context.spec.platform.ci.backend if environment.protected else None,
                "version": locked.version,
                "before": locked.rollout.from_.version,
                "step": locked.rollout.step,
                "steps": [
                    {"weight": step.weight, "pause": step.pause.seconds if step.pause else 0}
                    for step in self.said.steps
                ],
                "metrics": self._url if self.checks else None,
                "checks": self.checks,
            }
        )

    def policy(self) -> Policy:
        """Return what the job may reach: the repository, and who knows whether all is well."""
        pods = selector(self.context.labels(self.name, COMPONENT))
        return policy(self.context, self.said.address, self.account, pods, self._reached())

    def _reached(self) -> Iterator[Endpoint]:
        yield endpoint(self.context.spec.project.repository or "", "project.repository")
        if self._url is not None and self.checks:
            yield endpoint(self._url, "platform.metrics.url")
