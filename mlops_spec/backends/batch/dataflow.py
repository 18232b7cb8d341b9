"""Dataflow: each scoring is a flex template, which a CronJob of the runtime launches and waits for.

Config Connector's job objects cannot be updated, so that none is declared: what is launched is said whole each time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import ClassVar

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.ports import File, file, unbuilt
from mlops_spec.blueprint.types import Blueprint, Endpoint, Machine, Rule
from mlops_spec.language.text import Name
from mlops_spec.language.units import Quantity

_HTTPS = 443
_GIGA, _LEAST_DISK = 10**9, 50
_STEP, _LEAST_PER_CORE, _MOST_PER_CORE = 256, 512, 8192
"""Memory (MiB) of a machine of N2's own sizes: in which steps, and how much of it a core may have."""


class Dataflow(System):
    """The options of ``platform.batch`` with ``backend: dataflow``."""

    project: str
    location: str
    bucket: str
    service_account: str | None
    subnetwork: str | None
    max_workers: int

    engine: ClassVar[str] = "beam"
    stores: ClassVar[frozenset[str]] = frozenset(("gs",))
    launches: ClassVar[bool] = True
    image: ClassVar[str | None] = None
    limits = (unbuilt("models.*.batch.features", "completing rows with features is not built yet"),)

    def account(self) -> Name:
        """Return the account of the jobs that launch; Google knows it by workload identity."""
        return Name("dataflow")

    def rules(self) -> tuple[Rule, ...]:
        """Launching asks nothing of the cluster."""
        return ()

    def lacks(self, worker: Machine) -> str | None:
        """Say what Google's machines cannot be given."""
        compute = worker.compute
        found = {
            "accelerators": worker.devices,
            "shared memory": [volume for volume in worker.volumes if volume.memory],
            "a node selector": compute.node_selector,
            "tolerations": compute.tolerations,
            "a queue": compute.queue,
        }
        said = [what for what, value in found.items() if value]
        return f"Dataflow's workers cannot have {', '.join(said)}" if said else None

    def hears(self) -> tuple[int, ...]:
        """Workers are not in this cluster."""
        return ()

    def egress(self) -> tuple[Endpoint, ...]:
        """Return where Google's own services are."""
        return (Endpoint(address=self.address, namespace=None, port=_HTTPS),)

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print what each job launches; the jobs themselves are among the blueprint's."""
        for scoring in blueprint.scorings:
            launch = file(
                "batch/dataflow/launch.json.j2",
                scoring=scoring,
                options=self,
                folder=self.bucket.rstrip("/"),
                machine=machine(scoring.worker),
                disk=max(_LEAST_DISK, math.ceil(Quantity(scoring.worker.disk).amount / _GIGA)),
            )
            yield file("batch/dataflow/configmap.yaml.j2", config=scoring.config, launch=launch)


def machine(worker: Machine) -> str:
    """Return the smallest machine of N2's own sizes that has the cores and memory of a worker."""
    cores = max(worker.cores, math.ceil(worker.memory / _MOST_PER_CORE))
    cores += cores % 2
    memory = max(math.ceil(worker.memory / _STEP) * _STEP, cores * _LEAST_PER_CORE)
    return f"n2-custom-{cores}-{memory}"
