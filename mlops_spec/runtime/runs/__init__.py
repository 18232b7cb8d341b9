"""How the runs of a pipeline went, and how one is started: one way to ask each system that runs pipelines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import NamedTuple, Protocol

from mlops_spec.runtime.program import Configuration, Failed

SYSTEMS = ("airflow", "argo", "kubeflow", "vertex")
UNDER_WAY, SUCCEEDED, FAILED, STOPPED = "under way", "succeeded", "failed", "stopped"
"""How a run is, or has ended; a person stopped it, where the system can tell that from a failure."""


LOOKED_BACK = timedelta(days=14)
"""How old the runs may be that a system is asked for which keeps them all."""


class Run(NamedTuple):
    """A run: when it was started, and how it is.

    ``known_as`` is what its steps call it, where a run may succeed without any of them: one that began is on record in
    the tracking server under that name. None where there are no such runs.
    """

    began: datetime
    state: str
    known_as: str | None


class Runs(Protocol):
    """The runs of one pipeline. What cannot be asked, or answers no, raises Failed."""

    def newest(self) -> Iterable[Run]:
        """Return those that the system still has of the last days, in any order."""

    def start(self, started_by: str, of: Mapping[str, str]) -> str:
        """Start a run with all parameters as they are but what started it; return what the system calls it.

        What has come, and when, is in ``of``, for systems that keep such a thing with a run.
        """


def of(configuration: Configuration, environment: Mapping[str, str]) -> Runs:
    """Return the runs of the pipeline that a program is told of. Raises Failed."""
    system = next(name for name in SYSTEMS if name in configuration)
    try:
        found = import_module(f"mlops_spec.runtime.runs.{system}")
    except ImportError as problem:
        raise Failed(f"{problem.name} is missing: the runtime image needs its packages for {system}") from None
    runs: Runs = found.runs(configuration, environment)
    return runs
