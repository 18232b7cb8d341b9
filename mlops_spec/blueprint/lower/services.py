"""Models that answer requests: which versions run, on what, and how many servers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower import collecting
from mlops_spec.blueprint.lower.artifacts import scheme
from mlops_spec.blueprint.lower.cluster import selector
from mlops_spec.blueprint.lower.compute import compute, scratch
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.names import SERVED, shorten
from mlops_spec.blueprint.ports import Serving as Server
from mlops_spec.blueprint.types import Autoscale, Canary, Replicas, Service, Version
from mlops_spec.language.text import Name
from mlops_spec.language.units import Share
from mlops_spec.model.lock import LockedModel, LockedVersion
from mlops_spec.model.models import ABTest, Model, Serving

CANARY = "canary"
RUNNING = "running"
_UNLOCKED = "run `mlops-spec lock` once it is registered"


class Served(NamedTuple):
    """A model with its servers: the live one, and beside it the shadow."""

    model: Model
    serving: Serving
    server: Server
    live: Service
    shadow: Service | None

    def services(self) -> tuple[Service, ...]:
        """Return every server."""
        return (self.live, *((self.shadow,) if self.shadow else ()))


def served(context: Context) -> tuple[Served, ...]:
    """Lower every model that serves and whose version the lock has."""
    found = []
    for name, model in sorted(context.spec.models.items()):
        server, serving = context.ports.servers.get(name), model.serving
        if server is None or serving is None:
            continue
        lowering = _Lowering(context, model, serving, server)
        if lowering.refused():
            continue
        locked = context.locked.get(name)
        if locked is None:
            context.withhold(serving.address, "the lock has no version of it for this environment", _UNLOCKED)
        elif not lowering.misfits(locked):
            found.append(lowering.served(locked))
    return tuple(found)


def _running(test: ABTest | None) -> bool:
    return test is not None and test.state == RUNNING


class _Lowering:
    """The servers of one model."""

    def __init__(self, context: Context, model: Model, serving: Serving, server: Server) -> None:
        self.context, self.model, self.serving, self.server = context, model, serving, server
        self.name = context.names.of(model.address, SERVED)
        rollout = serving.rollout
        self.steps = rollout.steps if rollout and rollout.strategy == CANARY else ()

    def refused(self) -> bool:
        """Report what no lock could make right; return whether there was any."""
        before = len(self.context.problems)
        self._check_splits()
        replicas = self.serving.replicas
        if replicas and replicas.max is not None and replicas.max < replicas.min:
            message = f"replicas.max is {replicas.max}, below min, which is {replicas.min}"
            self.context.refuse("MS135", message, f"{replicas.address}.max", "raise max, or lower min")
        return len(self.context.problems) > before

    def misfits(self, locked: LockedModel) -> bool:
        """Report what the lock says and the spec or the server cannot follow; return whether there was any."""
        before = len(self.context.problems)
        if locked.rollout and locked.rollout.step >= len(self.steps):
            has = f"the spec's has {len(self.steps)}" if self.steps else "the spec has no canary"
            message = f"the lock is at step {locked.rollout.step} (counted from 0) of a rollout, and {has}"
            hint = "put the steps back until the rollout is done, or take `rollout` out of the lock"
            at = self.serving.rollout.address if self.serving.rollout else self.serving.address
            self.context.refuse("MS147", message, at, hint)
        for version in self._versions(locked):
            if scheme(version.uri) not in self.server.schemes:
                known = ", ".join(sorted(self.server.schemes))
                message = f"the server cannot read version {version.version} from {scheme(version.uri)}:"
                self.context.refuse("MS149", message, self.serving.address, f"lock a URI of one of: {known}")
        return len(self.context.problems) > before

    def _check_splits(self) -> None:
        """Refuse two splits of the same requests, and a split or a mirror where no gateway sees the requests."""
        if self.steps and _running(self.model.ab_test):
            message = "a canary and a running test would both split the requests of one model"
            hint = "end the test, or choose another strategy while it runs"
            self.context.refuse("MS148", message, f"{self.model.address}.ab_test.state", hint)
        if self.serving.expose:
            return
        if self.steps and self.serving.rollout and not self.server.splits:
            message = "a canary needs requests that come in through the gateway"
            at, hint = f"{self.serving.rollout.address}.strategy", "add serving.expose, or choose another strategy"
            self.context.refuse("MS148", message, at, hint)
        if self.serving.shadow:
            message = "a shadow needs requests that come in through the gateway"
            self.context.refuse("MS148", message, self.serving.shadow.address, "add serving.expose, or take it out")

    def _versions(self, locked: LockedModel) -> Iterator[LockedModel | LockedVersion]:
        yield locked
        if locked.rollout:
            yield locked.rollout.from_
        if locked.shadow and self.serving.shadow:
            yield locked.shadow

    def served(self, locked: LockedModel) -> Served:
        """Return the model's servers, without those whose version the lock lacks."""
        return Served(self.model, self.serving, self.server, self._live(locked), self._shadow(locked))

    def _live(self, locked: LockedModel) -> Service:
        under_way = locked.rollout
        if under_way is None:
            return self._service(self.serving.address, self.name, locked, None)
        weight = self.steps[under_way.step].weight
        canary = Canary(
            address=self.steps[under_way.step].address,
            version=self._version(locked),
            weight=weight,
            replicas=max(1, math.ceil(self._replicas().max * weight / 100)),
            log=self._log(locked, contract.CANARY),
        )
        more = {f"canary-{key}": value for key, value in notes(locked).items()}
        return self._service(self.serving.address, self.name, under_way.from_, canary, more)

    def _log(self, locked: LockedModel | LockedVersion, variant: Name) -> str | None:
        """Return where servers of a version send what they are asked and answer."""
        model = self.context.names.of(self.model.address)
        return collecting.address(self.context, self.serving, model, self._version(locked).name, variant)

    def _shadow(self, locked: LockedModel) -> Service | None:
        shadow = self.serving.shadow
        if shadow is None:
            return None
        if locked.shadow is None:
            reason = "the lock has no version of it for this environment"
            self.context.withhold(shadow.address, reason, _UNLOCKED)
            return None
        return self._service(shadow.address, self._beside("shadow", shadow.address), locked.shadow, None)

    @property
    def _shadow_address(self) -> str | None:
        return self.serving.shadow.address if self.serving.shadow else None

    def _beside(self, suffix: str, address: str) -> Name:
        return shorten(f"{self.name}-{suffix}", address, SERVED)

    def _service(
        self,
        address: str,
        name: Name,
        locked: LockedModel | LockedVersion,
        canary: Canary | None,
        more: dict[str, str] | None = None,
    ) -> Service:
        resource = self.context.resource(address, name, "serving", 1, notes={**notes(locked), **(more or {})})
        profile = self.context.spec.compute[self.serving.compute] if self.serving.compute else None
        return Service(
            **resource,
            model=self.name,
            account=Name(f"{self.name}.server"),
            pods=resource["labels"],
            selector=selector(resource["labels"]),
            version=self._version(locked),
            canary=canary,
            replicas=self._replicas(),
            autoscale=self._autoscale(),
            compute=compute(profile, self.serving.address),
            volumes=scratch(profile, self.serving.address),
            log=self._log(locked, contract.SHADOW if address == self._shadow_address else contract.LIVE),
        )

    def _version(self, locked: LockedModel | LockedVersion) -> Version:
        return Version(address=self.serving.address, name=Name(f"v{locked.version}"), uri=locked.uri)

    def _replicas(self) -> Replicas:
        said = self.serving.replicas
        least = said.min if said else 1
        most = (said.max if said else None) or max(least, 1)
        return Replicas(address=said.address if said else self.serving.address, min=least, max=most)

    def _autoscale(self) -> Autoscale | None:
        said = self.serving.autoscale
        if said is None:
            return None
        share = said.metric in ("cpu", "memory")
        target = Share(said.target).percent if share else float(said.target)
        return Autoscale(address=said.address, metric=Name(said.metric), target=round(target))


def notes(locked: LockedModel | LockedVersion) -> dict[str, str]:
    """Say which version of the registry a model is, and which run made it."""
    return {"version": str(locked.version), "run": locked.run, "digest": locked.digest}
