"""MLflow as the model registry. What it shall hold stands in the one document that tracking prints."""

from __future__ import annotations

import re
from typing import Any

from mlops_spec.backends.backend import System
from mlops_spec.backends.tracking.mlflow import plain
from mlops_spec.blueprint.lower.artifacts import endpoint
from mlops_spec.blueprint.ports import absent, limit
from mlops_spec.blueprint.types import Contribution

_RESERVED = re.compile(r"latest|v[0-9]+")


def _free(alias: Any) -> bool:
    return alias is None or _RESERVED.fullmatch(str(alias).removeprefix("@")) is None


_ALIAS = "MLflow keeps the aliases latest and v<number> for itself"


class MLflow(System):
    """The options of ``platform.registry`` with ``backend: mlflow``."""

    uri: str | None
    secret: str | None

    limits = (
        limit("pipelines.*.steps.*.gate.against.alias", _free, _ALIAS),
        limit("models.*.version", _free, _ALIAS),
        limit("platform.registry.secret", absent, "MLflow's client has one token, that of platform.tracking.secret"),
    )

    def declared(self) -> bool:
        """Let ``sync`` register models."""
        return True

    def variables(self) -> Contribution:
        """Return what MLflow's client reads; without an address the registry is the tracking server's own."""
        if self.uri is None:
            return Contribution(address=self.address, env=(), egress=())
        env = (plain("MLFLOW_REGISTRY_URI", self.uri, f"{self.address}.uri"),)
        return Contribution(address=self.address, env=env, egress=(endpoint(self.uri, f"{self.address}.uri"),))
