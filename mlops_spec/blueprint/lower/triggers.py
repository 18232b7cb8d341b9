"""What stands by to start pipelines when events ask for it, and what that needs in the cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlops_spec.address import parse
from mlops_spec.blueprint.lower.artifacts import endpoint
from mlops_spec.blueprint.lower.cluster import account, policy, selector
from mlops_spec.blueprint.lower.compute import daemon
from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.names import TRIGGERED, shorten
from mlops_spec.blueprint.types import (
    Account,
    Bus,
    Daemon,
    Endpoint,
    Event,
    Listener,
    Pipeline,
    Policy,
    Role,
    Source,
    Trigger,
)
from mlops_spec.language.text import Name

_COMPONENT = "triggers"
_PLATFORM = "platform.orchestrator"
_BUS = Name("events")
_HTTPS = 443


class Triggers(NamedTuple):
    """The triggers of an environment, and what they need in the cluster."""

    triggers: tuple[Trigger, ...] = ()
    bus: Bus | None = None
    accounts: tuple[Account, ...] = ()
    roles: tuple[Role, ...] = ()
    policies: tuple[Policy, ...] = ()


def triggers(context: Context, pipelines: Iterable[Pipeline]) -> Triggers:
    """Lower what starts those of the ``pipelines`` that events may start."""
    found = [_Lowered(context, pipeline) for pipeline in pipelines if pipeline.events]
    ports = next((ports for each in found if (ports := each.orchestrator.bus())), None)
    bus = _bus(context) if ports else None
    return Triggers(
        triggers=tuple(each.trigger for each in found),
        bus=bus,
        accounts=(*(made for each in found for made in each.accounts()), *_bus_account(context, bus)),
        roles=tuple(each.role() for each in found),
        policies=(*(policy for each in found for policy in each.policies()), *_bus_policy(context, bus, ports)),
    )


class _Lowered:
    """The trigger of one pipeline."""

    def __init__(self, context: Context, pipeline: Pipeline) -> None:
        orchestrator = context.ports.orchestrators[parse(pipeline.address)[1]]
        assert orchestrator is not None
        self.context, self.orchestrator, self.address = context, orchestrator, pipeline.address
        self.name = context.names.of(pipeline.address, TRIGGERED)
        self.trigger = Trigger(
            **context.resource(pipeline.address, self.name, _COMPONENT, 2),
            pipeline=pipeline.name,
            bus=self._bus_name(),
            listeners=tuple(map(self._listener, pipeline.events)),
            starter=_daemon(context, self.address, Name(f"{self.name}.starter")),
        )

    def _listener(self, event: Event) -> Listener:
        name = shorten(f"{self.name}-{event.name}", event.address, TRIGGERED)
        resource = self.context.resource(event.address, name, _COMPONENT, 1)
        return Listener(
            **resource,
            event=event,
            bus=self._bus_name(),
            daemon=_daemon(self.context, event.address, Name(f"{name}.listener")),
        )

    def _bus_name(self) -> Name | None:
        return _BUS if self.orchestrator.bus() else None

    def accounts(self) -> Iterator[Account]:
        """Return an account for each that hears an event, and one for what starts runs."""
        for each in (*(listener.daemon for listener in self.trigger.listeners), self.trigger.starter):
            yield account(self.context, each.address, each.account)

    def role(self) -> Role:
        """Return what starting a run needs."""
        name = self.trigger.starter.account
        resource = self.context.resource(self.address, name, "cluster", -1)
        return Role(**resource, account=name, rules=self.orchestrator.starts())

    def policies(self) -> Iterator[Policy]:
        """Return who may tell a trigger of events, and what its pods reach."""
        bus = tuple(self._bus())
        for listener in self.trigger.listeners:
            event = listener.event
            yield self._policy(listener.daemon, self._heard(event), (*_sources(event), *bus))
        yield self._policy(self.trigger.starter, (), (*self.orchestrator.egress(), *bus))

    def _policy(self, who: Daemon, ingress: Iterable[Source], egress: Iterable[Endpoint]) -> Policy:
        return policy(self.context, who.address, who.account, selector(who.pods), egress, ingress)

    def _bus(self) -> Iterator[Endpoint]:
        ports = self.orchestrator.bus()
        if ports:
            yield Endpoint(address=self.address, namespace=self.context.environment.namespace, port=ports[0])

    def _heard(self, event: Event) -> Iterator[Source]:
        """Alerts come from where metrics are collected."""
        metrics = self.context.ports.metrics
        namespace, port = metrics.scraped_from() if metrics else None, self.orchestrator.listens()
        if event.path:
            yield Source(address=event.address, port=port, namespace=namespace, pods=())


def _sources(event: Event) -> Iterator[Endpoint]:
    """Return where an event is fetched from."""
    if event.queue:
        yield Endpoint(address=event.queue.address, namespace=None, port=_HTTPS)
    if event.topic:
        yield from (endpoint(f"kafka://{broker}", event.address) for broker in event.topic.brokers.split(","))


def _daemon(context: Context, address: str, name: Name) -> Daemon:
    return Daemon(address=address, account=name, pods=context.labels(name, _COMPONENT), compute=daemon(address))


def _bus(context: Context) -> Bus:
    resource = context.resource(_PLATFORM, _BUS, _COMPONENT, 1)
    return Bus(**resource, daemon=_daemon(context, _PLATFORM, Name(f"{_BUS}.bus")))


def _bus_account(context: Context, bus: Bus | None) -> Iterator[Account]:
    if bus is not None:
        yield account(context, bus.address, bus.daemon.account)


def _bus_policy(context: Context, bus: Bus | None, ports: tuple[int, int] | None) -> Iterator[Policy]:
    if bus is None or ports is None:
        return
    namespace, pods = context.environment.namespace, selector(bus.daemon.pods)
    clients = Source(address=bus.address, port=ports[0], namespace=namespace, pods=())
    peers = Source(address=bus.address, port=ports[1], namespace=None, pods=pods)
    to = (Endpoint(address=bus.address, namespace=namespace, port=port) for port in ports)
    yield policy(context, bus.address, bus.daemon.account, pods, to, (clients, peers))
