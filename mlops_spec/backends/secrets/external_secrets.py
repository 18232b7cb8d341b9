"""The External Secrets operator: each secret is an ExternalSecret, which brings the values from its store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.ports import File, file
from mlops_spec.blueprint.types import Blueprint
from mlops_spec.language.units import Duration


class ExternalSecrets(System):
    """The options of ``platform.secrets`` with ``backend: external-secrets``."""

    kind: str
    refresh: Duration

    stores: ClassVar[bool] = True

    @property
    def interval(self) -> str:
        """``refresh`` in the units that Go reads: it knows no days."""
        return f"{self.refresh.seconds}s" if self.refresh.endswith("d") else str(self.refresh)

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print one object for each secret."""
        for secret in blueprint.secrets:
            yield file("secrets/external-secrets/externalsecret.yaml.j2", secret=secret, options=self)
