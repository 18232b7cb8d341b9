"""Variables: values that environments may set."""

from __future__ import annotations

from mlops_spec.model.common import Scalar
from mlops_spec.model.node import Named


class Variable(Named):
    """A value with a type."""

    type: str
    default: Scalar | None
    description: str | None
