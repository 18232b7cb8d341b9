"""Environments: where the system runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_spec.language.text import Name
from mlops_spec.model.common import Scalar
from mlops_spec.model.node import Named


class Environment(Named):
    """One place where the system runs."""

    namespace: Name | None
    cluster: str
    protected: bool
    promotes_from: Name | None
    variables: Mapping[str, Scalar]
    overrides: Mapping[str, Any]
