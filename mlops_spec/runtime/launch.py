"""``launch``: starts a scoring on Dataflow as a flex template, and waits until it is done.

Tried again it finds the job that it started for the same time: a job's name is that of the scoring and its time.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mlops_spec.runtime.due import due
from mlops_spec.runtime.filesystems import opened
from mlops_spec.runtime.program import Configuration, Failed

_LOOK = 30
_FAILED = ("JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_DRAINED", "JOB_STATE_UPDATED")
_DONE = "JOB_STATE_DONE"


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Launch once. Raises Failed where the job fails, or takes longer than it may."""
    began = time.monotonic()
    try:
        from google.api_core.exceptions import GoogleAPIError
        from google.auth.exceptions import GoogleAuthError
    except ImportError:
        raise Failed("Dataflow's client is not installed: install mlops-spec[dataflow]") from None
    at = due(configuration["schedule"], environment, datetime.now(UTC))
    request = whole(configuration, at, template(configuration, environment))
    jobs = _Jobs(request)
    try:
        job, found = jobs.started()
        said = {"job": job.id, "name": job.name, "scheduled_at": at.isoformat(), "launched": not found}
        state = jobs.ended(job, configuration.get("timeout"))
    except (GoogleAPIError, GoogleAuthError) as problem:
        raise Failed(f"Dataflow could not be asked: {problem}") from problem
    if state != _DONE:
        raise Failed(f"the job {job.name} is {state}", **said)
    return {**said, "seconds": round(time.monotonic() - began, 3)}


def template(configuration: Configuration, environment: Mapping[str, str]) -> str:
    """Put the template where Dataflow reads it, under the hash of its content; return its URI. Raises Failed."""
    text = json.dumps(configuration["template"], sort_keys=True).encode()
    uri = f"{configuration['folder'].rstrip('/')}/templates/{hashlib.sha256(text).hexdigest()}.json"
    filesystem, path = opened(uri, environment)
    if not filesystem.get_file_info(path).is_file:
        filesystem.create_dir(path.rpartition("/")[0], recursive=True)
        with filesystem.open_output_stream(path) as stream:
            stream.write(text)
    return uri


def whole(configuration: Configuration, at: datetime, uri: str) -> dict[str, Any]:
    """Return the request of one run, as Dataflow's JSON has it."""
    request, launch = configuration["request"], configuration["request"]["launchParameter"]
    name = f"{launch['jobName']}-{at.astimezone(UTC):%Y%m%d-%H%M}"
    parameters = {**launch["parameters"], "scheduled_at": at.isoformat(), "run": name}
    told = {**launch, "jobName": name, "containerSpecGcsPath": uri, "parameters": parameters}
    return {**request, "launchParameter": told}


class _Jobs:
    """The jobs of one name."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        from google.cloud import dataflow_v1beta3 as dataflow
        from google.protobuf import json_format

        self.dataflow, self.request = dataflow, dataflow.LaunchFlexTemplateRequest()
        json_format.ParseDict(request, dataflow.LaunchFlexTemplateRequest.pb(self.request))
        self.where = {"project_id": self.request.project_id, "location": self.request.location}
        self.jobs = dataflow.JobsV1Beta3Client(transport="rest")

    def started(self) -> tuple[Any, bool]:
        """Return the job, and whether it was there before: one that failed does not count."""
        name = self.request.launch_parameter.job_name
        for job in self.jobs.list_jobs(self.dataflow.ListJobsRequest(**self.where, name=name)):
            if job.name == name and job.current_state.name not in _FAILED:
                return job, True
        client = self.dataflow.FlexTemplatesServiceClient(transport="rest")
        return client.launch_flex_template(self.request).job, False

    def ended(self, job: Any, timeout: int | None) -> str:
        """Wait for a job's end, and cancel it after the timeout; return its state."""
        began = time.monotonic()
        asked = self.dataflow.GetJobRequest(**self.where, job_id=job.id)
        while True:
            state = str(self.jobs.get_job(asked).current_state.name)
            if state == _DONE or state in _FAILED:
                return state
            if timeout is not None and time.monotonic() - began > timeout:
                self._cancel(job)
                raise Failed(f"the job {job.name} took longer than {timeout} s: it was cancelled", job=job.id)
            time.sleep(min(_LOOK, timeout or _LOOK))

    def _cancel(self, job: Any) -> None:
        wanted = self.dataflow.Job(requested_state=self.dataflow.JobState.JOB_STATE_CANCELLED)
        self.jobs.update_job(self.dataflow.UpdateJobRequest(**self.where, job_id=job.id, job=wanted))
