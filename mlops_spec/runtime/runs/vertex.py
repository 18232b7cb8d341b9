"""Vertex AI Pipelines: pipeline jobs of one label, asked by Google's own client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from google.cloud import aiplatform

from mlops_spec.blueprint import contract
from mlops_spec.runtime.program import Configuration
from mlops_spec.runtime.runs import FAILED, LOOKED_BACK, STOPPED, SUCCEEDED, UNDER_WAY, Run
from mlops_spec.runtime.vertex import asked, labels

_ENDED = {
    "PIPELINE_STATE_SUCCEEDED": SUCCEEDED,
    "PIPELINE_STATE_FAILED": FAILED,
    "PIPELINE_STATE_CANCELLED": STOPPED,
}


class _Jobs:
    def __init__(self, said: Mapping[str, Any]) -> None:
        self.name, self.said, self.labels = said["name"], said, labels(said["name"])
        with asked():
            aiplatform.init(project=said["project"], location=said["location"])

    def newest(self) -> Iterator[Run]:
        """Return the jobs of the last days; one that succeeds has run its steps."""
        since = (datetime.now(UTC) - LOOKED_BACK).strftime("%Y-%m-%dT%H:%M:%SZ")
        wanted = " AND ".join(f'labels.{key}="{value}"' for key, value in self.labels.items())
        with asked():
            listed = aiplatform.PipelineJob.list(filter=f'{wanted} AND create_time>="{since}"', enable_simple_view=True)
            for job in listed:
                state = job.gca_resource.state.name  # what was listed: job.state asks once more for each job
                yield Run(began=job.create_time, state=_ENDED.get(state, UNDER_WAY), known_as=None)

    def start(self, started_by: str, of: Mapping[str, str]) -> str:
        """Start a job of the pipeline as it was rendered."""
        with asked():
            job = aiplatform.PipelineJob(
                display_name=self.name,
                template_path=self.said["file"],
                pipeline_root=self.said.get("root"),
                parameter_values={str(contract.STARTED_BY): started_by},
                labels=self.labels,
            )
            job.submit(service_account=self.said.get("service_account"), network=self.said.get("network"))
            return str(job.resource_name)


def runs(configuration: Configuration, environment: Mapping[str, str]) -> _Jobs:
    """Return the runs of a pipeline; the pod's own identity opens the API. Raises Failed."""
    return _Jobs(configuration["vertex"])
