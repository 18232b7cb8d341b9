"""Run by the Python that has kfp: reads pipelines as kfp's own messages, strictly, and executes one by its local runner.

Reads JSON: ``documents`` are pairs of a specification and what the platform knows; ``run``, where it is there, says
``root``, ``arguments``, ``path`` (added to PATH, for programs that stand for images') and ``log``, a folder in which
each task leaves what it was started with. The local runner knows no container components, so tasks are handed to a
handler of this test that runs the command that kfp resolved as a process; as in a cluster, Kubernetes reads ``$(X)``
in it twice: in the driver's pod, and in the step's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict, MessageToJson, ParseDict
from kfp import local
from kfp.kubernetes.kubernetes_executor_config_pb2 import KubernetesExecutorConfig
from kfp.local import pipeline_orchestrator, status, task_dispatcher
from kfp.pipeline_spec.pipeline_spec_pb2 import ExecutorOutput, PipelineDeploymentConfig, PipelineSpec, PlatformSpec

TOLD = json.load(sys.stdin)
outputs_of = task_dispatcher.executor_output_utils.get_outputs_for_task
TIMES = {
    "{{$.pipeline_job_schedule_time_utc}}": "2026-01-02T23:30:00Z",
    "{{$.pipeline_job_create_time_utc}}": "2026-01-02T23:30:05Z",
}


def parsed(specification: dict[str, Any], platform: dict[str, Any]) -> PipelineSpec:
    message = ParseDict(specification, PipelineSpec())
    ParseDict(specification["deploymentSpec"], PipelineDeploymentConfig())
    if platform:
        whole = ParseDict(platform, PlatformSpec())
        for config in whole.platforms["kubernetes"].deployment_spec.executors.values():
            ParseDict(MessageToDict(config), KubernetesExecutorConfig())
    return message


def expanded(text: str, variables: dict[str, str]) -> str:
    """Expand text as the kubelet does: third_party/forked/golang/expansion in Kubernetes' sources."""
    found, at = "", 0
    while at < len(text):
        if text.startswith("$$", at):
            found, at = found + "$", at + 2
        elif text.startswith("$(", at) and (end := text.find(")", at)) > 0:
            name = text[at + 2 : end]
            found, at = found + variables.get(name, f"$({name})"), end + 1
        else:
            found, at = found + text[at], at + 1
    return found


class Handler:
    """Runs the command of a task as a process."""

    started = 0

    def __init__(
        self, image: str, full_command: list[str], pipeline_root: str, runner: Any, env_vars: dict[str, str]
    ) -> None:
        self.command, self.variables = full_command, env_vars

    def run(self) -> status.Status:
        said = TOLD["run"]
        own: dict[str, str] = {}
        for name, value in self.variables.items():
            own[name] = expanded(expanded(value, {}), own)
        command = [expanded(expanded(word, {}), own) for word in self.command]
        Handler.started += 1
        log = Path(said["log"]) / f"{Handler.started}.json"
        environment = {**os.environ, **own, **said["environment"], "TEST_LOG": str(log)}
        done = subprocess.run(command, env=environment, check=False)
        return status.Status.SUCCESS if done.returncode == 0 else status.Status.FAILURE


def left(executor_input: Any, component_spec: Any) -> dict[str, Any]:
    """Report the artifacts that a container has left, as the launcher does in a cluster; Python components do it here."""
    said = executor_input.outputs
    for artifacts in said.artifacts.values():
        assert Path(artifacts.artifacts[0].uri).exists(), artifacts
    path = Path(said.output_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MessageToJson(ExecutorOutput(artifacts=said.artifacts)))
    return outputs_of(executor_input=executor_input, component_spec=component_spec)


def run(message: PipelineSpec) -> dict[str, str]:
    """Run a pipeline; return its parameters' values that kfp reports."""
    task_dispatcher.subprocess_task_handler.SubprocessTaskHandler = Handler
    task_dispatcher.executor_output_utils.get_outputs_for_task = left
    said = TOLD["run"]
    local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=said["root"], raise_on_error=True)
    try:
        found = pipeline_orchestrator.run_local_pipeline(message, said["arguments"])
    except RuntimeError:
        assert said["fails"]
        return {}
    assert not said["fails"]
    return found


for specification, platform in TOLD["documents"]:
    message = parsed(specification, platform)
    if "run" in TOLD:
        text = json.dumps(specification)
        for word, time in TIMES.items():  # the local runner does not know these two; a cluster's driver does
            text = text.replace(word, time)
        run(parsed(json.loads(text), platform))
