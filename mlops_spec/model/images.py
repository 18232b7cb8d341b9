"""Images: containers that steps name."""

from __future__ import annotations

from mlops_spec.model.node import Named, Node


class ImageBuild(Node):
    """How an image is built."""

    context: str
    python: str
    requirements: str
    base: str | None


class Image(Named):
    """A container image."""

    repository: str
    tag: str | None
    build: ImageBuild | None
