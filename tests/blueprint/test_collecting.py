"""Lowering decides whose requests and answers are kept, where servers send them, and who may talk to whom for it."""

from __future__ import annotations

import json
from typing import Any

import yaml

from mlops_spec.blueprint.contract import LOG
from mlops_spec.compiler import Compilation
from mlops_spec.runtime.configuration import read
from tests.blueprint.test_serving import CANARY, EXPOSE, SHADOW, compiled, version

RUNTIME = ("platform:\n", "platform:\n  runtime: {image: registry.acme.example/runtime}\n")
LOGGING = "\n      logging: {sink: 's3://acme/log/', id: request_id, keys: [customer_id], drop: [email], retain: 90d}"
LOGS = (EXPOSE, EXPOSE + LOGGING)


def objects(result: Compilation, environment: str = "dev") -> dict[str, Any]:
    tree = result.environments[environment].tree
    return {path: yaml.safe_load(text) for path, text in tree.items() if path.endswith(".yaml")}


def told(result: Compilation) -> list[tuple[str, str]]:
    return [(p.address, p.message) for p in result.diagnostics if p.code == "MS140" and "logging" in p.address]


def urls(found: dict[str, Any]) -> dict[str, str]:
    """Return where each predictor sends what it is asked and answers."""
    predictors = {}
    for path, document in found.items():
        if document.get("kind") == "InferenceService":
            spec = document["spec"]
            predictors[path] = spec["predictor"]
            predictors |= {f"{path} {c['predictor']['name']}": c["predictor"] for c in spec.get("canary", ())}
    assert all(one["logger"]["mode"] == "all" for one in predictors.values())
    return {path.rpartition("inferenceservice-")[2]: one["logger"]["url"] for path, one in predictors.items()}


def test_every_server_says_which_version_it_is_by_the_address_that_it_sends_to() -> None:
    rollout = {**version(7), "rollout": {"step": 1, "from": version(6)}, "shadow": version(8)}
    shadow = SHADOW.replace("SAMPLE", "20%")
    found = objects(compiled(RUNTIME, (EXPOSE, EXPOSE + LOGGING + CANARY + shadow), locked=rollout))
    host = "http://mlops-collect.x-dev.svc/churn"
    assert urls(found) == {
        "churn.yaml": f"{host}/v6/live", "churn.yaml v7": f"{host}/v7/canary", "churn-shadow.yaml": f"{host}/v8/shadow",
    }  # fmt: skip


def test_one_collector_is_told_what_each_log_keeps_and_is_named_by_that() -> None:
    found = objects(compiled(RUNTIME, LOGS))
    (path,) = (path for path in found if path.startswith("logging/configmap-"))
    configuration = read("collect", found[path]["data"]["collect.json"])
    assert configuration["models"] == {
        "churn": {"sink": "s3://acme/log/", "id": "request_id", "keys": ["customer_id"], "drop": ["email"]}
    }
    pod = found["logging/deployment-mlops-collect.yaml"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"] == ["mlops-spec-runtime", "collect", "--config", "/etc/mlops/collect.json"]
    folders = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    name = volumes[folders["/etc/mlops"]]["configMap"]["name"]
    assert name == found[path]["metadata"]["name"]
    assert "emptyDir" in volumes[folders[configuration["folder"]]]
    assert container["ports"][0]["containerPort"] == configuration["port"]
    assert pod["terminationGracePeriodSeconds"] > configuration["drain"]
    other = objects(compiled(RUNTIME, (EXPOSE, EXPOSE + LOGGING.replace("[email]", "[email, plan]"))))
    (changed,) = (path for path in other if path.startswith("logging/configmap-"))
    assert changed != path, "pods read it when they start"


def test_servers_reach_it_and_it_reaches_the_store_and_agents_are_what_others_talk_to() -> None:
    found = objects(compiled(RUNTIME, LOGS))
    server = found["cluster/networkpolicy-churn.server.yaml"]["spec"]
    assert {"protocol": "TCP", "port": 8080} in [port for rule in server["egress"] for port in rule["ports"]]
    assert server["ingress"][0]["ports"] == [{"protocol": "TCP", "port": 9081}]
    collector = found["cluster/networkpolicy-mlops-collect.yaml"]["spec"]
    (peer,) = collector["ingress"][0]["from"]
    server_labels = found["serving/inferenceservice-churn.yaml"]["spec"]["predictor"]["labels"]
    assert peer["podSelector"]["matchLabels"].items() <= server_labels.items()
    pods = found["logging/deployment-mlops-collect.yaml"]["spec"]["template"]["metadata"]["labels"]
    for selector in (
        collector["podSelector"]["matchLabels"],
        found["logging/service-mlops-collect.yaml"]["spec"]["selector"],
        found["logging/poddisruptionbudget-mlops-collect.yaml"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= pods.items()
    assert 443 in [port["port"] for rule in collector["egress"] for port in rule["ports"]]
    assert found["logging/service-mlops-collect.yaml"]["spec"]["sessionAffinity"] == "ClientIP"


def test_what_cannot_be_kept_is_withheld_and_its_servers_send_nothing() -> None:
    for changes, reason in (
        ((LOGS,), "needs a runtime image"),
        ((RUNTIME, (EXPOSE, EXPOSE + LOGGING.replace("s3://", "hdfs://"))), "does not write to hdfs:"),
    ):
        result = compiled(*changes)
        ((address, message),) = told(result)
        assert address == "models.churn.serving.logging"
        assert reason in message
        found = objects(result)
        assert not [path for path in found if path.startswith("logging/")]
        assert "logger" not in json.dumps(found["serving/inferenceservice-churn.yaml"])
        server = found["cluster/networkpolicy-churn.server.yaml"]["spec"]
        assert server["ingress"][0]["ports"] == [{"protocol": "TCP", "port": 8080}]


def test_nothing_is_there_where_nothing_is_logged() -> None:
    assert not [path for path in objects(compiled(RUNTIME)) if "collect" in path]


def test_the_record_has_a_meaning_for_each_column() -> None:
    assert list(LOG) == ["request_id", "row", "time", "model", "version", "variant", "features", "prediction"]
