"""Run by the Python of Airflow: it imports DAG files and runs one by ``dag.test()``, as processes instead of pods.

It reads what to do as JSON, and leaves what happened as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from airflow.assets.evaluation import AssetEvaluator
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.encoders import coerce_to_core_timetable
from airflow.timetables import trigger
from airflow.timetables.base import TimeRestriction
from airflow_pods import PODS, instead

TOLD: dict[str, Any] = json.loads(sys.stdin.read())


def decided(dag: Any) -> list[bool]:
    """Return whether a run goes on that is on time, late, late but started again, and late but by hand."""
    due = datetime.now(UTC)
    cases = (
        ("scheduled", timedelta(minutes=50), 0), ("scheduled", timedelta(hours=2), 0),
        ("scheduled", timedelta(hours=2), 1), ("manual", timedelta(hours=2), 0),
    )  # fmt: skip
    decide = dag.get_task("on_time").python_callable
    return [
        decide(SimpleNamespace(run_type=kind, run_after=due - late, clear_number=cleared))
        for kind, late, cleared in cases
    ]


def due(dag: Any, now: str) -> str | None:
    """Return when the first run of a DAG comes by its schedule, if the DAG is delivered at a time."""
    always = TimeRestriction(earliest=None, latest=None, catchup=dag.catchup)
    timetable = coerce_to_core_timetable(dag.timetable)
    with mock.patch.object(trigger, "utcnow", return_value=datetime.fromisoformat(now)):
        found = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=always)
    return found.run_after.isoformat() if found else None


def started_by(dag: Any) -> list[str]:
    """Return the assets of which each starts the DAG alone, as the scheduler reads them."""
    timetable = coerce_to_core_timetable(dag.timetable)
    keys = [key for key, _ in timetable.asset_condition.iter_assets()]
    statuses: Any = [{key: True} for key in keys]
    assert all(AssetEvaluator(None).run(timetable.asset_condition, status) for status in statuses)
    return sorted(key.name for key in keys)


def main() -> None:
    """Import all DAG files; run the one that is named, if any."""
    instead(TOLD)
    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    said: dict[str, Any] = {"errors": bag.import_errors, "dags": {}}
    for name, dag in bag.dags.items():
        said["dags"][name] = {
            "edges": sorted([task.task_id, other] for task in dag.tasks for other in task.downstream_task_ids),
            "runs": dag.max_active_runs,
            "due": [due(dag, now) for now in TOLD.get("times", [])],
            "assets": started_by(dag),
            "rules": sorted({task.trigger_rule.value for task in dag.tasks}),
            "extensions": sorted({ending for task in dag.tasks for ending in task.template_ext}),
            "late": decided(dag) if dag.has_task("on_time") else None,
        }
    if "dag" in TOLD:
        run = bag.dags[TOLD["dag"]].test(run_conf=TOLD.get("conf"))
        ended = sorted(run.get_task_instances(), key=lambda one: (one.start_date is None, one.start_date))
        said |= {
            "run": run.run_id, "state": run.state, "pods": PODS,
            "states": {one.task_id: one.state for one in ended},
        }  # fmt: skip
    Path(TOLD["out"]).write_text(json.dumps(said))


main()
