"""Vertex AI, told of a pipeline through Google's own client: the schedule that starts its newest version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from google.api_core.exceptions import GoogleAPICallError
from google.auth.exceptions import GoogleAuthError
from google.cloud import aiplatform

from mlops_spec.runtime.program import Configuration, Failed


def submit(configuration: Configuration, environment: Mapping[str, str]) -> dict[str, Any]:
    """Make the version's schedule the only one of its pipeline. Raises Failed."""
    said = configuration["vertex"]
    with asked():
        aiplatform.init(project=said["project"], location=said["location"])
        return _scheduled(configuration, said)


@contextmanager
def asked() -> Iterator[None]:
    """Raise Failed where the API says no, or cannot be reached."""
    try:
        yield
    except (GoogleAPICallError, GoogleAuthError, OSError) as problem:
        raise Failed(f"Vertex AI refuses, or cannot be reached: {problem}") from None


def labels(pipeline: str) -> dict[str, str]:
    """Return what the jobs of a pipeline are known by, whoever starts them.

    A schedule drops the display name that its client is told, and calls its jobs as it likes; a label's value has 63
    characters at most, and its key no dash that a filter would have to quote.
    """
    return {"mlops_pipeline": f"{pipeline[:52]}-{sha256(pipeline.encode()).hexdigest()[:10]}"}


def _scheduled(configuration: Configuration, said: Mapping[str, str]) -> dict[str, Any]:
    """None is made before those before it are gone: no run is started twice."""
    schedule, version = configuration.get("schedule"), configuration["version"]
    ours = re.compile(re.escape(configuration["pipeline"]) + "-[0-9a-f]{10}")
    there = [one for one in aiplatform.PipelineJobSchedule.list() if ours.fullmatch(one.display_name)]
    kept = [one for one in there if schedule and one.display_name == version]
    for one in there:
        if one not in kept:
            one.delete()
    removed = [one.display_name for one in there if one not in kept]
    if schedule is None:
        return {"version": version, "scheduled": None, "removed": removed}
    cron = f"TZ={schedule['timezone']} {schedule['cron']}"
    if not kept:
        job = aiplatform.PipelineJob(
            display_name=configuration["pipeline"],
            template_path=configuration["file"],
            pipeline_root=configuration.get("root"),
            parameter_values=configuration.get("parameters"),
            labels=labels(configuration["pipeline"]),
        )
        job.create_schedule(
            cron=cron,
            display_name=version,
            allow_queueing=False,
            max_concurrent_run_count=1,
            service_account=said.get("service_account"),
            network=said.get("network"),
        )
    return {"version": version, "scheduled": cron, "removed": removed}
