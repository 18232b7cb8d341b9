"""The Spark operator: each scoring is a ScheduledSparkApplication, whose driver is the program ``score``.

What pods need is said in pod templates, which Spark itself reads: the operator's webhook need not be there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.ports import File, file, unbuilt
from mlops_spec.blueprint.types import Blueprint, Endpoint, Machine, Rule
from mlops_spec.language.text import Name

_DRIVER_PORT, _BLOCKS_PORT = 7078, 7079
_LEAST = 1024
_API_PORTS = (443, 6443)
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
_MADE = ("configmaps", "persistentvolumeclaims", "pods", "services")


class Spark(System):
    """The options of ``platform.batch`` with ``backend: spark``."""

    version: str
    image: str | None
    executors: int
    service_account: Name

    engine: ClassVar[str] = "spark"
    stores: ClassVar[frozenset[str]] = frozenset(("s3", "gs"))
    launches: ClassVar[bool] = False
    limits = (unbuilt("models.*.batch.features", "completing rows with features is not built yet"),)

    def account(self) -> Name:
        """Return the account of drivers and executors."""
        return self.service_account

    def rules(self) -> tuple[Rule, ...]:
        """Return what a driver makes for its executors, and takes away again."""
        resources, verbs = tuple(map(Name, _MADE)), tuple(map(Name, _VERBS))
        return (Rule(address=self.address, group="", resources=resources, verbs=verbs),)

    def lacks(self, worker: Machine) -> str | None:
        """Spark does not start with less than 450 MiB for itself, which is half of what a pod has."""
        return f"a worker needs {_LEAST}Mi of memory to start" if worker.memory < _LEAST else None

    def hears(self) -> tuple[int, ...]:
        """Return the ports that the template gives driver and executors."""
        return _DRIVER_PORT, _BLOCKS_PORT

    def egress(self) -> tuple[Endpoint, ...]:
        """Return the API server's usual ports: policies see its own address, which is outside every namespace."""
        return tuple(Endpoint(address=self.address, namespace=None, port=port) for port in _API_PORTS)

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print each scoring, and what its driver reads."""
        for scoring in blueprint.scorings:
            yield file("batch/spark/configmap.yaml.j2", config=scoring.config)
            yield file("batch/spark/scheduledsparkapplication.yaml.j2", scoring=scoring, options=self)
