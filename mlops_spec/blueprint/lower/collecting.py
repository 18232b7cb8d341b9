"""The collector of the inference log: what takes the requests and answers of an environment's servers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from mlops_spec.blueprint import contract
from mlops_spec.blueprint.lower.artifacts import scheme, store
from mlops_spec.blueprint.lower.cluster import account, policy, selector
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.data import access
from mlops_spec.blueprint.lower.mounts import folder
from mlops_spec.blueprint.lower.programs import config, workload
from mlops_spec.blueprint.names import versioned
from mlops_spec.blueprint.types import (
    Account,
    Budget,
    Collector,
    Config,
    Endpoint,
    Policy,
    Source,
    Workload,
)
from mlops_spec.language.text import Name
from mlops_spec.model.models import Logging, Model, Serving

NAME, COMPONENT, PROGRAM = Name("mlops-collect"), "logging", Name("collect")
PORT, SERVICE_PORT = 8080, 80
_AT = "models"
_REPLICAS = 2
_HELD, _HELD_SIZE = "/mlops/held", "1Gi"
_GRACE = 120
"""How long (seconds) a collector may take to keep what it holds once it is to end."""
_LIMITS = {
    "flush": {"bytes": 16 << 20, "seconds": 60},
    "join": 300,
    "body": 4 << 20,
    "waiting": 64 << 20,
    "at_once": 50,
    "drain": 5,
}
"""What the collector's memory and disk are enough for, and how late records may be."""


class Collected(NamedTuple):
    """The collector, where a model logs, and what it needs in the cluster."""

    collector: Collector | None
    accounts: tuple[Account, ...]
    policies: tuple[Policy, ...]
    budgets: tuple[Budget, ...]


def collected(context: Context, models: Iterable[tuple[Model, Serving]]) -> Collected:
    """Lower the collector of those models that serve and log; what it cannot keep is withheld."""
    logs = {}
    for model, serving in models:
        lacking = _lacking(context, serving.logging) if serving.logging else None
        if lacking is not None and serving.logging is not None:
            context.withhold(serving.logging.address, *lacking)
        elif serving.logging is not None:
            logs[str(context.names.of(model.address))] = serving.logging
    if not logs:
        return Collected(None, (), (), ())
    found = _collector(context, logs)
    reached = (store(log.sink, context.spec.platform.artifacts, f"{log.address}.sink") for log in logs.values())
    allowed = policy(context, _AT, NAME, found.selector, reached, _heard(context))
    budget = Budget(**context.resource(_AT, NAME, COMPONENT), pods=found.selector)
    return Collected(found, (account(context, _AT, NAME),), (allowed,), (budget,))


def address(context: Context, serving: Serving, model: Name, version: Name, variant: Name) -> str | None:
    """Return where the servers of one version send what they are asked and answer; None where that is not kept."""
    if serving.logging is None or _lacking(context, serving.logging) is not None:
        return None
    return f"http://{NAME}.{context.environment.namespace}.svc/{model}/{version}/{variant}"


def endpoint(context: Context, at: str) -> Endpoint:
    """Return what a server talks to that logs."""
    return Endpoint(address=at, namespace=context.environment.namespace, port=PORT)


def _lacking(context: Context, log: Logging) -> tuple[str, str] | None:
    """Return what is not there, and the way out."""
    if context.runtime is None:
        return "what keeps requests and answers needs a runtime image", "set platform.runtime.image and lock it"
    if scheme(log.sink) not in contract.STORES:
        known = " or ".join(sorted(contract.STORES))
        return f"what keeps requests and answers does not write to {scheme(log.sink)}:", f"set `sink` to {known}"
    return None


def _collector(context: Context, logs: dict[str, Logging]) -> Collector:
    told = config(context, _AT, NAME, COMPONENT, PROGRAM, _configuration(logs))
    # Under another name each time it says something else: pods read it when they start.
    told = Config(**{**told.__dict__, "name": versioned(NAME, told)})
    resource = context.resource(_AT, NAME, COMPONENT, 1)
    return Collector(
        **resource,
        account=NAME,
        pods=resource["labels"],
        selector=selector(resource["labels"]),
        replicas=_REPLICAS,
        grace=_GRACE,
        port=PORT,
        served=SERVICE_PORT,
        workload=_workload(context, told),
        config=told,
    )


def _configuration(logs: dict[str, Logging]) -> dict[str, Any]:
    """Return what ``schemas/runtime/collect.schema.json`` describes."""
    models = {
        name: contract.present(
            {
                "sink": log.sink,
                "id": log.id,
                "keys": list(map(str, log.keys)) or None,
                "drop": list(map(str, log.drop)) or None,
            }
        )
        for name, log in sorted(logs.items())
    }
    return {"models": models, "port": PORT, "folder": _HELD, **_LIMITS}


def _workload(context: Context, told: Config) -> Workload:
    made = workload(context, PROGRAM, _AT, told, access(context))
    return Workload(**{**made.__dict__, "volumes": (folder(_AT, "held", _HELD, _HELD_SIZE), *made.volumes)})


def _heard(context: Context) -> Iterator[Source]:
    """Yield who talks to it: the environment's servers, and who reads its series."""
    pods = tuple(
        context.label(key, value)
        for key, value in (
            ("app.kubernetes.io/component", "serving"), ("app.kubernetes.io/part-of", context.spec.project.name),
        )
    )  # fmt: skip
    yield Source(address=_AT, port=PORT, namespace=None, pods=pods)
    metrics = context.ports.metrics
    if metrics is not None:
        yield Source(address=_AT, port=PORT, namespace=metrics.scraped_from(), pods=())
