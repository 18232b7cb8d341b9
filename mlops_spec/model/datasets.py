"""Datasets: data that steps read."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_spec.language.text import Name
from mlops_spec.language.units import Duration
from mlops_spec.model.node import Named, Node


class Changes(Node):
    """How new data is noticed: exactly one of sqs, kafka, poll."""

    sqs: str | None
    region: str | None
    kafka: str | None
    brokers: tuple[str, ...]
    poll: Duration | None
    secret: Name | None


class Dataset(Named):
    """A dataset."""

    description: str | None
    uri: str
    path: str | None
    version: str | None
    schema: Mapping[str, str]
    changes: Changes | None
