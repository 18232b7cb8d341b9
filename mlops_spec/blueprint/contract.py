"""What every step has, and where things lie, whichever system runs it.

A step's code finds its inputs and leaves its outputs in folders that are named here, and reads the rest from variables
``MLOPS_*``. The compiler writes this contract, the runtime reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from mlops_spec.language.text import Name

ROOT = "/mlops"
INPUTS = f"{ROOT}/inputs"
OUTPUTS = f"{ROOT}/outputs"
RESULTS = f"{ROOT}/results"
RUNTIME = "mlops-spec-runtime"
INSTALLED = f"{ROOT}/runtime"
"""Where the runtime is, in the pod of a step whose own image has none."""
TEMPORARY = "/tmp"
CONFIG = "/etc/mlops"

SOURCE = Name("src")
"""The folder of a build's context that is on Python's path, in the image as on this machine."""

TAG = "mlops-spec."
"""What the tags begin with by which runs, versions and experiments of a tracking server are known again."""

NOTE = "mlflow.note.content"
"""The tag in which MLflow keeps an experiment's description; here a registered model's too."""

LATEST_START = 3600
"""How late (seconds) a scheduled run may start: later, the next one is near enough."""

INSTALLED_RUNTIME = f"{INSTALLED}/bin/{RUNTIME}"

STORES = frozenset(("s3", "gs"))
"""The URI schemes between which the runtime moves artifacts."""

SCRATCH = "10Gi"
"""The size of the folders above where the compute profile names no ``disk``."""
TEMPORARY_SIZE = "1Gi"

CPU, MEMORY = "500m", "1Gi"
"""The compute of a step that names no profile, and of the runtime's own programs."""

FETCH, INSTALL, STEP, GATHER = Name("fetch"), Name("install"), Name("step"), Name("gather")
BEGIN, END = Name("begin"), Name("end")
RUN_ID = Name("run_id")
BEGUN = (RUN_ID, Name("date"), Name("scheduled_at"))
"""What ``begin`` leaves: the tracking run's id, and the scheduled, else the start time, in the schedule's zone."""
FINISHED, FAILED, KILLED = "FINISHED", "FAILED", "KILLED"
"""How a run ends: all that was to run has, something has failed, or a person or the time stopped it."""

SUBMIT = Name("submit")
SUBMITTED = "/etc/mlops-pipeline"
"""Where another program finds what `submit` has submitted."""
PIPELINE = "pipeline.yaml"
"""The file that `submit` reads a pipeline from, beside its own."""

POLL = Name("poll")
"""The program that looks at runs from time to time, and what its series are pushed under."""

TRIGGER = Name("trigger")
STARTED_BY, START = Name("started-by"), Name("start")
"""The parameter that says what started a run, and what ``trigger`` leaves: ``yes`` or ``no``."""
MANUAL, SCHEDULE, RETRAIN = Name("manual"), Name("schedule"), Name("retrain")
"""What may have started a run, beside the event of a dataset: a person, its schedule, a monitor.

The last is also the event's name, and the path of the address that hears it.
"""

DAEMON_CPU, DAEMON_MEMORY = "100m", "256Mi"
"""The compute of a pod that stands by."""

RESERVED = "MLOPS_"

_DOLLAR = re.compile(r"\$(?=[$(]|\Z)|(?<=\$)\$")  # a single one before anything else means itself


LOG = {
    "request_id": "What tells requests apart: the field that `logging.id` names, else the id of the server's event.",
    "row": "Which row of the request it is, from 0 on.",
    "time": "When it was asked, in UTC.",
    "model": "The model that was asked.",
    "version": "Which version of it has answered: `v7`.",
    "variant": "What the server is beside the others of its model: `live`, `canary` or `shadow`.",
    "features": "The row as it was asked, without dropped fields, as JSON; empty where that is not known.",
    "prediction": "What was answered, as JSON; empty where there was no answer.",
}
"""The columns of the inference log, whichever server wrote it: one record for each row of a request."""
LIVE, CANARY, SHADOW = Name("live"), Name("canary"), Name("shadow")


def literal(text: str) -> str:
    """Escape text for a command or a variable of a container, where Kubernetes reads ``$(X)`` and ``$$``."""
    return _DOLLAR.sub("$$", text)


def input_path(name: str) -> str:
    """Return the file (or folder) where a step finds its input."""
    return f"{INPUTS}/{name}"


def output_path(name: str) -> str:
    """Return the file (or folder) where a step leaves its output."""
    return f"{OUTPUTS}/{name}"


def result_path(name: str) -> str:
    """Return the file where a step leaves a small value."""
    return f"{RESULTS}/{name}"


def variable(kind: str, name: str) -> Name:
    """Return the name of the variable that mirrors an input, output or parameter: ``MLOPS_INPUT_TABLE``."""
    return Name(f"{RESERVED}{kind}_{name.upper()}")


def artifact(base: str, *parts: str) -> str:
    """Return the URI ``<base>/<project>/<environment>/<pipeline>/<run>/<step>[/<item>]/<output>``."""
    return "/".join((base.rstrip("/"), *parts))


def present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return those fields of a program's configuration that have a value."""
    return {key: value for key, value in fields.items() if value is not None}


def program(name: str, configuration: Mapping[str, Any], runtime: str = RUNTIME) -> tuple[str, ...]:
    """Return the command of one of the runtime's programs; its configuration is one argument of JSON.

    What is known only at run time follows as arguments of its own: put into JSON, it could break out of it.
    """
    text = json.dumps(configuration, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return (runtime, name, text)


def revisions(datasets: Mapping[str, str]) -> str:
    """Return the data revisions that a run reads, as JSON: ``{"customers": "dvc:3f2a9c17"}``."""
    return json.dumps(dict(sorted(datasets.items())), ensure_ascii=False, separators=(",", ":"))
