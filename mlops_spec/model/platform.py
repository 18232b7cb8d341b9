"""The platform: which real system carries which part of the life of a model."""

from __future__ import annotations

from mlops_spec.language.text import Name
from mlops_spec.model.choice import Choice
from mlops_spec.model.node import Node


class Artifacts(Node):
    """Where the outputs of steps are kept."""

    uri: str
    region: str | None
    endpoint: str | None
    secret: Name | None
    auth: str | None


class Runtime(Node):
    """The programs of this product that run in the cluster."""

    image: str


class Platform(Node):
    """Which real system carries which part of the life of a model."""

    tracking: Choice
    registry: Choice
    orchestrator: Choice
    artifacts: Artifacts | None
    features: Choice
    serving: Choice
    gateway: Choice
    rollout: Choice
    batch: Choice
    monitoring: Choice
    metrics: Choice
    dashboards: Choice
    secrets: Choice
    delivery: Choice
    ci: Choice
    runtime: Runtime | None
