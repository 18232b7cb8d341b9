"""What the servers of models need in the cluster: accounts, the store's credentials, network policies, budgets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlops_spec.blueprint.lower import collecting
from mlops_spec.blueprint.lower.artifacts import endpoint, location, scheme, store
from mlops_spec.blueprint.lower.cluster import policy
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.services import Served
from mlops_spec.blueprint.ports import Refused
from mlops_spec.blueprint.types import (
    Account,
    Budget,
    Credentials,
    Endpoint,
    Gateway,
    Label,
    Policy,
    Route,
    Secret,
    SecretEntry,
    Service,
    Source,
)
from mlops_spec.language.text import Name

_UNREACHED = ("pvc", "oci")
"""Schemes of what the node itself brings to a pod."""

_SEVERAL = 2


def accounts(context: Context, served: Iterable[Served]) -> tuple[tuple[Account, ...], tuple[Secret, ...]]:
    """Return the account of each model's servers, and the secrets by which these open the store."""
    found: list[Account] = []
    secrets: dict[Name, Secret] = {}
    for each in served:
        given = _credentials(context, each)
        secret = _secret(context, given) if given and given.keys else None
        if secret is not None:
            secrets[secret.name] = secret
        resource = context.resource(each.serving.address, each.live.account, "cluster", -1)
        if given and not given.keys:
            resource["annotations"] = _noted(resource["annotations"], given.notes)
        found.append(Account(**resource, token=None, mounted=False, secrets=(secret.name,) if secret else ()))
    return tuple(found), tuple(secrets.values())


def _noted(annotations: tuple[Label, ...], notes: tuple[Label, ...]) -> tuple[Label, ...]:
    return tuple(sorted((*annotations, *notes), key=lambda label: label.key))


def _credentials(context: Context, each: Served) -> Credentials | None:
    """Return how the servers open the store, where it is the one that ``platform.artifacts`` describes."""
    artifacts, uri = context.spec.platform.artifacts, each.live.version.uri
    if artifacts is None or scheme(artifacts.uri) != scheme(uri):
        return None
    try:
        where = location(uri, artifacts, each.serving.address)
    except Refused as problem:
        context.refuse("MS149", str(problem), each.serving.address, "lock another URI")
        return None
    return each.server.credentials(where) if where else None


def _secret(context: Context, given: Credentials) -> Secret | None:
    """Return the secret with its keys under the names that the server looks for."""
    said = context.spec.secrets[given.keys[0].secret.name]
    backend, names = context.ports.secrets, ", ".join(key.key for key in given.keys)
    if backend is not None and not backend.stores:
        message = f"the server looks for keys named {names}, and an existing secret keeps the names that it has"
        hint = "choose external-secrets, or open the store by `auth: workload-identity`"
        context.refuse("MS149", message, given.keys[0].secret.address, hint)
        return None
    entries = (
        SecretEntry(address=key.secret.address, key=key.key, path=said.path, property=key.secret.key)
        for key in given.keys
    )
    resource = context.resource(said.address, Name(f"{context.names.of(said.address)}.serving"), "secrets", -1)
    return Secret(**resource, store=said.store, entries=tuple(entries), notes=given.notes)


def policies(
    context: Context, served: Iterable[Served], routes: Iterable[Route], gateway: Gateway | None
) -> tuple[Policy, ...]:
    """Return for each server who may ask it and where it finds its model, and for an own gateway whom it asks."""
    routed = {str(route.name) for route in routes}
    found, ports = [], set()
    for each in served:
        port = each.server.port(logged=each.live.log is not None)
        ports.add(port)
        source = _source(context, each, port, exposed=str(each.live.name) in routed)
        found += [_policy(context, service, (source, *_scraped(context, each, service))) for service in each.services()]
    return (*found, *_gateway(context, gateway, ports))


def _source(context: Context, each: Served, port: int, *, exposed: bool) -> Source:
    if exposed and context.ports.gateway is not None:
        return context.ports.gateway.source(port)
    return Source(address=each.serving.address, port=port, namespace=None, pods=())


def _scraped(context: Context, each: Served, service: Service) -> Iterator[Source]:
    """Who reads a server's series: the namespace of the metrics system, where it is known, else any."""
    metrics = context.ports.metrics
    if metrics is not None:
        port = each.server.signals(service).port
        yield Source(address=service.address, port=port, namespace=metrics.scraped_from(), pods=())


def _policy(context: Context, service: Service, sources: tuple[Source, ...]) -> Policy:
    uris = [service.version.uri, *([service.canary.version.uri] if service.canary else [])]
    reached = [found for uri in uris for found in _stored(context, uri, service.address)]
    if service.log is not None:
        reached.append(collecting.endpoint(context, service.address))
    return policy(context, service.address, Name(f"{service.name}.server"), service.selector, reached, sources)


def _stored(context: Context, uri: str, address: str) -> Iterator[Endpoint]:
    if scheme(uri) in ("http", "https"):
        yield endpoint(uri, address)
    elif scheme(uri) not in _UNREACHED:
        yield store(uri, context.spec.platform.artifacts, address)


def _gateway(context: Context, gateway: Gateway | None, ports: Iterable[int]) -> Iterator[Policy]:
    backend = context.ports.gateway
    if gateway is None or backend is None:
        return
    anyone = Source(address=gateway.address, port=None, namespace=None, pods=())
    namespace = context.environment.namespace
    servers = (Endpoint(address=gateway.address, namespace=namespace, port=port) for port in ports)
    name, reached = Name(f"{gateway.name}.gateway"), (*servers, *backend.egress())
    yield policy(context, gateway.address, name, backend.pods(), reached, (anyone,))


def budgets(context: Context, served: Iterable[Served]) -> tuple[Budget, ...]:
    """Return a budget for each server that there are several of; a shadow answers nobody."""
    return tuple(
        Budget(**context.resource(service.address, service.name, "serving"), pods=service.selector)
        for each in served
        for service in each.services()
        if service is not each.shadow and service.replicas.min >= _SEVERAL
    )
