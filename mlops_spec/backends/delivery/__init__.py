"""What brings the tree into the clusters."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.delivery.argocd import ArgoCD

SYSTEMS: dict[str, type[System]] = {"argocd": ArgoCD}
