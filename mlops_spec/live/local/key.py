"""What a step's result depends on: where all of it is as it was, the step need not run again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from mlops_spec.backends.orchestrator.local import PARAMETER
from mlops_spec.live.local.plan import Plan, Task, words

Parts = Mapping[str, str]
"""What a result depends on, by what a person calls it."""

_OF_THE_RUN = frozenset(
    (
        "MLOPS_RUN", "MLOPS_RUN_ID", "MLOPS_DATA_REVISIONS", "MLOPS_GIT_REVISION",
        "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID",
    )
)  # fmt: skip
"""Variables that say which run it is and where it is recorded."""


def parts_of(plan: Plan, task: Task, taken: Parts) -> dict[str, str]:
    """Return what a step's result depends on; ``taken`` are the digests of what it reads, by what that is called.

    Run-time values but parameters stand in it as words: the run's own id and times are no reason to run again.
    """
    step = task.step
    found = {"the command": json.dumps(step.workload.command), **taken}
    for name, variable in task.variables.items():
        if name not in _OF_THE_RUN:
            secret = variable.secret
            found[f"the variable {name}"] = f"{secret.name}.{secret.key}" if secret else variable.value or ""
    for text in task.texts:
        found |= {f"the parameter {w.name}": plan.parameters[w.name] for w in words(text) if w.kind == PARAMETER}
    if step.when:
        found["the condition"] = step.when.expression
    found["the outputs"] = json.dumps([[output.name, output.type] for output in step.outputs])
    if task.wanted is not None:
        found |= {f"the {name}": value for name, value in task.wanted.environment.parts.items()}
        if task.wanted.folder is None:
            found["the image"] = task.image
    return found


def key_of(parts: Parts) -> str:
    """Return the one name of all that a result depends on."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def changes(before: Parts | None, now: Parts) -> str:
    """Say why a step runs that has run before (None: it has not)."""
    if before is None:
        return "it has not run before"
    told = list(_changes(before, now))
    if len(told) > 3:
        told[2:] = [f"{len(told) - 2} more"]
    return f"{' and '.join(told)} changed" if told else "what it left is gone"


def _changes(before: Parts, now: Parts) -> Iterator[str]:
    for name in (*now, *(name for name in before if name not in now)):
        if before.get(name) != now.get(name):
            yield name
