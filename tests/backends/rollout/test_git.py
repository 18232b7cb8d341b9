"""What the job that walks a rollout is told, the job itself, and what waits for CI where there is none."""

from __future__ import annotations

import json

import pytest

from mlops_spec.backends.cluster.kubernetes import Kubernetes
from mlops_spec.backends.rollout.git import Git
from mlops_spec.language.text import Block, Name
from mlops_spec.verify.pods import breaches

WALKED_BY_CI = Git(address="platform.rollout", secret=None, path=".")
WALKED_BY_A_JOB = Git(address="platform.rollout", secret=Name("repository"), path="churn")
TOLD = {
    "model": "churn",
    "checks": [{"name": "error_rate", "breach": 'sum(x{a="b"}) > 1', "query": "{{ y }} ${{ z }}"}],
}


@pytest.fixture
def objects(nodes, printed):
    resource = nodes.resource("churn-rollout", "rollout")
    config = nodes.Config(**resource, file=Name("rollout.json"), text=Block(json.dumps(TOLD, indent=2) + "\n"))
    work = nodes.workload(
        "rollout", env=WALKED_BY_A_JOB.credentials(),
        volumes=(nodes.volume("config", "/etc/mlops", None, config="churn-rollout"),),
    )  # fmt: skip
    job = nodes.CronJob(
        **resource, account=Name("churn.rollout"), pods=resource["labels"], workload=work, deadline=240, retries=0,
        config=config, schedule=nodes.Schedule(address="x", cron="*/5 * * * *", timezone="Etc/UTC", deadline=300),
    )  # fmt: skip
    blueprint = nodes.blueprint(crons=(job,))
    return printed((*WALKED_BY_A_JOB.emit(blueprint), *Kubernetes(address="").emit(blueprint)))


def test_a_job_reads_what_it_is_told_whole(objects):
    assert json.loads(objects["rollout/configmap-churn-rollout.yaml"]["data"]["rollout.json"]) == TOLD


def test_a_job_holds_the_repository_s_token_alone_and_its_pod_is_restricted(objects):
    cron = objects["rollout/cronjob-churn-rollout.yaml"]
    pod = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    token = {"secretKeyRef": {"name": "repository", "key": "token"}}
    assert container["env"] == [{"name": "MLOPS_GIT_TOKEN", "valueFrom": token}]
    assert list(breaches(cron)) == []


def test_a_look_that_failed_is_not_tried_again_since_the_next_one_comes(objects):
    spec = objects["rollout/cronjob-churn-rollout.yaml"]["spec"]
    assert (spec["concurrencyPolicy"], spec["startingDeadlineSeconds"]) == ("Forbid", 300)
    assert (spec["jobTemplate"]["spec"]["backoffLimit"], spec["jobTemplate"]["spec"]["activeDeadlineSeconds"]) == (
        0,
        240,
    )


def test_without_a_secret_no_job_opens_the_repository():
    assert WALKED_BY_CI.credentials() == ()


@pytest.mark.parametrize("field, value, honoured", [
    ("models.*.serving.rollout", {"strategy": "rolling"}, True),
    ("models.*.serving.rollout", {"strategy": "rolling", "analysis": {"error_rate": "< 1%"}}, False),
    ("models.*.serving.rollout", {"strategy": "canary", "analysis": {"error_rate": "< 1%"}}, True),
    ("models.*.serving.rollout.analysis", {"error_rate": "< 1%"}, False),
    ("models.*.serving.rollout.steps", [{"weight": 10}, {"weight": 100}], True),
    ("models.*.serving.rollout.steps", [{"weight": 10, "pause": "10m"}], False),
    ("monitors.*.service.action", "retrain", True),
    ("monitors.*.service.action", "rollback", False),
    ("monitors.*.custom.*.action", "rollback", False),
])  # fmt: skip
def test_what_only_ci_could_do_is_not_built_yet(field, value, honoured):
    (limit,) = (limit for limit in Git.limits if limit.field == field)
    assert limit.honours(value) is honoured
    assert limit.built == (field == "models.*.serving.rollout")
    assert limit.options == ({} if limit.built else {"secret": None})


@pytest.mark.conformance
def test_kubernetes_takes_it(objects, kubernetes_takes):
    kubernetes_takes({path: document for path, document in objects.items() if "/" in path})
