"""Features: entities, views and services."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration
from mlops_spec.model.common import Schedule
from mlops_spec.model.node import Named, Node


class Entity(Named):
    """What features describe."""

    description: str | None
    join_key: Name
    type: str


class Materialize(Node):
    """When the online store is filled."""

    schedule: Schedule
    compute: Name | None


class FeatureView(Named):
    """A group of features from one source."""

    description: str | None
    entity: Name
    source: Name
    timestamp: Name
    ttl: Duration | None
    fields: Mapping[str, str]
    online: bool
    materialize: Materialize | None


class FeatureService(Named):
    """The features that one model reads."""

    description: str | None
    views: tuple[Name, ...]


class Features(Node):
    """Entities, feature views and feature services."""

    entities: Mapping[str, Entity]
    views: Mapping[str, FeatureView]
    services: Mapping[str, FeatureService]
