"""What a job of ours launches on Dataflow, held to its own messages."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest

from mlops_spec import assets
from mlops_spec.backends.batch import dataflow
from mlops_spec.backends.batch.dataflow import Dataflow
from mlops_spec.language.text import Name

BARE = Dataflow(
    address="platform.batch", project="acme-ml", location="europe-west3", bucket="gs://acme-ml/dataflow/",
    service_account=None, subnetwork=None, max_workers=10,
)  # fmt: skip
WHOLE = Dataflow(
    **{
        **BARE.__dict__, "service_account": "scores@acme-ml.iam.gserviceaccount.com",
        "subnetwork": "regions/europe-west3/subnetworks/ml", "max_workers": 3,
    }
)  # fmt: skip
CONFIG = "batch/configmap-churn.score.yaml"


@pytest.fixture
def launched(nodes, printed, scoring):
    """Return what the program ``launch`` is told."""

    def launched(system=BARE, **changes):
        made = printed(system.emit(nodes.blueprint(scorings=(scoring("launch.json", **changes),))))
        return json.loads(made[CONFIG]["data"]["launch.json"])

    return launched


def test_the_program_reads_what_it_is_told(launched):
    schema = json.loads((assets.SCHEMAS / "runtime" / "launch.schema.json").read_bytes())
    for found in (launched(), launched(WHOLE, timeout=7200)):
        jsonschema.Draft202012Validator(schema).validate(found)


def test_the_scoring_s_own_configuration_is_one_parameter_whole(launched, told):
    found = launched()
    assert json.loads(found["request"]["launchParameter"]["parameters"]["config"]) == told
    assert {p["name"] for p in found["template"]["metadata"]["parameters"]} == {"config", "scheduled_at", "run"}


def test_options_say_where_and_as_whom_workers_run(launched, nodes):
    found = launched(WHOLE, timeout=7200)
    assert (found["folder"], found["timeout"]) == ("gs://acme-ml/dataflow", 7200)
    assert (found["request"]["projectId"], found["request"]["location"]) == ("acme-ml", "europe-west3")
    workers = found["request"]["launchParameter"]["environment"]
    assert workers["serviceAccountEmail"] == "scores@acme-ml.iam.gserviceaccount.com"
    assert (workers["subnetwork"], workers["maxWorkers"]) == ("regions/europe-west3/subnetworks/ml", 3)
    assert workers["sdkContainerImage"] == found["template"]["image"]
    assert "@sha256:" in found["template"]["image"]
    assert not {"serviceAccountEmail", "subnetwork"} & set(launched()["request"]["launchParameter"]["environment"])


@pytest.mark.parametrize("cores, memory, expected", [
    (1, 1024, "n2-custom-2-1024"), (2, 8192, "n2-custom-2-8192"), (3, 3000, "n2-custom-4-3072"),
    (2, 32768, "n2-custom-4-32768"), (8, 2048, "n2-custom-8-4096"), (2, 24577, "n2-custom-4-24832"),
])  # fmt: skip
def test_a_worker_is_the_smallest_machine_that_has_what_its_profile_asks_for(cores, memory, expected, machine):
    assert dataflow.machine(machine(cores=cores, memory=memory)) == expected


def test_what_google_s_machines_cannot_have_is_said(nodes, machine):
    toleration = nodes.Toleration(address="x", key="gpu", operator="Exists", value=None, effect=None)
    compute = nodes.compute(queue=Name("ml"), node_selector=nodes.labels(pool="x"), tolerations=(toleration,))
    shared = nodes.volume("shm", "/dev/shm", "8Gi", memory=True)
    gpu = nodes.Quantity(address="x", name="nvidia.com/gpu", amount="1")
    reason = BARE.lacks(machine(compute=compute, volumes=(shared,), devices=(gpu,)))
    assert reason == "Dataflow's workers cannot have accelerators, shared memory, a node selector, tolerations, a queue"
    assert BARE.lacks(machine()) is None


def test_a_worker_has_a_disk_for_its_image_and_more_where_its_profile_says(launched, machine):
    sizes = [
        launched(worker=machine(disk=disk))["request"]["launchParameter"]["environment"]["diskSizeGb"]
        for disk in ("10Gi", "100Gi")
    ]
    assert sizes == [50, 108]


def test_features_are_a_limit():
    (limit,) = BARE.limits
    assert (limit.honours(None), limit.honours("churn_v1"), limit.built) == (True, False, False)


@pytest.mark.conformance
def test_dataflow_takes_the_template_and_the_request(launched):
    python = os.environ.get("MLOPS_SPEC_DATAFLOW_PYTHON")
    if not python:
        pytest.skip("MLOPS_SPEC_DATAFLOW_PYTHON names no Python")
    script = Path(__file__).parents[2] / "conformance" / "dataflow_messages.py"
    for found in (launched(), launched(WHOLE, timeout=7200)):
        done = subprocess.run(
            [python, script], input=json.dumps(found), capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(script.parents[2])},
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        read = json.loads(done.stdout)
        name = "churn-20260304-0400"
        assert read["request"]["launchParameter"]["jobName"] == name
        assert read["template"] == found["template"]
        assert read["metadata"] == found["template"]["metadata"]
        parameters = read["request"]["launchParameter"]["parameters"]
        assert parameters["scheduled_at"] == "2026-03-04T05:00:00+01:00"
        assert parameters["run"] == name
        assert read["invalid"] == ["request", "template", "metadata"]
