"""What builds images, and brings their digests into the lock."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.ci.github import GitHub
from mlops_spec.backends.ci.gitlab import GitLab

SYSTEMS: dict[str, type[System]] = {"github": GitHub, "gitlab": GitLab}
