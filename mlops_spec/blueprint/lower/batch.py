"""Models that score whole datasets: which version, on which rows, by the clock, and what its pods may reach."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.artifacts import scheme, store
from mlops_spec.blueprint.lower.cluster import account, policy, selector
from mlops_spec.blueprint.lower.compute import compute, scratch
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.data import access
from mlops_spec.blueprint.lower.programs import config, workload
from mlops_spec.blueprint.lower.services import notes
from mlops_spec.blueprint.names import SCORED
from mlops_spec.blueprint.ports import Batch as Engine
from mlops_spec.blueprint.types import (
    Account,
    Compute,
    Config,
    CronJob,
    Endpoint,
    Label,
    Machine,
    Policy,
    Role,
    Schedule,
    Scoring,
    Source,
    Workload,
)
from mlops_spec.language.placeholder import Reference, split
from mlops_spec.language.text import Name
from mlops_spec.language.units import Quantity
from mlops_spec.model.compute import ComputeProfile
from mlops_spec.model.lock import LockedModel, LockedVersion
from mlops_spec.model.models import Batch, Model

COMPONENT = "batch"
PROGRAM, LAUNCH = Name("score"), Name("launch")
RETRIES = 2
_KNOWN = ("id", "date", "scheduled_at")
_READ = ("per-run", "sha256:")
_MEBI = 1 << 20
_MARGIN, _LONGEST = 1800, 7 * 86400
"""How much longer (seconds) than all its tries the job waits that launches a scoring, and how long without a limit."""
_DRIVER = {"cpu": "1", "memory": "2Gi"}
"""What plans a scoring holds no rows, but the model and two interpreters."""


class Scored(NamedTuple):
    """What lowering makes of the models that score, and what their pods need in the cluster."""

    scorings: tuple[Scoring, ...]
    accounts: tuple[Account, ...]
    roles: tuple[Role, ...]
    policies: tuple[Policy, ...]


def scorings(context: Context, taken: frozenset[Name]) -> Scored:
    """Lower every model that scores and has what it needs for it; ``taken`` are the accounts that there are already."""
    found = []
    for name, model in sorted(context.spec.models.items()):
        engine = context.ports.scorers.get(name)
        if model.batch is None or engine is None:
            continue
        lowering = _Lowering(context, model, model.batch, engine)
        if not lowering.refused() and not lowering.withheld():
            found.append(lowering)
    engines = {each.engine.account(): each.engine for each in found}
    return Scored(
        scorings=tuple(each.scoring() for each in found),
        accounts=tuple(account(context, "platform.batch", name) for name in sorted(engines) if name not in taken),
        roles=tuple(_role(context, engine) for _, engine in sorted(engines.items()) if engine.rules()),
        policies=tuple(each.policy() for each in found),
    )


def _role(context: Context, engine: Engine) -> Role:
    resource = context.resource("platform.batch", Name(f"{engine.account()}.{COMPONENT}"), "cluster", -1)
    return Role(**resource, account=engine.account(), rules=engine.rules())


class _Lowering:
    """The scoring of one model."""

    def __init__(self, context: Context, model: Model, said: Batch, engine: Engine) -> None:
        self.context, self.model, self.said, self.engine = context, model, said, engine
        self.name = context.names.of(model.address, SCORED)
        self.input = context.spec.datasets[said.input]
        self.profile = context.spec.compute[said.compute] if said.compute else None
        self.image = engine.image or context.runtime

    def refused(self) -> bool:
        """Report what nothing could make right; return whether there was any."""
        before = len(self.context.problems)
        for uri, address in ((self.input.uri, f"{self.input.address}.uri"), (self.said.output, self._at("output"))):
            self._check(uri, address)
        lacking = self.engine.lacks(self._worker())
        if lacking is not None:
            self._refuse(
                f"{self.said.compute} fits no worker: {lacking}", self._at("compute"), "choose another profile"
            )
        return len(self.context.problems) > before

    def _at(self, field: str) -> str:
        return f"{self.said.address}.{field}"

    def _refuse(self, message: str, address: str, hint: str) -> None:
        self.context.refuse("MS126", message, address, hint)

    def _check(self, uri: str, address: str) -> None:
        for part in split(uri):
            if isinstance(part, Reference) and not (part.path[0] == "run" and part.path[1:] in {(k,) for k in _KNOWN}):
                message = f"a scoring knows no `{'.'.join(part.path)}`"
                self._refuse(message, address, "write `run.date`, `run.scheduled_at` or `run.id`")
        self._check_store(uri, address)

    def _check_store(self, uri: str, address: str) -> None:
        if scheme(uri) not in self.engine.stores:
            known = ", ".join(f"{one}://" for one in sorted(self.engine.stores))
            self._refuse(f"nothing reads or writes {scheme(uri)}: there", address, f"use one of: {known}")

    def withheld(self) -> bool:
        """List the scoring where it lacks something; return whether it is so."""
        lacking = self._lacking()
        if lacking is not None:
            self.context.withhold(self.said.address, *lacking)
        return lacking is not None

    def _lacking(self) -> tuple[str, str] | None:
        """Return what is not there yet, and the way out."""
        name = self.model.name
        if self.context.locked.get(name) is None:
            return (
                f"the lock has no version of {name} for this environment",
                "run `mlops-spec lock` once it is registered",
            )
        if self.image is None:
            return "it runs in the runtime image", "set platform.runtime.image and lock it"
        if self.input.version is not None and not self.input.version.startswith(_READ):
            reason = f"reading the revision {self.input.version} of {self.input.name} for it is not built yet"
            return reason, "score what lies at a URI (`version: per-run`), or one file pinned by its sha256"
        if scheme(self._version().uri) not in self.engine.stores:
            reason = f"the model lies at {scheme(self._version().uri)}:, which its engine does not read"
            return reason, f"lock a URI of one of: {', '.join(sorted(self.engine.stores))}"
        return None

    def _version(self) -> LockedModel | LockedVersion:
        """Return the version that scores: while a new one is on trial, the one before."""
        locked = self.context.locked[self.model.name]
        return locked.rollout.from_ if locked.rollout else locked

    def scoring(self) -> Scoring:
        """Return the scoring."""
        context, address = self.context, self.said.address
        said = {"description": self.model.description, **notes(self._version())}
        named = Name(f"{self.name}.{PROGRAM}")
        program = LAUNCH if self.engine.launches else PROGRAM
        told = config(context, address, named, COMPONENT, program, self._configuration())
        resource = context.resource(address, self.name, COMPONENT, 1, notes=said)
        schedule = Schedule(
            address=self.said.schedule.address,
            cron=self.said.schedule.cron,
            timezone=self.said.schedule.timezone,
            deadline=contract.LATEST_START,
        )
        return Scoring(
            **resource,
            model=Name(self.context.names.of(self.model.address)),
            account=self.engine.account(),
            pods=resource["labels"],
            config=told,
            schedule=schedule,
            timeout=self.said.timeout.seconds if self.said.timeout else None,
            retries=RETRIES,
            workload=self._workload(told),
            driver=self._driver(),
            worker=self._worker(),
            launch=self._launch(told, schedule) if self.engine.launches else None,
        )

    def _launch(self, told: Config, schedule: Schedule) -> CronJob:
        """Return the job that starts a scoring elsewhere; it may be tried again, for it finds what it started."""
        resource = self.context.resource(self.said.address, self.name, COMPONENT, 1, notes=notes(self._version()))
        return CronJob(
            **resource,
            account=self.engine.account(),
            pods=resource["labels"],
            workload=workload(self.context, LAUNCH, told.address, told, ()),
            deadline=self.said.timeout.seconds * (RETRIES + 1) + _MARGIN if self.said.timeout else _LONGEST,
            retries=RETRIES,
            schedule=schedule,
            config=None,
        )

    def _configuration(self) -> dict[str, Any]:
        """Return what ``schemas/runtime/score.schema.json`` describes."""
        version, schedule = self._version(), self.said.schedule
        return {
            "model": {
                "name": self.model.name,
                "version": version.version,
                "uri": version.uri,
                "digest": version.digest,
            },
            "input": contract.present({"uri": self.input.uri, "version": self.input.version}),
            "output": self.said.output,
            "schedule": {"cron": schedule.cron, "timezone": schedule.timezone},
            "engine": self.engine.engine,
        }

    def _workload(self, told: Config) -> Workload:
        made = workload(self.context, PROGRAM, told.address, told, access(self.context))
        return Workload(**{**made.__dict__, "image": self.image})

    def _driver(self) -> Machine:
        bare = compute(None, self.said.address)
        amounts = tuple(q.__class__(**{**q.__dict__, "amount": _DRIVER[q.name]}) for q in bare.requests)
        return self._machine(Compute(**{**bare.__dict__, "requests": amounts, "limits": amounts}), None)

    def _worker(self) -> Machine:
        return self._machine(compute(self.profile, self.said.address), self.profile)

    def _machine(self, of: Compute, profile: ComputeProfile | None) -> Machine:
        cpu, memory, *devices = of.requests
        total = int(Quantity(memory.amount).amount) // _MEBI
        return Machine(
            address=of.address,
            compute=of,
            cpu=cpu.amount,
            cores=math.ceil(Quantity(cpu.amount).amount),
            memory=total,
            heap=f"{total // 2}m",
            rest=f"{total - total // 2}m",
            devices=tuple(devices),
            disk=str(profile.disk) if profile and profile.disk else contract.SCRATCH,
            volumes=scratch(profile, of.address),
        )

    def policy(self) -> Policy:
        """Return what the pods may reach: each other, the data, and what the engine itself needs."""
        pods = selector(self.context.labels(self.name, COMPONENT))
        heard = (self._source(port, pods) for port in self.engine.hears())
        name = Name(f"{self.name}.{PROGRAM}")
        return policy(self.context, self.said.address, name, pods, self._reached(), heard)

    def _source(self, port: int, pods: tuple[Label, ...]) -> Source:
        return Source(address=self.said.address, port=port, namespace=None, pods=pods)

    def _reached(self) -> Iterator[Endpoint]:
        artifacts, namespace = self.context.spec.platform.artifacts, self.context.environment.namespace
        uris = {
            self._version().uri: self.model.address,
            self.input.uri: f"{self.input.address}.uri",
            self.said.output: self._at("output"),
        }
        for uri, address in uris.items():
            yield store(uri, artifacts, address)
        for port in self.engine.hears():
            yield Endpoint(address=self.said.address, namespace=namespace, port=port)
        yield from self.engine.egress()
