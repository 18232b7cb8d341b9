"""How requests from outside reach models: the gateway, and for each model its route."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_spec.blueprint.lower.context import Context
from mlops_spec.blueprint.lower.services import Served
from mlops_spec.blueprint.names import shorten
from mlops_spec.blueprint.ports import Gateway as Port
from mlops_spec.blueprint.types import Fraction, Gateway, Mirror, Parent, Route
from mlops_spec.language.text import Name
from mlops_spec.language.units import Share

_PORT = 80
_GATEWAY = "platform.gateway"
GATEWAY = Name("models")
"""The gateway that is made for an environment."""


def routes(context: Context, served: Iterable[Served]) -> tuple[Route, ...]:
    """Return the route of each model that is reached from outside; without a gateway it is withheld."""
    port = context.ports.gateway
    if port is None:
        return ()
    parent = port.parent(GATEWAY, context.environment.namespace)
    found = []
    for each in served:
        expose = each.serving.expose
        if expose is None:
            continue
        if parent is None:
            hint = "set platform.gateway.class to make one, or platform.gateway.use to name one"
            context.withhold(expose.address, "platform.gateway names no gateway", hint)
            continue
        found.append(_route(context, each, port, parent))
    return tuple(found)


def gateway(context: Context, routes: Iterable[Route]) -> Gateway | None:
    """Return the gateway of the environment's own, where routes need one and none exists already."""
    port = context.ports.gateway
    if port is None or port.kind is None or not any(routes):
        return None
    return Gateway(**context.resource(_GATEWAY, GATEWAY, "gateway"), kind=port.kind, port=_PORT)


def _route(context: Context, each: Served, port: Port, parent: Parent) -> Route:
    expose = each.serving.expose
    assert expose is not None
    path = expose.path.rstrip("/") or "/"
    return Route(
        **context.resource(expose.address, each.live.name, "gateway", 1),
        parent=parent,
        host=expose.host or _host(context, each, port.host),
        path=path,
        rewrite="/" if path != "/" else None,
        targets=each.server.targets(each.live),
        mirror=_mirror(each),
    )


def _host(context: Context, each: Served, host: str | None) -> str | None:
    """Return the model's own host below ``*.``: of what others promote from, the environment is part of its name."""
    if host is None or not host.startswith("*."):
        return host
    environment, name = context.environment.name, str(each.live.name)
    if any(other.promotes_from == environment for other in context.spec.environments.values()):
        name = f"{name}-{environment}"
    return f"{shorten(name, each.model.address)}{host[1:]}"


def _mirror(each: Served) -> Mirror | None:
    if each.shadow is None or each.serving.shadow is None:
        return None
    address = f"{each.serving.shadow.address}.sample"
    percent, fraction = _portion(each.serving.shadow.sample, address)
    return Mirror(address=address, target=each.server.targets(each.shadow)[0], percent=percent, fraction=fraction)


def _portion(share: Share, address: str) -> tuple[int | None, Fraction | None]:
    """Say a share as a whole percentage where it is one; neither means all."""
    import fractions  # few specs split requests

    exact = fractions.Fraction(str(float(share)))
    if exact == 1:
        return None, None
    if (exact * 100).denominator == 1:
        return int(exact * 100), None
    return None, Fraction(address=address, numerator=exact.numerator, denominator=exact.denominator)
