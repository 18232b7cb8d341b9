"""How requests come in."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.gateway.gateway_api import GatewayAPI

SYSTEMS: dict[str, type[System]] = {"gateway-api": GatewayAPI}
