"""Lowering decides what may start a pipeline, who hears of it, and what decides whether a run starts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlops_spec.blueprint import contract
from mlops_spec.compiler import Compilation
from tests import changed
from tests.yaml_readers import read_by_libyaml

DIGEST = "sha256:" + "4b" * 32
LOCK = f'lockVersion: 1\nimages: {{runtime: {{digest: "{DIGEST}"}}}}\n'
SPEC = f"""\
apiVersion: mlops-spec/v1
project: {{name: x}}
platform:
  tracking: {{uri: http://mlflow.mlops.svc:5000}}
  runtime: {{image: registry.acme.example/runtime}}
  metrics: {{url: http://prometheus.monitoring.svc:9090}}
secrets:
  queue: {{store: vault, path: ml/queue, keys: [access_key, secret_key]}}
  kafka: {{store: vault, path: ml/kafka, keys: [username, password]}}
datasets:
  queued: {{uri: "s3://acme/queued", version: per-run, changes: {{sqs: arrivals, region: eu-central-1, secret: queue}}}}
  streamed: {{uri: "s3://acme/streamed", version: per-run, changes: {{kafka: arrivals, brokers: ["kafka.data.svc:9092", "k.acme.example:9093"]}}}}
  silent: {{uri: "s3://acme/silent", version: per-run}}
models: {{m: {{trained_by: train}}}}
monitors: {{}}
pipelines:
  train:
    retraining: {{cooldown: 24h, at_most: 2, within: 7d}}
    steps: {{fit: {{image: registry.acme.example/fit@{DIGEST}, command: [fit]}}}}
"""
ASKING = '{m: {model: m, service: {error_rate: "< 1%", action: retrain}}}'


def compiled(*changes: tuple[str, str], lock: str = LOCK) -> Compilation:
    return changed.compiled(SPEC, lock, *changes)


def triggered(*datasets: str) -> tuple[str, str]:
    said = ", ".join(f"on_{name}: {{dataset: {name}}}" for name in datasets)
    return "    retraining:", f"    triggers: {{{said}}}\n    retraining:"


def asked() -> tuple[str, str]:
    return "monitors: {}", f"monitors: {ASKING}"


def objects(result: Compilation, kind: str) -> dict[str, Any]:
    documents = (read_by_libyaml(text) for path, text in result.tree.items() if path.endswith(".yaml"))
    return {document["metadata"]["name"]: document for document in documents if document.get("kind") == kind}


def told(result: Compilation, code: str) -> list[str]:
    return [d.message for d in result.diagnostics if d.code == code]


def test_without_an_event_a_pipeline_starts_at_once_and_nothing_stands_by() -> None:
    result = compiled()
    assert objects(result, "WorkflowTemplate")["train"]["spec"]["entrypoint"] == "Pipeline"
    for kind in ("EventBus", "EventSource", "Sensor"):
        assert not objects(result, kind)


def test_runs_of_a_pipeline_take_turns() -> None:
    spec = objects(compiled(), "WorkflowTemplate")["train"]["spec"]
    assert spec["synchronization"] == {"mutexes": [{"name": "train"}]}


def test_each_event_has_a_source_of_its_own_and_all_come_to_one_sensor() -> None:
    result = compiled(triggered("queued", "streamed"), asked())
    sources = {name: source["spec"] for name, source in objects(result, "EventSource").items()}
    assert set(sources) == {"train-dataset-on-queued", "train-dataset-on-streamed", "train-retrain"}
    kinds = {kind for spec in sources.values() for kind in ("webhook", "sqs", "kafka") if kind in spec}
    assert kinds == {"webhook", "sqs", "kafka"}
    heard = {
        (name, event)
        for name, spec in sources.items()
        for k in ("webhook", "sqs", "kafka")
        for event in spec.get(k, ())
    }
    sensor = objects(result, "Sensor")["train"]["spec"]
    assert {(d["eventSourceName"], d["eventName"]) for d in sensor["dependencies"]} == heard
    started = [t["template"]["k8s"]["source"]["resource"]["spec"] for t in sensor["triggers"]]
    assert {spec["workflowTemplateRef"]["name"] for spec in started} == {"train"}
    assert [spec["arguments"]["parameters"][0]["value"] for spec in started] == [
        d["name"] for d in sensor["dependencies"]
    ]
    buses = {
        objects(result, kind)[name]["spec"]["eventBusName"]
        for kind in ("EventSource", "Sensor")
        for name in objects(result, kind)
    }
    assert buses == set(objects(result, "EventBus"))


def test_the_decision_comes_first_and_knows_cooldown_and_budget() -> None:
    spec = objects(compiled(asked()), "WorkflowTemplate")["train"]["spec"]
    assert spec["entrypoint"] == "Decision"
    decision, run = next(t for t in spec["templates"] if t["name"] == "Decision")["dag"]["tasks"]
    assert (decision["template"], run["template"], run["dependencies"]) == ("trigger", "Pipeline", ["trigger"])
    command = next(t for t in spec["templates"] if t["name"] == "trigger")["container"]["command"]
    assert json.loads(command[2])["retraining"] == {"cooldown": 86400, "at_most": 2, "within": 604800}
    assert command[3:] == ["{{workflow.parameters.started-by}}", "{{workflow.creationTimestamp.RFC3339}}"]


def test_what_started_a_run_is_said_in_the_words_that_the_program_obeys() -> None:
    result = compiled(asked(), ("    retraining:", "    schedule: '0 3 * * 1'\n    retraining:"))
    spec = objects(result, "CronWorkflow")["train"]["spec"]["workflowSpec"]
    assert spec["arguments"]["parameters"] == [{"name": contract.STARTED_BY, "value": contract.SCHEDULE}]
    by_hand = objects(result, "WorkflowTemplate")["train"]["spec"]["arguments"]["parameters"]
    assert {"name": contract.STARTED_BY, "value": contract.MANUAL} in by_hand
    (sensor,) = objects(result, "Sensor").values()
    assert contract.RETRAIN in [dependency["eventName"] for dependency in sensor["spec"]["dependencies"]]


def test_keys_come_from_the_secret_that_the_dataset_names() -> None:
    kafka = ('"k.acme.example:9093"]', '"k.acme.example:9093"], secret: kafka')
    sources = objects(compiled(triggered("queued", "streamed"), kafka), "EventSource").values()
    (queue,) = (event for source in sources for event in source["spec"].get("sqs", {}).values())
    (topic,) = (event for source in sources for event in source["spec"].get("kafka", {}).values())
    assert queue["accessKey"] == {"name": "queue", "key": "access_key"}
    assert topic["sasl"]["passwordSecret"] == {"name": "kafka", "key": "password"}
    assert topic["url"] == "kafka.data.svc:9092,k.acme.example:9093"


def test_a_key_that_the_secret_lacks_is_an_error() -> None:
    result = compiled(triggered("queued"), ("[access_key, secret_key]", "[access_key]"))
    assert told(result, "MS144") == ["the secret queue has no key secret_key, which is needed here"]


def test_pods_reach_the_bus_and_their_source_alone() -> None:
    policies = objects(compiled(triggered("streamed"), asked()), "NetworkPolicy")

    def reached(name: str) -> set[int]:
        rules = policies[name]["spec"]["egress"]
        return {port["port"] for rule in rules for port in rule["ports"]} - {53}

    assert reached("train-dataset-on-streamed.listener") == {4222, 9092, 9093}
    assert reached("train-retrain.listener") == {4222}
    assert reached("train.starter") == {4222, 443, 6443}
    assert reached("events.bus") == {4222, 6222}
    assert "ingress" not in policies["train.starter"]["spec"]
    (heard,) = policies["train-retrain.listener"]["spec"]["ingress"]
    assert heard["ports"] == [{"protocol": "TCP", "port": 12000}]


def test_what_starts_runs_may_create_workflows_and_nothing_else() -> None:
    rules = objects(compiled(asked()), "Role")["train.starter"]["rules"]
    assert rules == [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create"]}]


@pytest.mark.parametrize(
    "changes, lock, message",
    [
        (
            [triggered("silent")], LOCK,
            "`pipelines.train.triggers.on_silent` is withheld: the dataset silent does not say how new data is noticed",
        ),
        (
            [triggered("queued")], "lockVersion: 1\n",
            "`pipelines.train.triggers` is withheld: the program that decides whether a run starts needs a runtime image"
            " and a tracking address",
        ),
        (
            [asked()], "lockVersion: 1\n",
            "`pipelines.train.retraining` is withheld: the program that decides whether a run starts needs a runtime"
            " image and a tracking address",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_noticed_or_decided_is_withheld(changes: Any, lock: str, message: str) -> None:
    result = compiled(*changes, lock=lock)
    assert message in told(result, "MS140")
    assert objects(result, "WorkflowTemplate")["train"]["spec"]["entrypoint"] == "Pipeline"
    assert not objects(result, "Sensor")


def test_a_monitor_that_asks_for_nothing_or_for_another_pipeline_is_no_event() -> None:
    assert not objects(compiled(("monitors: {}", f"monitors: {ASKING.replace(', action: retrain', '')}")), "Sensor")
    assert not objects(compiled(asked(), ("trained_by: train", "description: m")), "Sensor")


def test_no_step_takes_the_name_of_the_decision() -> None:
    assert told(compiled(("{fit: {image", "{trigger: {image")), "MS143") == ["a step trigger is added to the pipeline"]


def test_long_names_fit_the_services_that_are_made_of_them() -> None:
    name = "a" * 63
    result = compiled(("  train:\n", f"  {name}:\n"), ("trained_by: train", f"trained_by: {name}"), asked())
    (source,) = objects(result, "EventSource")
    assert len(f"{source}-eventsource-svc") <= 63


def test_pipelines_with_orchestrators_of_their_own_share_one_bus() -> None:
    other = (
        "  other:\n    orchestrator: {backend: argo, service_account: others}\n    triggers: {t: {dataset: queued}}\n"
    )
    other += f"    steps: {{fit: {{image: registry.acme.example/fit@{DIGEST}, command: [fit]}}}}\n"
    result = compiled(asked(), ("pipelines:\n", f"pipelines:\n{other}"))
    assert set(objects(result, "Sensor")) == {"train", "other"}
    assert len(objects(result, "EventBus")) == 1
    assert not told(result, "MS180")


def test_the_crds_take_every_kind_of_event(conforms: Any) -> None:
    kafka = ('"k.acme.example:9093"]', '"k.acme.example:9093"], secret: kafka')
    result = compiled(triggered("queued", "streamed"), asked(), kafka)
    documents = {path: read_by_libyaml(text) for path, text in result.tree.items() if "/triggers/" in path}
    assert {document["kind"] for document in documents.values()} == {"EventBus", "EventSource", "Sensor"}
    conforms(documents)
    queue = next(d for d in documents.values() if "sqs" in d["spec"])
    queue["spec"]["sqs"]["dataset-on-queued"]["waitSeconds"] = 20
    with pytest.raises(AssertionError, match="waitSeconds"):
        conforms(documents)
