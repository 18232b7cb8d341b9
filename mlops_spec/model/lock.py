"""The lock: what can only be known from outside, pinned."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.model.node import Named, Node


class LockedLayer(Named):
    """A layer from elsewhere."""

    path: str
    digest: str


class LockedBase(Node):
    """The image that an image is built upon."""

    digest: str


class LockedImage(Named):
    """An image."""

    digest: str | None
    base: LockedBase | None


class LockedVersion(Node):
    """A version of a model, whole."""

    version: int
    run: str
    uri: str
    digest: str
    requirements: tuple[str, ...]


class LockedRollout(Node):
    """A rollout that is under way."""

    step: int
    from_: LockedVersion


class LockedModel(Named):
    """The version of a model that is live, and those beside it."""

    version: int
    run: str
    uri: str
    digest: str
    requirements: tuple[str, ...]
    rollout: LockedRollout | None
    shadow: LockedVersion | None
    variants: Mapping[str, LockedVersion]


class LockedEnvironment(Named):
    """What an environment runs."""

    models: Mapping[str, LockedModel]


class Lock(Node):
    """What can only be known from outside, pinned."""

    lockVersion: int  # noqa: N815
    layers: Mapping[str, LockedLayer]
    images: Mapping[str, LockedImage]
    environments: Mapping[str, LockedEnvironment]
