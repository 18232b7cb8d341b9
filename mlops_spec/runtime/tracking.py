"""The tracking server and the registry, as the programs of the runtime use them: MLflow's own client.

Runs and versions are found again by tags, so that a program that runs twice finds what it made before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from mlops_spec.blueprint.contract import TAG
from mlops_spec.runtime.program import Failed

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

_PAGE = 50
WHO = ("PROJECT", "ENVIRONMENT", "PIPELINE")
"""What a pipeline is told apart by: variables of the contract, and tags of its runs."""


def failures() -> tuple[type[Exception], ...]:
    """Return what is raised where a file or a server cannot be reached, or the server says no."""
    try:
        from mlflow.exceptions import MlflowException
    except ImportError:
        return (OSError,)
    return (OSError, MlflowException)


class Judged(NamedTuple):
    """A registered version and what was measured of it."""

    version: str
    metrics: Mapping[str, float]


class Tracking:
    """One tracking server and registry, by MLflow's variables in ``environment``."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    @cached_property
    def client(self) -> MlflowClient:
        """MLflow's client. Raises Failed where MLflow is not installed."""
        try:
            from mlflow import MlflowClient
        except ImportError:
            raise Failed("MLflow is not installed: install mlops-spec[runtime]") from None
        return MlflowClient(
            tracking_uri=self.environment.get("MLFLOW_TRACKING_URI"),
            registry_uri=self.environment.get("MLFLOW_REGISTRY_URI"),
        )

    def who(self) -> dict[str, str]:
        """Return the tags that tell the runs of this pipeline from all others."""
        return {f"{TAG}{name.lower()}": self.environment.get(f"MLOPS_{name}", "") for name in WHO}

    def experiment(self, name: str | None) -> str:
        """Return the id of an experiment, which is made where there is none. Raises Failed for a deleted one."""
        if name is None:
            return "0"
        from mlflow.exceptions import MlflowException

        found = self.client.get_experiment_by_name(name)
        if found is None:
            try:
                return str(self.client.create_experiment(name))
            except MlflowException:  # somebody else was quicker
                found = self.client.get_experiment_by_name(name)
        if found is None or found.lifecycle_stage != "active":
            raise Failed(f"the experiment {name} is deleted: restore it on the tracking server")
        return str(found.experiment_id)

    def known_experiment(self, name: str | None) -> str | None:
        """Return the id of an experiment, also of a deleted one; None where there is none."""
        if name is None:
            return "0"
        found = self.client.get_experiment_by_name(name)
        return str(found.experiment_id) if found else None

    def runs(self, experiment: str, tags: Mapping[str, str], *conditions: str) -> Iterator[Run]:
        """Yield the runs of an experiment that have all these tags, the newest first.

        The server is asked for no more than are taken, and some. ``conditions`` are further ones in MLflow's words.
        """
        wanted = " and ".join((*(f"tags.`{key}` = {_quoted(value)}" for key, value in tags.items()), *conditions))
        token: str | None = None
        while True:
            page = self.client.search_runs(
                [experiment], wanted, max_results=_PAGE, order_by=["attributes.start_time DESC"], page_token=token
            )
            yield from page
            token = page.token
            if not token:
                return

    def of_pipeline(self, *conditions: str) -> Iterator[Run]:
        """Yield the runs of this pipeline, the newest first: those alone that are taken, of what may be years."""
        return self.runs(self.experiment(self.environment.get("MLFLOW_EXPERIMENT_NAME")), self.who(), *conditions)

    def log_metrics(self, run: str, metrics: Mapping[str, float | None]) -> None:
        """Record metrics with a run; what is no number is left out."""
        for name, value in metrics.items():
            if value is not None:
                self.client.log_metric(run, name, value)

    def metrics_of(self, model: str, alias: str) -> Judged | None:
        """Return what was measured of the version that an alias names; None where there is none.

        Raises Failed where the registry answers anything else than that.
        """
        from mlflow.exceptions import MlflowException

        try:
            version = self.client.get_model_version_by_alias(model, alias)
        except MlflowException as problem:
            if problem.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise Failed(f"the registry does not say which version {model}@{alias} is: {problem}") from None
        metrics = self.client.get_run(version.run_id).data.metrics if version.run_id else {}
        return Judged(str(version.version), metrics)


def _quoted(value: str) -> str:
    """Return text as MLflow's filters have it. Raises Failed for what they cannot carry."""
    if "'" not in value:
        return f"'{value}'"
    if '"' not in value:
        return f'"{value}"'
    raise Failed(f"MLflow cannot look for text with both kinds of quotes: {value}")


def tags(found: Mapping[str, Any]) -> dict[str, str]:
    """Return tags of the product's own; what is None is left out."""
    return {f"{TAG}{name}": str(value) for name, value in found.items() if value is not None}


def lineage(environment: Mapping[str, str], **more: str | None) -> dict[str, str]:
    """Return the tags that say what a run, or a version that it made, comes from: its data, its code, and ``more``."""
    known = {name: environment.get(f"MLOPS_{name.upper()}") for name in ("data_revisions", "git_revision")}
    return tags({name.replace("_", "-"): value for name, value in {**known, **more}.items()})


def began(run: Run) -> datetime:
    """Return when a run began."""
    return datetime.fromtimestamp(run.info.start_time / 1000, UTC)


def newest(runs: Iterable[Run]) -> Run | None:
    """Return the first of runs that are sorted from the newest."""
    return next(iter(runs), None)
