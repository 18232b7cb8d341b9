"""What an MLflow server shall hold for one environment of a project, and what it holds: as plain values.

A thing is ours by its tag ``mlops-spec.project``. Environments that record to the same server have the same
experiments and registered models, so each leaves a tag of its own, ``mlops-spec.environment.<name>``, which lists the
tags that it asked for: what is dropped from the spec is told from what others have set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from mlops_spec.blueprint.contract import NOTE, TAG

PROJECT = f"{TAG}project"
ENVIRONMENT = f"{TAG}environment."


class Kind(Enum):
    """What a server holds."""

    EXPERIMENT = "experiment"
    MODEL = "registered model"


class Alias(NamedTuple):
    """A name of one version of a model."""

    name: str
    version: str


class Wanted(NamedTuple):
    """A thing as the server shall hold it."""

    kind: Kind
    name: str
    tags: Mapping[str, str]
    alias: Alias | None = None


class Desired(NamedTuple):
    """All that a server shall hold for one environment of a project."""

    project: str
    environment: str
    things: tuple[Wanted, ...]

    @property
    def mark(self) -> str:
        """The tag by which the environment says that a thing is one of its own."""
        return ENVIRONMENT + self.environment

    def without_aliases(self) -> Desired:
        """Return the same for those who cannot know which version is healthy."""
        return self._replace(things=tuple(thing._replace(alias=None) for thing in self.things))


class Found(NamedTuple):
    """A thing as the server holds it; ``id`` is an experiment's. ``holds`` tells whether a model has versions."""

    kind: Kind
    name: str
    tags: Mapping[str, str]
    id: str = ""
    aliases: Mapping[str, str] = {}
    deleted: bool = False
    holds: bool = False

    def asked_by(self, mark: str) -> frozenset[str]:
        """Return the tags that the environment of a mark has asked for."""
        try:
            keys = json.loads(self.tags.get(mark, "[]"))
        except ValueError:
            return frozenset()
        return frozenset(key for key in keys if isinstance(key, str)) if isinstance(keys, list) else frozenset()

    def others(self, mark: str) -> tuple[str, ...]:
        """Return the marks of the other environments that have this."""
        return tuple(sorted(key for key in self.tags if key.startswith(ENVIRONMENT) and key != mark))


def desired(document: Mapping[str, Any]) -> Desired:
    """Return what the rendered document, which ``schemas/runtime/sync.schema.json`` describes, says."""
    experiments = [Wanted(Kind.EXPERIMENT, name, dict(said["tags"])) for name, said in document["experiments"].items()]
    models = [_model(name, said) for name, said in document["registered_models"].items()]
    return Desired(document["project"], document["environment"], (*experiments, *models))


def _model(name: str, said: Mapping[str, Any]) -> Wanted:
    tags = {**said["tags"]}
    if "description" in said:
        tags[NOTE] = said["description"]
    alias = Alias(said["alias"]["name"], str(said["alias"]["version"])) if "alias" in said else None
    return Wanted(Kind.MODEL, name, tags, alias)
