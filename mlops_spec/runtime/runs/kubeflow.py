"""Kubeflow Pipelines: runs of the versions of one pipeline, asked by its own client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import kfp_server_api as kfp

from mlops_spec.blueprint import contract
from mlops_spec.runtime.kubeflow import Api, asked, pages
from mlops_spec.runtime.program import Configuration, Failed
from mlops_spec.runtime.runs import FAILED, LOOKED_BACK, STOPPED, SUCCEEDED, UNDER_WAY, Run

_ENDED = {"SUCCEEDED": SUCCEEDED, "FAILED": FAILED, "CANCELED": STOPPED, "SKIPPED": STOPPED}


class _Runs:
    def __init__(self, configuration: Configuration, environment: Mapping[str, str]) -> None:
        self.pipeline, self.said = configuration["pipeline"], configuration["kubeflow"]
        with asked():
            self.api = Api(configuration["kubeflow"], environment)

    def newest(self) -> Iterator[Run]:
        """Return the runs of the last days, whoever started them; one that succeeds has run its steps."""
        since = datetime.now(UTC) - LOOKED_BACK
        with asked():
            pipeline = self.api.pipeline(self.pipeline)
            listed = pages(self.api.runs.run_service_list_runs, "runs", sort_by="created_at desc", **self.api.where)
            for run in listed:
                if run.created_at < since:
                    return
                version = run.pipeline_version_reference
                if version is not None and version.pipeline_id == pipeline:
                    yield Run(began=run.created_at, state=_ENDED.get(run.state, UNDER_WAY), known_as=None)

    def start(self, started_by: str, of: Mapping[str, str]) -> str:
        """Start a run of the version that was rendered. Raises Failed where it is not there yet."""
        with asked():
            pipeline = self.api.pipeline(self.pipeline)
            version = self.api.version(pipeline, self.said["version"]) if pipeline else None
            if version is None:
                raise Failed(f"Kubeflow Pipelines does not know the version {self.said['version']} yet")
            wanted = kfp.V2beta1Run(
                display_name=f"{self.said['version']} ({started_by})",
                pipeline_version_reference=kfp.V2beta1PipelineVersionReference(pipeline, version),
                runtime_config=kfp.V2beta1RuntimeConfig(
                    parameters={str(contract.STARTED_BY): started_by}, pipeline_root=self.said.get("root")
                ),
                service_account=self.api.account,
                experiment_id=self.api.experiment(self.pipeline),
            )
            return str(self.api.runs.run_service_create_run(wanted).run_id)


def runs(configuration: Configuration, environment: Mapping[str, str]) -> _Runs:
    """Return the runs of a pipeline. Raises Failed."""
    return _Runs(configuration, environment)
