"""The way to a cluster, by a kubeconfig or from within it. Nothing that stands in a kubeconfig is ever told."""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlops_spec.live.kubernetes.client import AT_ONCE, Cluster
from mlops_spec.live.reason import innermost

INSTALL = 'pip install "mlops-spec[kubernetes]"'


class NotInstalled(Exception):
    """Kubernetes' client is not installed; the message names what to install."""


class Unconfigured(Exception):
    """No way to a cluster can be had from the kubeconfig; the message says what is wrong with it, and no secret."""


def connect(kubeconfig: str | None, context: str | None) -> Cluster:
    """Return the cluster that a context of the kubeconfig names, the current one where none is said.

    Where there is no kubeconfig it is the cluster that this runs in. No server is asked yet. Raises NotInstalled and
    Unconfigured.
    """
    try:
        from kubernetes import client, config, dynamic
    except ImportError:
        raise NotInstalled(f"Kubernetes' client is not installed: {INSTALL}") from None
    settings = client.Configuration()
    settings.retries, settings.connection_pool_maxsize = 1, AT_ONCE
    # They tell of every retry, and of every request that a kubeconfig wants without a check of the certificate.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", "Unverified HTTPS request")
    if kubeconfig is None and not _is_there(config.KUBE_CONFIG_DEFAULT_LOCATION):
        with _told("this pod's service account"):
            if context is not None or "KUBERNETES_SERVICE_HOST" not in os.environ:
                raise Unconfigured("there is no kubeconfig: neither KUBECONFIG nor ~/.kube/config names one")
            config.load_incluster_config(client_configuration=settings)
    else:
        context = _context(config, kubeconfig, context)
        with _told(f"the context {context}"):
            config.load_kube_config(kubeconfig, context, settings, persist_config=False)
    api = dynamic.DynamicClient(client.ApiClient(settings), discoverer=lambda client, cache: None)
    return Cluster(api, re.sub(r"://[^/@]*@", "://", str(settings.host)), context)


def _context(config: Any, kubeconfig: str | None, context: str | None) -> str:
    where = kubeconfig or "the kubeconfig"
    if kubeconfig is not None and not Path(kubeconfig).is_file():
        raise Unconfigured(f"there is no file {kubeconfig}")
    with _told(where):
        try:
            contexts, current = config.list_kube_config_contexts(kubeconfig)
        except config.ConfigException:
            if context is None:
                raise
            return context  # with no current context nothing is listed, and one that is named may be there
    names = [str(each["name"]) for each in contexts]
    wanted = str(current["name"]) if context is None else context
    if wanted not in names:
        raise Unconfigured(f"{where} has no context {wanted}; it has {', '.join(names)}")
    return wanted


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Tell what is wrong with a kubeconfig without a word of what stands in it."""
    from kubernetes.config import ConfigException
    from yaml import YAMLError

    heard = _Heard()
    logging.getLogger().addHandler(heard)
    try:
        yield
    except ConfigException as problem:
        raise Unconfigured(f"{what} leads to no cluster: {_first(str(problem))}") from None
    except (YAMLError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Unconfigured(f"{what} cannot be read as a kubeconfig ({type(problem).__name__})") from None
    except OSError as problem:
        raise Unconfigured(f"{what} cannot be read: {innermost(problem)}") from None
    finally:
        logging.getLogger().removeHandler(heard)
    if heard.lines:
        raise Unconfigured(f"{what} gives no credentials: {_first(heard.lines[0])}")


class _Heard(logging.Handler):
    """Keeps the errors that the client only logs: that a program which gives credentials fails, for one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def _first(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")


def _is_there(paths: str) -> bool:
    return any(Path(each).expanduser().is_file() for each in paths.split(os.pathsep) if each)
