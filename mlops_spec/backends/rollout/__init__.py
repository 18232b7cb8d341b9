"""What walks a new version from its first requests to all of them."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.rollout.git import Git

SYSTEMS: dict[str, type[System]] = {"git": Git}
