"""MLflow as the tracking server: the environment of a run, and the document that says what the server shall hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlops_spec.backends.backend import System
from mlops_spec.blueprint.lower.artifacts import endpoint
from mlops_spec.blueprint.ports import File, Run, file
from mlops_spec.blueprint.types import Blueprint, Contribution, SecretKey, Variable
from mlops_spec.language.text import Name


class MLflow(System):
    """The options of ``platform.tracking`` with ``backend: mlflow``."""

    uri: str | None
    secret: str | None

    def available(self) -> bool:
        """Tell whether there is an address to record to."""
        return self.uri is not None

    def declares(self) -> bool:
        """Print the document that ``sync`` reads."""
        return True

    def variables(self, run: Run) -> Contribution:
        """Return what MLflow's client reads; with a run's id it resumes that run."""
        egress = (endpoint(self.uri, f"{self.address}.uri"),) if self.uri else ()
        return Contribution(address=self.address, env=tuple(self._variables(run)), egress=egress)

    def _variables(self, run: Run) -> Iterator[Variable]:
        if self.uri is None:
            return
        yield plain("MLFLOW_TRACKING_URI", self.uri, f"{self.address}.uri")
        if self.secret is not None:
            yield token(self.secret, f"{self.address}.secret")
        if run.experiment is not None:
            yield plain("MLFLOW_EXPERIMENT_NAME", run.experiment, self.address)
        if run.id is not None:
            yield plain("MLFLOW_RUN_ID", run.id, self.address)
            yield plain("MLOPS_RUN_ID", run.id, self.address)

    def emit(self, blueprint: Blueprint) -> Iterable[File]:
        """Print the desired state; the Job that syncs it is one of the blueprint's jobs."""
        if blueprint.state is not None:
            document = file("tracking/mlflow/desired-state.yaml.j2", state=blueprint.state)
            yield file("tracking/mlflow/configmap.yaml.j2", state=blueprint.state, document=document)


def plain(name: str, value: str, address: str) -> Variable:
    """Make a variable that holds its value itself."""
    return Variable(address=address, name=Name(name), value=value, secret=None)


def token(secret: str, address: str) -> Variable:
    """Make the variable that opens an MLflow server: the key ``token`` of a secret."""
    key = SecretKey(address=address, name=Name(secret), key=Name("token"))
    return Variable(address=address, name=Name("MLFLOW_TRACKING_TOKEN"), value=None, secret=key)
