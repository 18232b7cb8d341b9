"""Monitors: the jobs that compare live data with what a model was made for, and what each is told to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from mlops_spec.blueprint import contract
from mlops_spec.blueprint import signals as table
from mlops_spec.blueprint.lower.artifacts import endpoint, store
from mlops_spec.blueprint.lower.cluster import account, policy, selector
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.data import access, described, sources
from mlops_spec.blueprint.lower.objectives import PAGE, TICKET
from mlops_spec.blueprint.lower.programs import config, workload
from mlops_spec.blueprint.names import SCHEDULED
from mlops_spec.blueprint.ports import Monitoring
from mlops_spec.blueprint.types import (
    Account,
    CronJob,
    Endpoint,
    Monitor,
    Policy,
    Schedule,
)
from mlops_spec.language.cron import longest_pause
from mlops_spec.language.placeholder import Literal, split
from mlops_spec.language.text import Name
from mlops_spec.model.monitors import Monitor as Said
from mlops_spec.model.monitors import on_rows

COMPONENT = "monitoring"
PROGRAM = Name("monitor")
DEADLINE, RETRIES = 3600, 2
"""How long (seconds) a look may take, and how often it is tried again."""


class Watched(NamedTuple):
    """What lowering makes of the monitors that need a job, and what the jobs need in the cluster."""

    monitors: tuple[Monitor, ...]
    accounts: tuple[Account, ...]
    policies: tuple[Policy, ...]


def called(context: Context, said: Said) -> Name:
    """Return what a monitor is called by its job, in its series and in its alerts."""
    return context.names.of(said.address, SCHEDULED)


def patience(job: CronJob) -> int:
    """Return how long (seconds) a monitor may be silent.

    That is its schedule's longest pause, and as long as a look may be late and last.
    """
    return longest_pause(job.schedule.cron) + job.schedule.deadline + job.deadline


def loudest(said: Said) -> str:
    """Return how loud a monitor's silence is: as its loudest condition."""
    return PAGE if PAGE in {condition.severity for condition in on_rows(said).values()} else TICKET


def monitors(context: Context) -> Watched:
    """Lower every monitor that looks at data and has what it needs for it."""
    found = []
    for name, said in sorted(context.spec.monitors.items()):
        backend = context.ports.watchers.get(name)
        if backend is not None and on_rows(said):
            lowering = _Lowering(context, said, backend)
            if not lowering.refused() and not lowering.withheld():
                found.append(lowering)
    return Watched(
        monitors=tuple(each.monitor() for each in found),
        accounts=tuple(account(context, each.said.address, each.account) for each in found),
        policies=tuple(each.policy() for each in found),
    )


class _Lowering:
    """The job of one monitor."""

    def __init__(self, context: Context, said: Said, backend: Monitoring) -> None:
        self.context, self.said, self.backend = context, said, backend
        self.name = called(context, said)
        self.account = Name(f"{self.name}.{PROGRAM}")
        self.model = context.spec.models[said.model]
        self.live = _live(context, said)
        self.push = context.ports.metrics.push if context.ports.metrics else None

    def refused(self) -> bool:
        """Report what nothing could make right; return whether there was any."""
        quality = self.said.quality
        if quality is None or quality.new_categories is None or self.said.reference is not None:
            return False
        message = "a text is new when the reference lacks it, and the monitor names no reference"
        self.context.refuse("MS128", message, f"{quality.address}.new_categories", "add `reference: <dataset>`")
        return True

    def withheld(self) -> bool:
        """List the conditions that nothing could decide yet; return whether it is so."""
        lacking = self._lacking()
        if lacking is None:
            return False
        for condition in on_rows(self.said):
            self.context.withhold(f"{self.said.address}.{condition}", *lacking)
        return True

    def _lacking(self) -> tuple[str, str] | None:
        """Return what is not there yet, and the way out."""
        name = self.said.model
        if self.context.locked.get(name) is None:
            return (
                f"the lock has no version of {name} for this environment",
                "run `mlops-spec lock` once it is registered",
            )
        if self.live is None:
            hint = f"set {self.said.address}.data, or models.{name}.serving.logging.sink"
            return f"nothing says where the requests or scores of {name} are kept", hint
        if self.context.runtime is None:
            return "its job needs a runtime image", "set platform.runtime.image and lock it"
        if self.push is None:
            return "its job has no address to leave its series at", "set platform.metrics.push, a Pushgateway"
        return None

    def monitor(self) -> Monitor:
        """Return the monitor."""
        address = self.said.address
        resource = self.context.resource(address, self.name, COMPONENT, 0, notes=self._notes())
        return Monitor(**resource, model=self.context.names.of(self.model.address), job=self._job())

    def _notes(self) -> Mapping[str, str | None]:
        return {"description": self.said.description}

    def _configuration(self) -> dict[str, Any]:
        """Return what ``schemas/runtime/monitor.schema.json`` describes."""
        said = self.said
        window = said.window.seconds if said.window else None
        return contract.present(
            {
                **self._identity(),
                "push": self.push,
                **(self.live or {}),
                "window": window,
                "min_rows": said.min_rows,
                "reference": described(self.context, said.reference) if said.reference else None,
                **{name: getattr(self, f"_{name}")() for name in on_rows(said)},
            }
        )

    def _identity(self) -> dict[str, str]:
        """Return the labels of every series that the job leaves."""
        model = self.context.names.of(self.model.address)
        return dict(zip(table.MONITORED_BY, (str(self.context.environment.namespace), str(model), str(self.name))))

    def _quality(self) -> dict[str, Any]:
        said = self.said.quality
        assert said is not None
        nulls = {column: str(condition) for column, condition in sorted(said.nulls.items())}
        ranges = {column: list(bounds) for column, bounds in sorted(said.ranges.items())}
        new = str(said.new_categories) if said.new_categories is not None else None
        return contract.present({"nulls": nulls or None, "ranges": ranges or None, "new_categories": new})

    def _drift(self) -> dict[str, Any]:
        said = self.said.drift
        assert said is not None
        share = float(said.share) if said.share is not None else None
        columns = list(map(str, said.columns)) or None
        return contract.present(
            {"method": said.method, "threshold": said.threshold, "share": share, "columns": columns}
        )

    def _prediction_drift(self) -> dict[str, Any]:
        said = self.said.prediction_drift
        assert said is not None
        return {"method": said.method, "threshold": said.threshold}

    def _performance(self) -> dict[str, Any]:
        said = self.said.performance
        assert said is not None
        return {
            "require": {metric: str(condition) for metric, condition in sorted(said.require.items())},
            "labels": described(self.context, said.labels),
            "join": str(said.join),
            "label": str(said.label),
            "delay": said.delay.seconds if said.delay else 0,
        }

    def _job(self) -> CronJob:
        said = self.said
        told = config(self.context, said.address, self.name, COMPONENT, PROGRAM, self._configuration())
        assert said.schedule is not None
        schedule = Schedule(
            address=said.schedule.address,
            cron=said.schedule.cron,
            timezone=said.schedule.timezone,
            deadline=contract.LATEST_START,
        )
        profile = self.context.spec.compute[said.compute] if said.compute else None
        env = (*self.backend.variables(), *access(self.context))
        resource = self.context.resource(said.address, self.name, COMPONENT, 1, notes=self._notes())
        return CronJob(
            **resource,
            account=self.account,
            pods=resource["labels"],
            workload=workload(self.context, PROGRAM, said.address, told, env, profile),
            deadline=DEADLINE,
            retries=RETRIES,
            schedule=schedule,
            config=told,
        )

    def policy(self) -> Policy:
        """Return what the job may reach."""
        pods = selector(self.context.labels(self.name, COMPONENT))
        return policy(self.context, self.said.address, self.account, pods, self._reached())

    def _reached(self) -> Iterable[Endpoint]:
        said = self.said
        for kept in (self.live or {}).values():
            yield store(kept["uri"], self.context.spec.platform.artifacts, self.model.address)
        labels = said.performance.labels if said.performance else None
        for dataset in (said.data, said.reference, labels):
            if dataset is not None:
                yield from sources(self.context, dataset)
        yield endpoint(self.push or "", "platform.metrics.push")


def _live(context: Context, said: Said) -> dict[str, dict[str, str]] | None:
    """Return where the rows lie that are looked at: what the monitor says, logged requests, else batch scores."""
    if said.data is not None:
        return {"rows": described(context, said.data)}
    model = context.spec.models[said.model]
    logging = model.serving.logging if model.serving else None
    if logging is not None:
        return {"log": contract.present({"uri": logging.sink, "id": logging.id})}
    if model.batch is not None:
        return {"scores": {"uri": _folder(model.batch.output)}}
    return None


def _folder(uri: str) -> str:
    """Return the folder below which a URI lies whatever its run-time values are."""
    parts = split(uri)
    first = parts[0].text if parts and isinstance(parts[0], Literal) else ""
    return uri if len(parts) < 2 else first.rpartition("/")[0] + "/"
