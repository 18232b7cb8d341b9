"""Imported by the Python of Airflow: the containers of its pods are run as processes.

The pod of each task is built by the operator itself; what Kubernetes and its nodes do with it is done here: ``$(VAR)``
is expanded, init containers run before the others.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowException
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import ApiClient

XCOM = "/airflow/xcom"
PODS: dict[str, Any] = {}
"""The pods that would have started, by their tasks."""


def expanded(text: str) -> str:
    """Expand a text as Kubernetes does (its third_party/forked/golang/expansion); no variable is defined."""
    made, at = "", 0
    while at < len(text):
        if text.startswith("$$", at):
            made, at = made + "$", at + 2
        else:
            assert not (text.startswith("$(", at) and ")" in text[at:]), text
            made, at = made + text[at], at + 1
    return made


def ran(container: dict[str, Any], folder: Path, environment: Mapping[str, str]) -> int:
    """Run a container as a process that sees the XCom's volume at ``folder``."""
    env = {one["name"]: expanded(one["value"]).replace(XCOM, str(folder)) for one in container.get("env", ())}
    command = [expanded(word) for word in container["command"]]
    return subprocess.run(command, env={**environment, **env}, check=False).returncode


def instead(told: Mapping[str, Any]) -> None:
    """Have tasks do what is ``told``: leave ``results``, or run processes with an ``environment`` below a ``folder``."""

    def execute(self: KubernetesPodOperator, context: Any) -> Any:
        pod = ApiClient().sanitize_for_serialization(self.build_pod_request_obj(context, dry_run=True))
        PODS[self.task_id] = pod
        if "results" in told:
            return told["results"] if self.do_xcom_push else None
        folder = Path(told["folder"]) / self.task_id
        folder.mkdir()
        for container in (*pod["spec"].get("initContainers", ()), pod["spec"]["containers"][0]):
            if code := ran(container, folder, told["environment"]):
                raise AirflowException(f"{container['name']} ended with {code}")
        return json.loads((folder / "return.json").read_text()) if self.do_xcom_push else None

    KubernetesPodOperator.execute = execute
