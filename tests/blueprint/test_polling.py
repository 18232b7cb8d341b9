"""Lowering decides which pipelines' runs are looked at, what is alerted of them, and who is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import Any

import jsonschema
import pytest
import yaml
from cronsim import CronSim

from mlops_spec.compiler import Compilation
from mlops_spec.runtime.configuration import schema
from tests import changed

DIGEST = "sha256:" + "4b" * 32
LOCK = f'lockVersion: 1\nimages: {{runtime: {{digest: "{DIGEST}"}}}}\n'
SPEC = f"""\
apiVersion: mlops-spec/v1
project: {{name: x}}
platform:
  tracking: {{uri: http://mlflow.mlops.svc:5000}}
  runtime: {{image: registry.acme.example/runtime}}
  metrics: {{url: http://prometheus.monitoring.svc:9090, push: http://pushgateway.metrics.svc:9091}}
  orchestrator: {{backend: argo}}
secrets:
  slack: {{store: vault, path: ml/slack, keys: [url]}}
  airflow: {{store: vault, path: ml/airflow, keys: [username, password]}}
channels:
  chat: {{slack: {{url: "${{{{ secrets.slack.url }}}}"}}}}
  hook: {{webhook: {{url: "https://hooks.acme.example/x"}}}}
experiments: {{trained: {{}}}}
pipelines:
  train:
    experiment: trained
    schedule: {{cron: "30 2 * * 1-5", timezone: UTC}}
    notify: {{failed: [chat], missed: {{after: 2h, channels: [hook]}}}}
    steps: {{fit: {{image: registry.acme.example/fit@{DIGEST}, command: [fit]}}}}
"""
NOTIFY = "    notify: {failed: [chat], missed: {after: 2h, channels: [hook]}}\n"
ARGO = "{backend: argo}"
SYSTEMS = {
    "argo": (ARGO, {"namespace": "x"}),
    "airflow": (
        "{backend: airflow, host: https://airflow.acme.example, secret: airflow}",
        {"host": "https://airflow.acme.example", "dag": "x_default_train", "known_as": {":": ".", "+": "_"}},
    ),
    "kubeflow": (
        "{backend: kubeflow, host: https://kubeflow.acme.example}",
        {"host": "https://kubeflow.acme.example", "namespace": "x", "service_account": "pipelines"},
    ),
    "vertex": (
        "{backend: vertex, project: acme-ml, location: europe-west3}",
        {
            "project": "acme-ml",
            "location": "europe-west3",
            "name": "x-default-train",
            "file": "/etc/mlops-pipeline/pipeline.yaml",
        },
    ),
}


def compiled(*changes: tuple[str, str], lock: str = LOCK) -> Compilation:
    return changed.compiled(SPEC, lock, *changes)


def objects(result: Compilation, kind: str) -> dict[str, Any]:
    documents = (yaml.safe_load(text) for path, text in result.tree.items() if path.endswith(".yaml"))
    return {document["metadata"]["name"]: document for document in documents if document.get("kind") == kind}


def told(result: Compilation) -> dict[str, Any]:
    """Return what the job is told, held to its schema."""
    told: dict[str, Any] = json.loads(objects(result, "ConfigMap")["train-poll"]["data"]["poll.json"])
    jsonschema.Draft202012Validator(schema("poll")).validate(told)
    return told


def withheld(result: Compilation) -> dict[str, str]:
    return {str(d.address): d.message for d in result.diagnostics if d.code == "MS140"}


def rules(result: Compilation) -> dict[str, dict[str, Any]]:
    (group,) = objects(result, "PrometheusRule")["train.runs"]["spec"]["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def routes(result: Compilation) -> set[tuple[str, str]]:
    (config,) = objects(result, "AlertmanagerConfig").values()
    found = set()
    for route in config["spec"]["route"]["routes"]:
        matched = {matcher["name"]: matcher["value"] for matcher in route["matchers"]}
        assert matched.pop("pipeline") == "train"
        found.add((matched.pop("condition"), route["receiver"]))
        assert not matched
    return found


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_job_is_told_whom_to_ask_and_what_to_tell(system: str) -> None:
    options, where = SYSTEMS[system]
    result = compiled((ARGO, options))
    assert not withheld(result)
    config = told(result)
    version = dict.fromkeys(
        ("version",) if system == "kubeflow" else (), next(iter(objects(result, "PipelineVersion")), "")
    )
    assert config == {
        "pipeline": "train", system: {**where, **version}, "told": {
            "push": "http://pushgateway.metrics.svc:9091", "labels": {"namespace": "x", "pipeline": "train"},
            "missed": {"after": 7200, "schedule": {"cron": "30 2 * * 1-5", "timezone": "UTC"}},
        },
    }  # fmt: skip
    job = objects(result, "CronJob")["train-poll"]["spec"]
    assert (job["schedule"], job["concurrencyPolicy"]) == ("0-59/5 * * * *", "Forbid")
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    env = {one["name"]: one.get("value") or one["valueFrom"]["secretKeyRef"] for one in pod["containers"][0]["env"]}
    own = {
        "MLOPS_PROJECT": "x", "MLOPS_ENVIRONMENT": "default", "MLOPS_PIPELINE": "train",
        "MLFLOW_TRACKING_URI": "http://mlflow.mlops.svc:5000", "MLFLOW_EXPERIMENT_NAME": "trained",
    }  # fmt: skip
    keys = {f"AIRFLOW_{key.upper()}": {"name": "airflow", "key": key} for key in ("username", "password")}
    assert env == {**own, **(keys if system == "airflow" else {})}


@pytest.mark.parametrize("system", SYSTEMS)
def test_only_where_kubernetes_is_asked_the_pod_has_a_token_that_lists(system: str) -> None:
    result = compiled((ARGO, SYSTEMS[system][0]))
    pod = objects(result, "CronJob")["train-poll"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    tokens = [volume for volume in pod["volumes"] if "projected" in volume]
    mounts = {mount["mountPath"]: mount.get("readOnly") for mount in pod["containers"][0]["volumeMounts"]}
    assert pod["serviceAccountName"] in objects(result, "ServiceAccount")
    roles = objects(result, "Role").get(pod["serviceAccountName"])
    if system == "argo":
        assert roles["rules"] == [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["list"]}]
        (source, *_) = tokens[0]["projected"]["sources"]
        assert source == {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}}
        assert mounts["/var/run/secrets/kubernetes.io/serviceaccount"] is True
    else:
        assert (roles, tokens) == (None, [])


def test_the_pod_reaches_what_it_asks_and_the_pushgateway_alone() -> None:
    policy = objects(compiled((ARGO, SYSTEMS["airflow"][0])), "NetworkPolicy")["train.poll"]["spec"]
    job = objects(compiled(), "CronJob")["train-poll"]["spec"]["jobTemplate"]["spec"]["template"]
    assert policy["podSelector"]["matchLabels"].items() <= job["metadata"]["labels"].items()
    assert "ingress" not in policy
    ports = {port["port"] for rule in policy["egress"] for port in rule["ports"]}
    assert ports == {53, 443, 5000, 9091}


@pytest.mark.long
@pytest.mark.parametrize("wait, seconds", [
    ("1m", 60), ("5m", 300), ("40m", 1800), ("1h", 3600), ("5h", 4 * 3600), ("3d", 86400),
])  # fmt: skip
def test_jobs_look_as_often_as_is_wanted_and_each_at_a_minute_of_its_own(wait: str, seconds: int) -> None:
    names = [f"p{number}" for number in range(40)]
    steps = f"steps: {{fit: {{image: registry.acme.example/fit@{DIGEST}, command: [fit]}}}}"
    said = "".join(f"  {name}: {{triggers: {{new: {{dataset: d}}}}, {steps}}}\n" for name in names)
    data = f"datasets: {{d: {{uri: 's3://acme/d', version: per-run, changes: {{poll: {wait}}}}}}}\npipelines:\n{said}"
    jobs = objects(compiled(("pipelines:\n", data)), "CronJob")
    crons = [jobs[f"{name}-poll"]["spec"]["schedule"] for name in names]
    start = datetime(2026, 6, 1, tzinfo=UTC)
    for cron in set(crons):
        times = list(islice(CronSim(cron, start), 50))
        assert {(after - before).total_seconds() for before, after in pairwise(times)} == {seconds}, cron
    minutes = min(seconds, 3600) // 60
    assert len(set(crons)) >= min(minutes, 20) // 2 + 1, "and not all at once"


def test_a_failed_run_is_told_to_its_channels_a_missing_one_to_its_own_and_silence_to_all() -> None:
    result = compiled()
    found = rules(result)
    assert {(name, rule["labels"]["condition"]) for name, rule in found.items()} == {
        ("TrainFailed", "failed"), ("TrainMissed", "missed"), ("TrainNever", "missed"),
        ("TrainUnwatched", "unwatched"), ("TrainUnknown", "unwatched"),
    }  # fmt: skip
    assert found["TrainNever"]["for"] == "74h"  # from Friday to Monday, and two hours more
    assert routes(result) == {("failed", "chat"), ("missed", "hook"), ("unwatched", "chat"), ("unwatched", "hook")}


def test_who_asks_for_less_is_told_less() -> None:
    result = compiled((NOTIFY, "    notify: {failed: [chat]}\n"))
    assert set(rules(result)) == {"TrainFailed", "TrainUnwatched", "TrainUnknown"}
    assert routes(result) == {("failed", "chat"), ("unwatched", "chat")}
    assert not objects(compiled((NOTIFY, "")), "CronJob")


@pytest.mark.parametrize("change, address, message", [
    ((", push: http://pushgateway.metrics.svc:9091", ""), "pipelines.train.notify", "no address to leave its series"),
    (("  tracking: {uri: http://mlflow.mlops.svc:5000}\n", ""), "pipelines.train.notify", "a tracking address"),
    ((ARGO, "{backend: airflow}"), "pipelines.train.notify", "nothing answers how its runs went"),
    (('    schedule: {cron: "30 2 * * 1-5", timezone: UTC}\n', ""), "pipelines.train.notify.missed", "no schedule"),
])  # fmt: skip
def test_what_lacks_something_is_withheld(change: tuple[str, str], address: str, message: str) -> None:
    result = compiled(change)
    assert message in withheld(result)[address]
    looked = address.endswith("missed")
    assert bool(objects(result, "CronJob")) is looked
    assert ("TrainFailed" in json.dumps(objects(result, "PrometheusRule"))) is looked


def test_the_crds_take_what_is_printed(conforms: Any) -> None:
    kinds = ("PrometheusRule", "AlertmanagerConfig", "CronJob", "Role")
    result = compiled()
    conforms({f"{kind}/{name}": one for kind in kinds for name, one in objects(result, kind).items()})


# -- what asks for runs

ASKING = (
    "experiments:",
    """\
datasets:
  queued: {uri: "s3://acme/queued", version: per-run, changes: {sqs: arrivals, region: eu-central-1, secret: queue}}
  lying: {uri: "s3://acme/lying", version: per-run, changes: {poll: 40m}}
  streamed: {uri: "s3://acme/streamed", version: per-run, changes: {kafka: arrivals, brokers: ["kafka.data.svc:9092"]}}
  elsewhere: {uri: "https://acme.example/x", version: per-run, changes: {poll: 1h}}
models: {m: {trained_by: train}}
monitors: {w: {model: m, custom: {refunds: {query: up, require: "> 0", action: retrain}}}}
experiments:""",
)
QUEUE = ("  slack: {store", "  queue: {store: vault, path: ml/queue, keys: [access_key, secret_key]}\n  slack: {store")
RETRAINING = {"cooldown": 86400, "at_most": 2, "within": 604800}


def asked(system: str, *datasets: str, notify: bool = True, **more: str) -> Compilation:
    said = ", ".join(f"on_{name}: {{dataset: {name}}}" for name in datasets)
    own = f"{NOTIFY if notify else ''}    triggers: {{{said}}}\n    retraining: {{cooldown: 24h, at_most: 2, within: 7d}}\n"
    return compiled((ARGO, SYSTEMS[system][0]), ASKING, QUEUE, (NOTIFY, own), *more.items())


@pytest.mark.parametrize("system", ["airflow", "kubeflow", "vertex"])
def test_where_nothing_hears_events_the_job_looks_for_them(system: str) -> None:
    result = asked(system, "queued", "lying")
    assert not withheld(result)
    assert not objects(result, "Sensor")
    config = told(result)
    query = 'max without (alertstate) (ALERTS{alertstate="firing", namespace="x", action="retrain", model="m"})'
    assert config["retraining"] == RETRAINING
    assert config["asks"] == [
        {"name": "retrain", "alerts": {"url": "http://prometheus.monitoring.svc:9090", "queries": [query]}},
        {"name": "dataset-on-lying", "data": "s3://acme/lying"},
        {"name": "dataset-on-queued", "queue": {
            "name": "arrivals", "region": "eu-central-1",
            "keys": ["MLOPS_DATASET_ON_QUEUED_ACCESS_KEY", "MLOPS_DATASET_ON_QUEUED_SECRET_KEY"],
        }},
    ]  # fmt: skip
    told_of = {name: f"x_default_train.{name}" for name in ("dataset-on-lying", "dataset-on-queued")}
    assert config[system].get("assets") == (told_of if system == "airflow" else None), "a retraining is no new data"
    job = objects(result, "CronJob")["train-poll"]["spec"]
    assert job["schedule"] == "0-59/5 * * * *"
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    env = {one["name"]: one["valueFrom"]["secretKeyRef"] for one in pod["containers"][0]["env"] if "valueFrom" in one}
    assert env["MLOPS_DATASET_ON_QUEUED_SECRET_KEY"] == {"name": "queue", "key": "secret_key"}
    ports = {p["port"] for r in objects(result, "NetworkPolicy")["train.poll"]["spec"]["egress"] for p in r["ports"]}
    assert 9090 in ports
    if system == "vertex":
        mounts = {mount["mountPath"]: mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
        (volume,) = (one for one in pod["volumes"] if one["name"] == mounts["/etc/mlops-pipeline"])
        assert "pipeline.yaml" in objects(result, "ConfigMap")[volume["configMap"]["name"]]["data"]


def test_an_alert_that_lasts_starts_no_run_after_the_other_where_the_spec_says_nothing() -> None:
    assert told(compiled((ARGO, SYSTEMS["vertex"][0]), ASKING, QUEUE))["retraining"] == {"cooldown": 4 * 3600}


@pytest.mark.parametrize("system", ["kubeflow", "vertex"])
def test_a_scheduled_run_says_that_it_is_one(system: str) -> None:
    submitted = json.loads(objects(asked(system, "lying"), "ConfigMap")["train-submit"]["data"]["submit.json"])
    jsonschema.Draft202012Validator(schema("submit")).validate(submitted)
    assert submitted["parameters"] == {"started-by": "schedule"}


def test_argo_looks_for_data_alone_and_may_start_a_run() -> None:
    result = asked("argo", "queued", "lying", notify=False)
    config = told(result)
    assert config["asks"] == [{"name": "dataset-on-lying", "data": "s3://acme/lying"}]
    assert "told" not in config
    assert objects(result, "CronJob")["train-poll"]["spec"]["schedule"] == "0-59/30 * * * *"
    assert {source["metadata"]["name"] for source in objects(result, "EventSource").values()} == {
        "train-retrain", "train-dataset-on-queued",
    }  # fmt: skip
    verbs = [verb for rule in objects(result, "Role")["train.poll"]["rules"] for verb in rule["verbs"]]
    assert sorted(verbs) == ["create", "list"]


def test_without_argo_events_argo_s_pipelines_are_looked_for_and_started_as_elsewhere() -> None:
    result = asked("argo", "queued", "lying", **{ARGO: "{backend: argo, events: false}"})
    assert not withheld(result)
    assert not any(objects(result, kind) for kind in ("EventBus", "EventSource", "Sensor"))
    assert [one["name"] for one in told(result)["asks"]] == ["retrain", "dataset-on-lying", "dataset-on-queued"]
    assert told(result)["retraining"] == RETRAINING
    template = objects(result, "WorkflowTemplate")["train"]["spec"]
    assert (template["entrypoint"], template["arguments"]["parameters"]) == (
        "Pipeline", [{"name": "started-by", "value": "manual"}],
    )  # fmt: skip
    scheduled = objects(result, "CronWorkflow")["train"]["spec"]["workflowSpec"]["arguments"]["parameters"]
    assert scheduled == [{"name": "started-by", "value": "schedule"}]
    verbs = [verb for rule in objects(result, "Role")["train.poll"]["rules"] for verb in rule["verbs"]]
    assert sorted(verbs) == ["create", "list"]


def test_data_alone_makes_a_run_decide_on_argo() -> None:
    result = compiled(
        ASKING, QUEUE, (NOTIFY, "    triggers: {new: {dataset: lying}}\n"), ("monitors: {w:", "monitors: {} #")
    )
    assert objects(result, "WorkflowTemplate")["train"]["spec"]["entrypoint"] == "Decision"
    assert not objects(result, "Sensor")
    assert not objects(result, "EventBus")


@pytest.mark.parametrize("dataset, message", [
    ("streamed", "looking for messages of a Kafka topic is not built yet"),
    ("elsewhere", "nothing tells when https://acme.example/x has changed"),
])  # fmt: skip
def test_what_nothing_can_look_for_is_withheld(dataset: str, message: str) -> None:
    result = asked("airflow", dataset)
    assert message in withheld(result)[f"pipelines.train.triggers.on_{dataset}"]
    assert [one["name"] for one in told(result)["asks"]] == ["retrain"]


def test_who_gives_no_address_is_asked_nothing() -> None:
    own = "    triggers: {new: {dataset: lying}}\n    retraining: {cooldown: 24h}\n"
    result = compiled(ASKING, QUEUE, (ARGO, "{backend: airflow}"), (NOTIFY, own))
    assert set(withheld(result)) == {"pipelines.train.triggers.new", "pipelines.train.retraining"}
    assert not objects(result, "CronJob")
