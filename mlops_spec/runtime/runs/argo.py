"""Argo Workflows: runs are Workflow objects of the namespace, asked of Kubernetes by its own client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kubernetes import client, config
from kubernetes.config import ConfigException
from urllib3.exceptions import HTTPError

from mlops_spec.blueprint import contract
from mlops_spec.runtime.due import instant
from mlops_spec.runtime.program import Configuration, Failed
from mlops_spec.runtime.runs import FAILED, SUCCEEDED, UNDER_WAY, Run

_KIND = ("argoproj.io", "v1alpha1")
_ENDED = {"Succeeded": SUCCEEDED, "Failed": FAILED, "Error": FAILED}
_PAGE = 50  # a workflow may be as large as etcd allows


class _Workflows:
    def __init__(self, namespace: str, pipeline: str) -> None:
        with _asked():
            config.load_config()
        self.namespace, self.pipeline, self.objects = namespace, pipeline, client.CustomObjectsApi()

    def newest(self) -> Iterator[Run]:
        """Return the workflows that were made from the pipeline's template, as long as Argo keeps them."""
        for workflow in self._listed():
            if workflow["spec"].get("workflowTemplateRef", {}).get("name") != self.pipeline:
                continue
            metadata, phase = workflow["metadata"], workflow.get("status", {}).get("phase")
            began = instant(metadata["creationTimestamp"], "when a workflow was made")
            yield Run(began=began, state=_ENDED.get(phase, UNDER_WAY), known_as=metadata["uid"])

    def _listed(self) -> Iterator[dict[str, Any]]:
        token = None
        while True:
            with _asked():
                page = self.objects.list_namespaced_custom_object(
                    *_KIND, self.namespace, "workflows", limit=_PAGE, _continue=token
                )
            yield from page["items"]
            token = page["metadata"].get("continue")
            if not token:
                return

    def start(self, started_by: str, of: Mapping[str, str]) -> str:
        """Create a workflow, as the pipeline's Sensor does."""
        arguments = {"parameters": [{"name": str(contract.STARTED_BY), "value": started_by}]}
        wanted = {
            "apiVersion": "/".join(_KIND),
            "kind": "Workflow",
            "metadata": {"generateName": f"{self.pipeline}-", "namespace": self.namespace},
            "spec": {"workflowTemplateRef": {"name": self.pipeline}, "arguments": arguments},
        }
        with _asked():
            made = self.objects.create_namespaced_custom_object(*_KIND, self.namespace, "workflows", wanted)
        return str(made["metadata"]["name"])


def runs(configuration: Configuration, environment: Mapping[str, str]) -> _Workflows:
    """Return the runs of a pipeline; the pod's own account, or a kubeconfig, opens the API. Raises Failed."""
    return _Workflows(configuration["argo"]["namespace"], configuration["pipeline"])


@contextmanager
def _asked() -> Iterator[None]:
    try:
        yield
    except client.ApiException as problem:
        raise Failed(f"Kubernetes answers {problem.status} {problem.reason}: {problem.body}") from None
    except (OSError, HTTPError, ConfigException) as problem:
        raise Failed(f"Kubernetes cannot be reached: {problem}") from None
