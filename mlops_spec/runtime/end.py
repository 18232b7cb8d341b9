"""``end``: ends the tracking run of a pipeline's run as that went, whatever its steps have said of it.

A step that records by MLflow's own ``start_run`` ends the run each time; the last word is this program's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

from mlops_spec.blueprint.contract import FAILED
from mlops_spec.runtime.program import Configuration, needed, value_of
from mlops_spec.runtime.tracking import Tracking, tags


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """End the run; there is none where the step ``begin`` has made none. Raises Failed."""
    said = _word(value_of(values, 0, "how the run went"))
    outcome = configuration["outcomes"].get(said, FAILED)
    tracking = Tracking(environment)
    experiment = tracking.known_experiment(configuration.get("experiment"))
    own = {**tracking.who(), **tags({"run": needed(environment, "MLOPS_RUN")})}
    found = list(tracking.runs(experiment, own)) if experiment is not None else []
    with redirect_stdout(sys.stderr):  # where the client tells people of the run's page
        for one in found:
            tracking.client.set_terminated(one.info.run_id, outcome)
    return {"outcome": outcome, "said": said, "run_ids": [one.info.run_id for one in found]}


def _word(text: str) -> str:
    """Return the word for how it went: the text, or what it holds as ``state`` where it is JSON."""
    try:
        told = json.loads(text)
    except ValueError:
        return text
    return str(told.get("state")) if isinstance(told, dict) else text
