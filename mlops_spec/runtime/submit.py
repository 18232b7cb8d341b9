"""``submit``: tells an orchestrator that keeps pipelines as versions of the one that was rendered, and schedules it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from mlops_spec.runtime.program import Configuration, Failed

SYSTEMS = ("kubeflow", "vertex")


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Bring the version there where it is not yet, and leave no schedule but its own. Raises Failed."""
    system = next(name for name in SYSTEMS if name in configuration)
    try:
        submission = import_module(f"mlops_spec.runtime.{system}")
    except ImportError as problem:
        raise Failed(f"{problem.name} is missing: the runtime image needs mlops-spec[{system}]") from None
    done: dict[str, Any] = submission.submit(configuration, environment)
    return done
