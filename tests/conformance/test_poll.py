"""What `poll` learns of runs from real systems, and what Prometheus makes of it."""

from __future__ import annotations

import copy
import json
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_spec.blueprint import signals
from tests.blueprint.test_polling import ARGO, SYSTEMS, asked, compiled, objects
from tests.conformance.cluster import Cluster, Rejected, eventually
from tests.conformance.test_alerts import fire, groups, plain, tool, who_is_told
from tests.conformance.test_loop import running
from tests.conformance.test_runtime import Programs, begun, program, python, server
from tests.conformance.test_signals import free_port

__all__ = ["program", "python", "server"]
pytestmark = [pytest.mark.conformance, pytest.mark.xdist_group("api-server")]

WHO = 'namespace="x", pipeline="train"'


# -- what Prometheus makes of the series


def series(name: signals.Series, values: str) -> dict[str, str]:
    return {f"{name.name}{{{WHO}}}": values}


LOOKED = series(signals.LAST_POLL, "0+60x9000")
CASES: dict[str, tuple[dict[str, str], dict[int, set[str]]]] = {
    "nothing at all": ({}, {29: set(), 31: {"TrainUnknown"}, 4500: {"TrainUnknown", "TrainNever"}}),
    "no run yet": (LOOKED, {60: set(), 4439: set(), 4441: {"TrainNever"}}),
    "a first run that fails": (
        {**LOOKED, **series(signals.LAST_FAILURE, "_x9 300x9000")},
        {5: set(), 15: {"TrainFailed"}},
    ),
    "a run that fails, then one that does not": (
        {
            **LOOKED,
            **series(signals.LAST_SUCCESS, "60x99 12000x9000"),
            **series(signals.LAST_FAILURE, "_x49 3000x9000"),
        },
        {40: set(), 60: {"TrainFailed"}, 99: {"TrainFailed"}, 110: set()},
    ),
    "a run that is missing, then there": (
        {
            **LOOKED,
            **series(signals.LAST_SUCCESS, "60x199 9600x9000"),
            **series(signals.LAST_DUE, "0x99 5400x9000"),
        },
        {90: set(), 110: {"TrainMissed"}, 199: {"TrainMissed"}, 210: set()},
    ),
    "a look that fails from now on": (
        {**series(signals.LAST_POLL, "0+60x99 6000x9000"), **series(signals.LAST_SUCCESS, "60x9000")},
        {120: set(), 131: {"TrainUnwatched"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_alerts_fire_and_resolve(case: str, tmp_path: Path) -> None:
    fire(compiled(), *CASES[case], tmp_path)


def test_each_alert_fires_in_some_case() -> None:
    named = {rule["alert"] for group in groups(compiled())["groups"] for rule in group["rules"]}
    assert {name for _, wanted in CASES.values() for names in wanted.values() for name in names} == named


@pytest.mark.parametrize("labels, receivers", [
    ({"condition": "failed"}, {"chat"}),
    ({"condition": "missed"}, {"hook"}),
    ({"condition": "unwatched"}, {"chat", "hook"}),
    ({"condition": "failed", "pipeline": "other"}, {"Nobody"}),
    ({"condition": "failed", "namespace": "other"}, {"Nobody"}),
])  # fmt: skip
def test_alertmanager_tells_those_who_are_named(labels: dict[str, str], receivers: set[str], tmp_path: Path) -> None:
    routed = tmp_path / "alertmanager.yaml"
    routed.write_text(yaml.safe_dump(plain(objects(compiled(), "AlertmanagerConfig")["notifications"])))
    assert who_is_told(routed, {"namespace": "x", "pipeline": "train", **labels}) == receivers


# -- what is learned of runs


@pytest.fixture
def pushgateway(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        try:
            return bool(urllib.request.urlopen(f"{address}/-/ready").status)
        except OSError:
            return False

    with running(tmp_path, tool("MLOPS_SPEC_PUSHGATEWAY"), f"--web.listen-address=127.0.0.1:{port}"):
        assert eventually(ready)
        yield address


def pushed(address: str) -> dict[str, float]:
    """Return the series that the Pushgateway has of pipelines, each with its own labels held to be the pipeline's."""
    with urllib.request.urlopen(f"{address}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    found = {}
    for line in lines:
        if line.startswith("mlops_pipeline_"):
            name, _, value = line.rpartition(" ")
            assert name.endswith(f'{{instance="",job="poll",{WHO.replace(" ", "")}}}'), line
            found[name.partition("{")[0].removeprefix("mlops_pipeline_last_").removesuffix("_timestamp_seconds")] = (
                float(value)
            )
    return found


def rendered(system: str, push: str, **where: str) -> dict[str, Any]:
    """Return what the job is told, with addresses of this machine."""
    result = compiled((ARGO, SYSTEMS[system][0]))
    told: dict[str, Any] = json.loads(objects(result, "ConfigMap")["train-poll"]["data"]["poll.json"])
    told["told"]["push"] = push
    told[system] |= where
    return told


def workflow(name: str, phase: str | None, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": name, "namespace": "x"},
        "spec": {"workflowTemplateRef": {"name": "train"}, **more},
    }  # fmt: skip
    return {**made, "status": {"phase": phase}} if phase else made


@pytest.fixture
def account(api_server: Cluster, shared: Path, tmp_path: Path) -> Iterator[Path]:
    """Yield a kubeconfig of the job's own account, in a namespace that has what is rendered for it."""
    definition = yaml.safe_load((shared / "crds" / "argoproj.io" / "workflows.argoproj.io.yaml").read_text())
    if not any(one["metadata"]["name"] == definition["metadata"]["name"] for one in api_server.read("get", "crd")):
        api_server.create_definitions([shared / "crds" / "argoproj.io" / "workflows.argoproj.io.yaml"])
    result = compiled()
    own = [objects(result, kind)["train.poll"] for kind in ("ServiceAccount", "Role", "RoleBinding")]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}
    api_server.apply([namespace, *own])
    kubeconfig = yaml.safe_load((api_server.folder / "kubeconfig").read_text())
    kubeconfig["users"][0]["user"] = {"token": api_server.run("create", "token", "train.poll", "--namespace=x").strip()}
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(kubeconfig))
    yield path
    api_server.run("delete", "workflows", "--all", "--namespace=x")


def test_argo_s_workflows_are_told_as_they_ended_and_twice_the_same(
    api_server: Cluster, account: Path, pushgateway: str, program: Programs, tmp_path: Path
) -> None:
    told = rendered("argo", pushgateway)
    began = datetime.now(UTC)

    def looked() -> dict[str, float]:
        code, said = program("poll", told, KUBECONFIG=str(account))
        assert code == 0, said
        found = pushed(pushgateway)
        assert abs(found.pop("poll") - datetime.now(UTC).timestamp()) < 600
        due = datetime.fromtimestamp(found.pop("due"), UTC)
        assert (due.hour, due.minute, due.weekday() < 5) == (2, 30, True)
        assert timedelta(hours=2) <= datetime.now(UTC) - due < timedelta(days=4)
        assert all(began.timestamp() - 2 <= value <= datetime.now(UTC).timestamp() for value in found.values())
        return found

    assert looked() == {}
    others = workflow("others", "Failed")
    others["spec"]["workflowTemplateRef"]["name"] = "other"
    api_server.apply([workflow("waits", None), workflow("runs", "Running"), others])
    assert looked() == {}
    api_server.apply([workflow("fails", "Failed")])
    failed = looked()
    assert set(failed) == {"failure"}
    api_server.apply([workflow("decided-no", "Succeeded")])
    assert looked() == failed, "a run that no step of has begun is no success"
    (live,) = api_server.live([workflow("decided-no", None)])
    name = "test_argo_s_workflows_are_told_as_they_ended_and_twice_the_same"
    begun(program, tmp_path, name, MLOPS_RUN=live["metadata"]["uid"])
    ended = looked()
    assert set(ended) == {"failure", "success"}
    assert ended["success"] >= ended["failure"]
    assert looked() == ended
    program(
        "end",
        {"experiment": name, "outcomes": {"Succeeded": "FINISHED"}},
        "Succeeded",
        MLOPS_RUN=live["metadata"]["uid"],
    )
    api_server.run("delete", "workflow", "decided-no", "--namespace=x")
    urllib.request.urlopen(
        urllib.request.Request(f"{pushgateway}/metrics/job/poll/namespace/x/pipeline/train", method="DELETE")
    )
    assert pushed(pushgateway) == {}
    again = looked()
    assert again["failure"] == ended["failure"]
    assert again["success"] >= again["failure"], "Argo keeps the failure alone, and the Pushgateway has lost its state"
    api_server.run("delete", "workflows", "--all", "--namespace=x")
    assert looked() == again, "what Argo has cleaned up is not forgotten"


def test_the_account_may_list_workflows_and_nothing_else(api_server: Cluster, account: Path, tmp_path: Path) -> None:
    folder = tmp_path / "client"
    folder.mkdir()
    (folder / "kubeconfig").write_bytes(account.read_bytes())
    client = Cluster(api_server.kubectl, folder)
    assert client.read("get", "workflows", "--namespace=x") == []
    for words in (("delete", "workflow", "any"), ("get", "secrets"), ("get", "pods")):
        with pytest.raises(Rejected, match="cannot"):
            client.run(*words, "--namespace=x")


def test_what_cannot_be_asked_or_told_fails_in_one_line(
    account: Path, pushgateway: str, program: Programs, tmp_path: Path
) -> None:
    gone = yaml.safe_load(account.read_text())
    gone["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    (tmp_path / "gone").write_text(yaml.safe_dump(gone))
    code, said = program("poll", rendered("argo", pushgateway), KUBECONFIG=str(tmp_path / "gone"))
    assert (code, said["error"][:29]) == (1, "Kubernetes cannot be reached:")
    wrong = copy.deepcopy(rendered("argo", pushgateway, namespace="other"))
    code, said = program("poll", wrong, KUBECONFIG=str(account))
    assert (code, said["error"][:32]) == (1, "Kubernetes answers 403 Forbidden")
    code, said = program("poll", rendered("argo", "http://127.0.0.1:9"), KUBECONFIG=str(account))
    assert code == 1
    assert "the Pushgateway at http://127.0.0.1:9 does not take series" in said["error"]
    assert pushed(pushgateway) == {}


# -- what asks for a run


def asking(system: str, *asks: dict[str, Any], **where: str) -> dict[str, Any]:
    """Return what a job is told that looks for these alone."""
    told = rendered(system, "", **where)
    del told["told"]
    return {**told, "asks": list(asks), "retraining": {"cooldown": 3600}}


@pytest.fixture
def aws() -> Iterator[dict[str, str]]:
    """Yield the variables of S3 and SQS as moto plays them, with a bucket and a queue."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    done = subprocess.Popen(
        [tool("MLOPS_SPEC_MOTO"), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        variables = {
            "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": address, "AWS_ENDPOINT_URL_SQS": address, "QUEUE_KEY": "a", "QUEUE_SECRET": "b",
        }  # fmt: skip
        script = (
            "import sys, botocore.session as b; s = b.get_session();"
            "s.create_client('s3').create_bucket(Bucket='acme', CreateBucketConfiguration={'LocationConstraint': 'eu-central-1'});"
            "s.create_client('sqs').create_queue(QueueName='arrivals')"
        )
        assert eventually(lambda: scripted(variables, script))
        yield variables
    finally:
        done.terminate()
        done.wait()


def scripted(variables: dict[str, str], script: str) -> bool:
    command = [tool("MLOPS_SPEC_RUNTIME_PYTHON"), "-c", script]
    return (
        subprocess.run(command, env={"PATH": "/usr/bin:/bin", **variables}, capture_output=True, check=False).returncode
        == 0
    )


def test_new_data_starts_one_run_on_argo_and_nothing_else_does(
    api_server: Cluster, account: Path, aws: dict[str, str], program: Programs, tmp_path: Path
) -> None:
    """The account may not create what nobody asked for: the role here is that of a pipeline with data to look at."""
    role = objects(polls_data(), "Role")["train.poll"]
    api_server.apply([role])
    asks = (
        {"name": "dataset-lying", "data": "s3://acme/lying"},
        {"name": "dataset-queued", "queue": {
            "name": "arrivals", "region": "eu-central-1", "keys": ["QUEUE_KEY", "QUEUE_SECRET"],
        }},
    )  # fmt: skip
    data, queue = (asking("argo", one) for one in asks)

    def looked(told: dict[str, Any], **more: str) -> tuple[int, dict[str, Any]]:
        return program("poll", told, KUBECONFIG=str(account), **aws, **more)

    def running_now() -> list[dict[str, Any]]:
        return api_server.read("get", "workflows", "--namespace=x")

    def ended(phase: str) -> None:
        for one in running_now():
            api_server.apply(
                [workflow(one["metadata"]["name"], phase, arguments=one["spec"]["arguments"])], "--force-conflicts"
            )

    assert looked(data) == (0, {"runs": 0}), "what has not come yet asks for nothing"
    code, said = looked(asking("argo", {"name": "dataset-lying", "data": "s3://absent/lying"}))
    assert code == 1, said
    assert said["error"].startswith("s3://absent/lying: ")
    assert looked(queue) == (0, {"runs": 0})
    put = "import botocore.session as b; s = b.get_session(); s.create_client('s3').put_object(Bucket='acme', Key='lying/a', Body=b'1')"
    send = "import botocore.session as b; c = b.get_session().create_client('sqs'); c.send_message(QueueUrl=c.get_queue_url(QueueName='arrivals')['QueueUrl'], MessageBody='x')"
    assert scripted(aws, put)
    code, said = looked(data)
    assert (code, said["started_by"]) == (0, "dataset-lying"), said
    (started,) = running_now()
    assert started["metadata"]["name"] == said["started"]
    assert started["spec"]["arguments"]["parameters"] == [{"name": "started-by", "value": "dataset-lying"}]
    assert looked(data)[1]["why"] == "a run is under way"
    ended("Failed")
    assert looked(data)[1]["why"] == "a run that began after it came has seen to it"
    assert len(running_now()) == 1
    api_server.run("delete", "workflows", "--all", "--namespace=x")

    begun(program, tmp_path, "test_new_data_starts_one_run_on_argo_and_nothing_else_does", MLOPS_RUN="one")
    assert looked(data)[1]["why"] == "a run that began after it came has seen to it"
    assert scripted(aws, send)
    code, said = looked(queue)
    assert (code, said["started_by"]) == (0, "dataset-queued"), said
    ended("Failed")
    assert looked(queue) == (0, {"runs": 1}), "what a run was started for is out of the queue"
    code, said = looked(
        asking("argo", {"name": "dataset-queued", "queue": {"name": "absent", "region": "eu-central-1"}})
    )
    assert code == 1
    assert "the queue absent cannot be asked" in said["error"]


def polls_data() -> Any:
    return asked("argo", "lying")
