"""What a scoring is to the Spark operator, held to its own definition."""

from __future__ import annotations

import json

import pytest

from mlops_spec.backends.batch.spark import Spark
from mlops_spec.language.text import Name
from mlops_spec.verify.pods import breaches

SPARK = Spark(address="platform.batch", version="4.0.0", image=None, executors=3, service_account=Name("spark"))
APPLICATION = "batch/scheduledsparkapplication-churn.yaml"


@pytest.fixture
def whole(nodes, machine, scoring):
    """A scoring that has everything that one can have."""
    gpu = nodes.Quantity(address="x", name="nvidia.com/gpu", amount="1")
    toleration = nodes.Toleration(address="x", key="gpu", operator="Equal", value="yes", effect="NoSchedule")
    compute = nodes.compute(queue=Name("ml"), node_selector=nodes.labels(pool="gpu"), tolerations=(toleration,))
    shared = nodes.volume("shm", "/dev/shm", "8Gi", memory=True)
    worker = machine(compute=compute, devices=(gpu,), volumes=(nodes.volume("tmp", "/tmp"), shared), disk="100Gi")
    return scoring(timeout=7200, worker=worker)


@pytest.fixture
def objects(nodes, printed):
    return lambda scoring: printed(SPARK.emit(nodes.blueprint(scorings=(scoring,))))


def test_a_driver_reads_what_it_is_told_whole_and_calls_the_program(objects, scoring, told):
    data = objects(scoring())["batch/configmap-churn.score.yaml"]["data"]
    assert json.loads(data["score.json"]) == told
    compile(data["main.py"], "main.py", "exec")
    assert "from mlops_spec.runtime.command import main" in data["main.py"]


def test_a_scoring_starts_by_the_clock_of_its_zone_one_at_a_time(objects, scoring):
    spec = objects(scoring())[APPLICATION]["spec"]
    assert (spec["schedule"], spec["timeZone"], spec["concurrencyPolicy"]) == ("0 5 * * *", "Europe/Berlin", "Forbid")
    assert spec["template"]["sparkVersion"] == "4.0.0"


def test_pods_are_restricted_and_the_driver_alone_has_a_token_and_knows_its_run(objects, scoring):
    application = objects(scoring())[APPLICATION]
    assert list(breaches(application)) == []
    driver, executor = (application["spec"]["template"][role]["template"]["spec"] for role in ("driver", "executor"))
    assert (driver["automountServiceAccountToken"], executor["automountServiceAccountToken"]) == (True, False)
    env = {v["name"]: v for v in driver["containers"][0]["env"]}
    assert set(env) == {"MLOPS_RUN", "AWS_ACCESS_KEY_ID", "ON"}
    assert env["MLOPS_RUN"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.labels['sparkoperator.k8s.io/app-name']"
    assert [v["name"] for v in executor["containers"][0]["env"]] == ["AWS_ACCESS_KEY_ID", "ON"]
    for pod in (driver, executor):
        mounted = {m["name"] for m in pod["containers"][0]["volumeMounts"]}
        assert mounted == {v["name"] for v in pod["volumes"]} >= {"tmp", "work", "spark-local-dir-1"}


def test_a_worker_has_its_profile_s_hardware_and_place(objects, whole):
    application = objects(whole)[APPLICATION]
    template = application["spec"]["template"]
    assert application["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "ml"
    assert template["driver"]["template"]["spec"]["activeDeadlineSeconds"] == 7200
    executor = template["executor"]
    assert (executor["instances"], executor["cores"], executor["coreRequest"]) == (3, 1, "500m")
    assert (executor["memory"], executor["memoryOverhead"]) == ("512m", "512m")
    pod = executor["template"]["spec"]
    assert (pod["nodeSelector"], len(pod["tolerations"])) == ({"pool": "gpu"}, 1)
    assert pod["containers"][0]["resources"] == {"limits": {"nvidia.com/gpu": "1"}}
    assert "nodeSelector" not in template["driver"]["template"]["spec"]
    volumes = {v["name"]: v["emptyDir"] for v in pod["volumes"]}
    assert (volumes["shm"]["medium"], volumes["work"]["sizeLimit"]) == ("Memory", "100Gi")


@pytest.mark.parametrize("memory, lacking", [(1023, "a worker needs 1024Mi of memory to start"), (1024, None)])
def test_a_worker_has_the_memory_to_start(memory, lacking, machine):
    assert SPARK.lacks(machine(memory=memory)) == lacking


def test_features_are_a_limit():
    (limit,) = SPARK.limits
    assert (limit.honours(None), limit.honours("churn_v1"), limit.built) == (True, False, False)


def test_the_crd_takes_it(objects, scoring, whole, conforms):
    conforms(objects(scoring()))
    conforms(objects(whole))
