"""``gate``: lets a run pass where its metrics satisfy what is required, and stops it everywhere else.

What is missing, no number or not finite satisfies nothing. The metrics are recorded with the run, so that the next one
has something to be compared with.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_spec.language.condition import Condition
from mlops_spec.runtime.program import Configuration, Failed, input_path, needed
from mlops_spec.runtime.tracking import Tracking

Measured = Mapping[str, float | None]


def run(configuration: Configuration, values: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Judge the metrics. Raises Failed where the gate stays closed."""
    metrics = measured(input_path(environment, "metrics"))
    checks = [*_judged(configuration["require"], metrics)]
    tracking = Tracking(environment)
    tracking.log_metrics(needed(environment, "MLFLOW_RUN_ID"), metrics)
    said: dict[str, Any] = {}
    if "against" in configuration:
        against = configuration["against"]
        other = tracking.metrics_of(against["model"], against["alias"])
        said["against"] = other.version if other else None
        if other is not None:
            checks += _judged(against["require"], _differences(metrics, other.metrics), other.version)
        elif against["absent"] == "fail":
            message = f"there is no {against['model']}@{against['alias']} to compare with"
            raise Failed(f"the gate stays closed: {message}", checks=checks, **said)
    broken = [check for check in checks if not check["holds"]]
    if broken:
        raise Failed(f"the gate stays closed: {'; '.join(map(_told, broken))}", checks=checks, **said)
    return {"checks": checks, **said}


def measured(path: Path) -> dict[str, float | None]:
    """Return the metrics of a JSON file; None for what is no finite number. Raises Failed."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise Failed(f"the metrics cannot be read: {problem}") from None
    if not isinstance(found, dict):
        raise Failed("the metrics are no JSON object of names and numbers")
    return {str(name): _number(value) for name, value in found.items()}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _differences(metrics: Measured, others: Measured) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name in metrics:
        ours, theirs = metrics[name], others.get(name)
        found[name] = None if ours is None or theirs is None else ours - theirs
    return found


def _judged(required: Mapping[str, str], metrics: Measured, against: str | None = None) -> Iterator[dict[str, Any]]:
    for name, text in required.items():
        value = metrics.get(name)
        check = {"metric": name, "require": text, "measured": value, "holds": Condition(text).holds(value)}
        yield check if against is None else {**check, "against": against}


def _told(check: Mapping[str, Any]) -> str:
    value = "no number" if check["measured"] is None else f"{check['measured']:g}"
    beside = f" beside version {check['against']}" if "against" in check else ""
    return f"{check['metric']} is {value}{beside}, not {check['require']}"
