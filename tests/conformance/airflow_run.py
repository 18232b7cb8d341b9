"""Run by the Python of Airflow: it imports DAG files and runs one by ``dag.test()``, as processes instead of pods.

It reads what to do as JSON, and leaves what happened as JSON. The pod of each task is built by the operator itself;
what Kubernetes and its nodes do with it is done here: ``$(VAR)`` is expanded, init containers run before the others.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.exceptions import AirflowException
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.serialization.encoders import coerce_to_core_timetable
from airflow.timetables.base import TimeRestriction
from kubernetes.client import ApiClient

XCOM = "/airflow/xcom"
TOLD: dict[str, Any] = json.loads(sys.stdin.read())
PODS: dict[str, Any] = {}


def expanded(text: str) -> str:
    """Expand a text as Kubernetes does (its third_party/forked/golang/expansion); no variable is defined."""
    made, at = "", 0
    while at < len(text):
        if text.startswith("$$", at):
            made, at = made + "$", at + 2
        else:
            assert not (text.startswith("$(", at) and ")" in text[at:]), text
            made, at = made + text[at], at + 1
    return made


def ran(container: dict[str, Any], folder: Path) -> int:
    """Run a container as a process that sees the XCom's volume at ``folder``."""
    env = {one["name"]: expanded(one["value"]).replace(XCOM, str(folder)) for one in container.get("env", ())}
    command = [expanded(word) for word in container["command"]]
    return subprocess.run(command, env={**TOLD["environment"], **env}, check=False).returncode


def execute(self: KubernetesPodOperator, context: Any) -> Any:
    """Build the pod that would start, and do what it would."""
    pod = ApiClient().sanitize_for_serialization(self.build_pod_request_obj(context, dry_run=True))
    PODS[self.task_id] = pod
    if "results" in TOLD:
        return TOLD["results"] if self.do_xcom_push else None
    folder = Path(TOLD["folder"]) / self.task_id
    folder.mkdir()
    for container in (*pod["spec"].get("initContainers", ()), pod["spec"]["containers"][0]):
        if code := ran(container, folder):
            raise AirflowException(f"{container['name']} ended with {code}")
    return json.loads((folder / "return.json").read_text()) if self.do_xcom_push else None


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


def due(dag: Any) -> str | None:
    """Return when the first run of a DAG comes by its schedule."""
    always = TimeRestriction(earliest=None, latest=None, catchup=dag.catchup)
    timetable = coerce_to_core_timetable(dag.timetable)
    found = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=always)
    return found.run_after.isoformat() if found else None


def main() -> None:
    """Import all DAG files; run the one that is named, if any."""
    KubernetesPodOperator.execute = execute
    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    said: dict[str, Any] = {"errors": bag.import_errors, "dags": {}}
    for name, dag in bag.dags.items():
        said["dags"][name] = {
            "edges": sorted([task.task_id, other] for task in dag.tasks for other in task.downstream_task_ids),
            "runs": dag.max_active_runs,
            "next": due(dag),
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
