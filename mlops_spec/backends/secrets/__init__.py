"""How secrets come into a namespace."""

from __future__ import annotations

from mlops_spec.backends.backend import System
from mlops_spec.backends.secrets.existing import Existing
from mlops_spec.backends.secrets.external_secrets import ExternalSecrets

SYSTEMS: dict[str, type[System]] = {"external-secrets": ExternalSecrets, "existing": Existing}
