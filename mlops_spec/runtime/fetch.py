"""``fetch``: brings exactly the pinned revisions of datasets to where a step finds them, and records what moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_spec.runtime import revision
from mlops_spec.runtime.program import USAGE, Configuration, Failed, output_path
from mlops_spec.runtime.tracking import Tracking, tags
from mlops_spec.runtime.whole import remove


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Bring each input from its URI, one of the ``values`` for each, in order. Raises Failed."""
    inputs = [_placed(wanted, environment) for wanted in configuration["inputs"]]
    if len(values) != len(inputs):
        raise Failed(f"{len(inputs)} inputs need as many values, their URIs, not {len(values)}", code=USAGE)
    for wanted in inputs:  # what an earlier try left must not be taken for what this one did not bring
        remove(Path(wanted["to"]))
    said = [revision.bring(wanted, uri, environment) for wanted, uri in zip(inputs, values)]
    record(said, environment)
    return {"inputs": said}


def _placed(wanted: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return an input with the path to which it is brought."""
    return {"to": str(output_path(environment, wanted["output"])), **wanted} if "output" in wanted else dict(wanted)


def record(said: Sequence[Mapping[str, Any]], environment: Mapping[str, str]) -> None:
    """Record with the tracking run, where there is one, what was read of data that moves. Raises Failed."""
    run_id, step = environment.get("MLFLOW_RUN_ID"), environment.get("MLOPS_STEP", "")
    found = {
        ".".join(filter(None, ("read", step, Path(one["to"]).name))): f"{one['read']} {one['uri']}"
        for one in said
        if one.get("version") == revision.PER_RUN
    }
    if not run_id or not found:
        return
    tracking = Tracking(environment)
    for name, value in tags(found).items():
        tracking.client.set_tag(run_id, name, value)
