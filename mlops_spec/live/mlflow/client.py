"""MLflow's own client, with credentials from MLflow's own variables, that says within seconds what does not answer."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from mlops_spec.live.reason import innermost

if TYPE_CHECKING:
    from mlflow import MlflowClient

INSTALL = 'pip install "mlops-spec[mlflow]"'
_DEFAULTS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",  # seconds
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
_WORDS = {401: "it asks for credentials: set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and _PASSWORD"}
_STATUS = re.compile(r"failed with error code (\d{3})")


class NotInstalled(Exception):
    """MLflow is not installed; the message names what to install."""


class Unreachable(Exception):
    """A server does not answer, or not as MLflow does; the message says which and why."""


class Refusal(Exception):
    """A server has understood, and says no; ``code`` is MLflow's own word for why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Servers(NamedTuple):
    """Where runs are recorded and where models are registered."""

    tracking: str
    registry: str

    def __str__(self) -> str:
        """Return the addresses without the passwords that may be in them."""
        return " and ".join(dict.fromkeys(re.sub(r"://[^/@]*@", "://", uri) for uri in self))


def connect(servers: Servers) -> MlflowClient:
    """Return a client; no server is asked yet. Raises NotInstalled, and Unreachable for an address of no server."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    try:
        from mlflow import MlflowClient
    except ImportError:
        raise NotInstalled(f"MLflow is not installed: {INSTALL}") from None
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # it tells of every retry
    with answering(servers):
        return MlflowClient(tracking_uri=servers.tracking, registry_uri=servers.registry)


@contextmanager
def answering(servers: Servers) -> Iterator[None]:
    """Tell what keeps a server from answering (Unreachable) from what it refuses (Refusal)."""
    from mlflow.exceptions import MlflowException, RestException
    from requests.exceptions import RequestException

    try:
        yield
    except RestException as problem:
        raise Refusal(str(problem.message), problem.error_code) from None
    except MlflowException as problem:
        below = problem.__cause__ or problem.__context__
        if isinstance(below, RequestException):
            raise Unreachable(f"{servers} does not answer: {innermost(below)}") from None
        if _STATUS.search(str(problem)) or "Response body" in str(problem):
            raise Unreachable(f"{servers} does not answer: {_status(str(problem))}") from None
        raise Refusal(str(problem.message), problem.error_code) from None
    except OSError as problem:
        raise Unreachable(f"{servers} does not answer: {innermost(problem)}") from None


def _status(text: str) -> str:
    status = _STATUS.search(text)
    if status is None:
        return "it answers, but not as MLflow does"
    return _WORDS.get(int(status[1]), f"it answers with the status {status[1]}, and not as MLflow does")
