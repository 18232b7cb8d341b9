"""What all of lowering shares: the spec of one environment, the backends that answer, and what was found on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mlops_spec.blueprint.names import Names
from mlops_spec.blueprint.ports import (
    Batch,
    Dashboards,
    Delivery,
    Gateway,
    Metrics,
    Monitoring,
    Orchestrator,
    Registry,
    Rollout,
    Secrets,
    Serving,
    Tracking,
)
from mlops_spec.blueprint.types import Environment, Label, Withheld
from mlops_spec.diagnostic import Diagnostic, error, warning
from mlops_spec.language.text import Name
from mlops_spec.model.lock import LockedModel
from mlops_spec.model.spec import Spec


class Ports(NamedTuple):
    """The backends that lowering asks; pipelines, models, monitors may have one of their own. None: not built yet."""

    tracking: Tracking | None
    registry: Registry | None
    orchestrators: Mapping[str, Orchestrator | None]
    servers: Mapping[str, Serving | None]
    scorers: Mapping[str, Batch | None]
    watchers: Mapping[str, Monitoring | None]
    gateway: Gateway | None
    rollout: Rollout | None
    metrics: Metrics | None
    dashboards: Dashboards | None
    secrets: Secrets | None
    delivery: Delivery | None


class Context:
    """One environment's lowering. Problems carry an address; the compiler finds their places.

    ``runtime`` is the image of our programs, ``locked`` the versions of models, ``bases`` the digests of what images
    are built upon, as far as the lock has them. ``ci`` tells whether the spec names a CI system, or has it by default.
    """

    def __init__(
        self,
        spec: Spec,
        environment: Environment,
        ports: Ports,
        file: str,
        runtime: str | None,
        locked: Mapping[str, LockedModel],
        bases: Mapping[str, str],
        ci: bool,
    ) -> None:
        self.spec, self.environment, self.ports, self.file = spec, environment, ports, file
        self.runtime, self.locked, self.bases, self.ci = runtime, locked, bases, ci
        self.names = Names({line.to: line.from_ for line in spec.moved})
        self.problems: list[Diagnostic] = []
        self.withheld: list[Withheld] = []

    def refuse(self, code: str, message: str, address: str, hint: str = "") -> None:
        """Report an error at ``address``."""
        self.problems.append(error(code, message, None, address, hint))

    def withhold(self, address: str, reason: str, hint: str = "") -> None:
        """List ``address`` as withheld, and say why as a warning."""
        self.withheld.append(Withheld(address=address, reason=reason))
        self.problems.append(warning("MS140", f"`{address}` is withheld: {reason}", None, address, hint))

    def resource(
        self,
        address: str,
        name: Name,
        component: str,
        wave: int = 0,
        *,
        hook: bool = False,
        notes: Mapping[str, str | None] | None = None,
    ) -> dict[str, Any]:
        """Return what every object bears: the fields of ``Resource``. ``notes`` are annotations, absent where None."""
        delivery = self.ports.delivery
        annotations = [
            *(delivery.annotations(wave, hook) if delivery else ()),
            self.label("mlops-spec.dev/source", f"{self.file}#{address}"),
            *(self.label(f"mlops-spec.dev/{key}", value) for key, value in (notes or {}).items() if value),
        ]
        return {
            "address": address,
            "name": name,
            "namespace": self.environment.namespace,
            "component": Name(component),
            "labels": self.labels(name, component),
            "annotations": tuple(sorted(annotations, key=lambda label: label.key)),
        }

    def labels(self, name: str, component: str) -> tuple[Label, ...]:
        """Return the labels of an object and of its pods: Kubernetes' recommended ones, then the project's own."""
        project = self.spec.project
        recommended = {
            "app.kubernetes.io/name": name,
            "app.kubernetes.io/instance": f"{project.name}-{self.environment.name}",
            "app.kubernetes.io/component": component,
            "app.kubernetes.io/part-of": project.name,
            "app.kubernetes.io/managed-by": "mlops-spec",
        }
        own = {key: value for key, value in project.labels.items() if key not in recommended}
        return tuple(
            self.label(key, value, "project.labels" if key in own else "project")
            for key, value in sorted({**recommended, **own}.items())
        )

    def label(self, key: str, value: str, address: str = "project") -> Label:
        """Make a label or an annotation."""
        return Label(address=address, key=key, value=value)
