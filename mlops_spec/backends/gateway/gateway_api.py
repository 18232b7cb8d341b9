"""Gateway API: a Gateway where the environment gets its own, and for each model that is exposed an HTTPRoute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.effects import Effect, does
from mlops_spec.blueprint.lower.routes import GATEWAY
from mlops_spec.blueprint.ports import File, file, unbuilt
from mlops_spec.blueprint.types import Blueprint, Endpoint, Label, Parent, Source
from mlops_spec.language.text import Name
from mlops_spec.model.node import Node

_CONTROL_PLANES: Mapping[str, tuple[str, int]] = {"istio": ("istio-system", 15012)}
"""By GatewayClass, where a gateway that runs in the environment's own namespace gets its configuration."""


class Use(Node):
    """A gateway that exists already."""

    name: Name
    namespace: Name


class GatewayAPI(System):
    """The options of ``platform.gateway`` with ``backend: gateway-api``."""

    class_: str | None
    use: Use | None
    host: str | None

    effects = does("HTTPRoute", Effect.CANARY, "spec/rules/*/backendRefs/*/weight")
    limits = (
        unbuilt(
            "models.*.ab_test",
            "an HTTPRoute splits at random, and what keeps each value of assign_by with its variant is not built yet",
        ),
    )

    @property
    def kind(self) -> Name | None:
        """The GatewayClass of the gateway to make; None where one exists already."""
        return Name(self.class_) if self.class_ else None

    def parent(self, own: Name, namespace: Name) -> Parent | None:
        """Return the gateway that exists, else the one that is made, else None."""
        if self.use is not None:
            return Parent(address=self.use.address, name=self.use.name, namespace=self.use.namespace)
        return Parent(address=f"{self.address}.class", name=own, namespace=namespace) if self.class_ else None

    def source(self, port: int) -> Source:
        """Return the namespace of the gateway that exists, or the pods of the one that is made."""
        if self.use is not None:
            return Source(address=self.use.address, port=port, namespace=self.use.namespace, pods=())
        return Source(address=self.address, port=port, namespace=None, pods=self.pods())

    def pods(self) -> tuple[Label, ...]:
        """Return the label that implementations give a gateway's pods (GEP-1762)."""
        return (Label(address=self.address, key="gateway.networking.k8s.io/gateway-name", value=GATEWAY),)

    def egress(self) -> tuple[Endpoint, ...]:
        """Return the control plane of an implementation that runs gateways where they are declared."""
        known = _CONTROL_PLANES.get(self.class_ or "")
        return (Endpoint(address=self.address, namespace=Name(known[0]), port=known[1]),) if known else ()

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print the gateway, and the routes."""
        if blueprint.gateway is not None:
            yield file("gateway/gateway-api/gateway.yaml.j2", gateway=blueprint.gateway)
        for route in blueprint.routes:
            yield file("gateway/gateway-api/httproute.yaml.j2", route=route)
