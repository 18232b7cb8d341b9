"""Kubeflow Pipelines, told of a pipeline through its API: versions, and the recurring run that starts the newest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import kfp_server_api as kfp
from urllib3.exceptions import HTTPError

from mlops_spec.runtime.program import Configuration, Failed

OURS = "Scheduled by mlops-spec."
"""What the description of a recurring run says that this program made."""

_NOT_FOUND = 404


def submit(configuration: Configuration, environment: Mapping[str, str]) -> dict[str, Any]:
    """Upload the version where a file is named, and make its schedule the only one. Raises Failed."""
    with asked():
        return _Submission(configuration, Api(configuration["kubeflow"], environment)).run()


@contextmanager
def asked() -> Iterator[None]:
    """Raise Failed where the API says no, or cannot be reached."""
    try:
        yield
    except kfp.ApiException as problem:
        raise Failed(f"Kubeflow Pipelines answers {problem.status} {problem.reason}: {problem.body}") from None
    except (OSError, HTTPError) as problem:
        raise Failed(f"Kubeflow Pipelines cannot be reached: {problem}") from None


class Api:
    """The services of one server, as the variable KUBEFLOW_TOKEN opens it; ``where`` says whose things are meant."""

    def __init__(self, said: Mapping[str, str], environment: Mapping[str, str]) -> None:
        settings = kfp.Configuration(host=said["host"].rstrip("/"))
        if token := environment.get("KUBEFLOW_TOKEN"):
            settings.api_key["authorization"] = token
            settings.api_key_prefix["authorization"] = "Bearer"
        client = kfp.ApiClient(settings)
        self.pipelines, self.uploads = kfp.PipelineServiceApi(client), kfp.PipelineUploadServiceApi(client)
        self.recurring, self.experiments = kfp.RecurringRunServiceApi(client), kfp.ExperimentServiceApi(client)
        many = kfp.HealthzServiceApi(client).healthz_service_get_healthz().multi_user
        self.runs = kfp.RunServiceApi(client)
        self.where = {"namespace": said["namespace"]} if many else {}
        self.account = said["service_account"]

    def pipeline(self, name: str) -> str | None:
        """Return a pipeline's id; None where it is not there yet."""
        try:
            return str(self.pipelines.pipeline_service_get_pipeline_by_name(name, **self.where).pipeline_id)
        except kfp.ApiException as problem:
            if problem.status != _NOT_FOUND:
                raise
            return None

    def version(self, pipeline: str, name: str) -> str | None:
        """Return the id of a pipeline's version; None where it is not there yet."""
        listing = self.pipelines.pipeline_service_list_pipeline_versions
        listed = pages(listing, "pipeline_versions", pipeline_id=pipeline)
        return next((str(one.pipeline_version_id) for one in listed if one.name == name), None)

    def experiment(self, name: str) -> str:
        """Return the id of an experiment, which is made where there is none."""
        same = {"predicates": [{"operation": "EQUALS", "key": "name", "stringValue": name}]}
        listing = self.experiments.experiment_service_list_experiments
        found = listing(filter=json.dumps(same), **self.where).experiments
        if found:
            return str(found[0].experiment_id)
        wanted = kfp.V2beta1Experiment(display_name=name, **self.where)
        return str(self.experiments.experiment_service_create_experiment(wanted).experiment_id)


class _Submission:
    def __init__(self, configuration: Configuration, api: Api) -> None:
        self.configuration, self.api = configuration, api

    def run(self) -> dict[str, Any]:
        pipeline = self._pipeline()
        version, uploaded = self._version(pipeline)
        experiment = self.api.experiment(self.configuration["pipeline"])
        made, removed = self._schedule(pipeline, version, experiment)
        return {"version": self.configuration["version"], "uploaded": uploaded, "scheduled": made, "removed": removed}

    def _pipeline(self) -> str:
        name = self.configuration["pipeline"]
        found = self.api.pipeline(name)
        if found is None and "file" not in self.configuration:
            raise Failed(f"Kubeflow Pipelines does not know the pipeline {name} yet")
        if found is None:
            wanted = kfp.V2beta1Pipeline(name=name, display_name=name, **self.api.where)
            found = str(self.api.pipelines.pipeline_service_create_pipeline(wanted).pipeline_id)
        return found

    def _version(self, pipeline: str) -> tuple[str, bool]:
        """Return the version's id, and whether it was uploaded."""
        name = self.configuration["version"]
        found = self.api.version(pipeline, name)
        if found is not None:
            return found, False
        if "file" not in self.configuration:
            raise Failed(f"Kubeflow Pipelines does not know the version {name} yet")
        made = self.api.uploads.upload_pipeline_version(self.configuration["file"], name=name, pipelineid=pipeline)
        return str(made.pipeline_version_id), True

    def _schedule(self, pipeline: str, version: str, experiment: str) -> tuple[str | None, list[str]]:
        """Return the schedule, and which others are gone. None is made before those before it are gone."""
        schedule = self.configuration.get("schedule")
        wanted = self.configuration["version"] if schedule else None
        listed = pages(
            self.api.recurring.recurring_run_service_list_recurring_runs, "recurring_runs", experiment_id=experiment
        )
        ours = [one for one in listed if one.description == OURS]
        for one in ours:
            if one.display_name != wanted:
                self.api.recurring.recurring_run_service_delete_recurring_run(one.recurring_run_id)
        removed = [one.display_name for one in ours if one.display_name != wanted]
        if schedule is None:
            return None, removed
        cron = six_fields(schedule["cron"])
        if wanted not in [one.display_name for one in ours]:
            self.api.recurring.recurring_run_service_create_recurring_run(
                kfp.V2beta1RecurringRun(
                    display_name=wanted,
                    description=OURS,
                    pipeline_version_reference=kfp.V2beta1PipelineVersionReference(pipeline, version),
                    runtime_config=kfp.V2beta1RuntimeConfig(
                        parameters=self.configuration.get("parameters", {}),
                        pipeline_root=self.configuration.get("root"),
                    ),
                    service_account=self.api.account,
                    max_concurrency="1",
                    no_catchup=True,
                    trigger=kfp.V2beta1Trigger(cron_schedule=kfp.V2beta1CronSchedule(cron=cron)),
                    mode=kfp.RecurringRunMode.ENABLE,
                    experiment_id=experiment,
                    **self.api.where,
                )
            )
        return cron, removed


def pages(listing: Callable[..., Any], field: str, **wanted: str) -> Iterator[Any]:
    """Yield what is listed, however many pages it comes in."""
    token = ""
    while True:
        page = listing(page_token=token, page_size=100, **wanted)
        yield from getattr(page, field) or ()
        token = page.next_page_token or ""
        if not token:
            return


def six_fields(cron: str) -> str:
    """Write a cron expression as Kubeflow reads it: with seconds first."""
    return f"0 {cron}"
