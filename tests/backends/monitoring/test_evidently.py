"""What a monitor's job is told, and the job itself, as Kubernetes reads them."""

from __future__ import annotations

import json

import pytest

from mlops_spec.backends.cluster.kubernetes import Kubernetes
from mlops_spec.backends.monitoring.evidently import METRICS, Evidently
from mlops_spec.language.text import Block, Name
from mlops_spec.verify.pods import breaches

EVIDENTLY = Evidently(address="platform.monitoring")
TOLD = {"model": "churn", "drift": {"method": "psi", "columns": ["a: b", "${{ x }}", "{{ y }}"]}}


@pytest.fixture
def monitor(nodes):
    """Make a monitor whose job runs every night."""
    resource = nodes.resource("churn-quality", "monitoring")
    config = nodes.Config(**resource, file=Name("monitor.json"), text=Block(json.dumps(TOLD, indent=2) + "\n"))
    schedule = nodes.Schedule(address="x", cron="0 3 * * *", timezone="Europe/Berlin", deadline=600)
    work = nodes.workload(
        "monitor", env=EVIDENTLY.variables(), compute=nodes.compute(queue=Name("ml")),
        volumes=(nodes.volume("config", "/etc/mlops", None, config="churn-quality"),),
    )  # fmt: skip
    job = nodes.CronJob(
        **resource, account=Name("churn-quality.monitor"), pods=resource["labels"], workload=work, deadline=60,
        retries=2, schedule=schedule, config=config,
    )  # fmt: skip
    return nodes.Monitor(**resource, model=Name("churn"), job=job)


@pytest.fixture
def objects(nodes, printed, monitor):
    blueprint = nodes.blueprint(monitors=(monitor,), crons=(monitor.job,))
    return printed((*EVIDENTLY.emit(blueprint), *Kubernetes(address="").emit(blueprint)))


def test_a_job_reads_what_it_is_told_whole(objects):
    data = objects["monitoring/configmap-churn-quality.yaml"]["data"]
    assert json.loads(data["monitor.json"]) == TOLD


def test_a_job_runs_by_the_clock_one_run_at_a_time(objects):
    spec = objects["monitoring/cronjob-churn-quality.yaml"]["spec"]
    assert (spec["schedule"], spec["timeZone"]) == ("0 3 * * *", "Europe/Berlin")
    assert (spec["concurrencyPolicy"], spec["startingDeadlineSeconds"]) == ("Forbid", 600)
    job = spec["jobTemplate"]
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "ml"
    assert (job["spec"]["activeDeadlineSeconds"], job["spec"]["backoffLimit"]) == (60, 2)


def test_a_job_tells_nobody_that_it_runs_and_its_pod_is_restricted(objects):
    cron = objects["monitoring/cronjob-churn-quality.yaml"]
    (container,) = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "DO_NOT_TRACK", "value": "1"}]
    assert list(breaches(cron)) == []


@pytest.mark.parametrize("require, honoured", [({"auc": 1}, True), ({"auc": 1, "profit": 1}, False)])
def test_a_metric_that_it_does_not_compute_is_a_limit(require, honoured):
    (limit,) = EVIDENTLY.limits
    assert limit.honours(require) is honoured
    assert METRICS[0] in limit.reason


@pytest.mark.conformance
def test_kubernetes_takes_it(objects, kubernetes_takes):
    kubernetes_takes({path: document for path, document in objects.items() if "/" in path})


@pytest.mark.parametrize("method, threshold, condition", [
    ("psi", 0.2, "< 0.2"), ("ks", 0.05, ">= 0.05"), ("chisquare", 1e-05, ">= 0.00001"), ("wasserstein", 3, "< 3"),
])  # fmt: skip
def test_a_p_value_is_not_below_the_threshold_and_a_distance_is(method, threshold, condition):
    assert EVIDENTLY.unmoved(method, threshold) == condition
