"""What answers requests with models."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.serving.kserve import KServe

SYSTEMS: dict[str, type[System]] = {"kserve": KServe}
