"""What Airflow makes of a folder of DAG files, as JSON: problems, and each task with what it waits for and its pod.

Run by Airflow's own interpreter. Each task's templates are rendered as for a run whose parameters have their defaults.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import PropertyMock, patch

from airflow.dag_processing.dagbag import DagBag
from airflow.providers.cncf.kubernetes.hooks.kubernetes import KubernetesHook
from kubernetes.client import ApiClient

BEGUN = {"run_id": "a1", "date": "2026-01-01", "scheduled_at": "2026-01-01T03:00:00+00:00"}
RUN_ID = "scheduled__2026-01-01T03:00:00+00:00"


def task(operator: Any, defaults: dict[str, Any]) -> dict[str, Any]:
    found = {"after": sorted(operator.upstream_task_ids), "rule": operator.trigger_rule, "retries": operator.retries}
    if operator.task_type != "KubernetesPodOperator":
        return found
    operator.render_template_fields(
        {
            "run_id": RUN_ID,
            "params": defaults,
            "ti": SimpleNamespace(xcom_pull=lambda task_ids: BEGUN),
            "dag_run": SimpleNamespace(run_type="manual", start_date=SimpleNamespace(isoformat=lambda: "started")),
        }
    )
    pod = operator.build_pod_request_obj(None)
    return {**found, "pod": ApiClient().sanitize_for_serialization(pod)}


with patch.object(KubernetesHook, "is_in_cluster", PropertyMock(return_value=True)):
    bag = DagBag(sys.argv[1])
    read = {
        dag.dag_id: {
            "tasks": {one.task_id: task(one, dag.params.dump()) for one in dag.tasks},
            "runs": dag.max_active_runs,
        }
        for dag in bag.dags.values()
    }
print(json.dumps({"errors": bag.import_errors, "dags": read}))
