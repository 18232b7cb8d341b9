"""Lowering decides what syncs the tracking server and the registry, and with which environment."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_spec.backends.registry.mlflow import MLflow as Registry
from mlops_spec.backends.tracking.mlflow import MLflow as Tracking
from mlops_spec.compiler import compile_spec
from mlops_spec.diagnostic import failed
from mlops_spec.source.files import Memory
from tests.expansion import expanded
from tests.yaml_readers import read_by_libyaml

SPEC = """\
apiVersion: mlops-spec/v1
project: {name: x}
platform:
  tracking: {uri: "http://mlflow.mlops.svc:5000/%(path)s"}
  registry: {uri: "http://models.mlops.svc:5000/%(path)s"}
  runtime: {image: registry.acme.example/runtime}
experiments: {e: {}}
"""
LOCK = 'lockVersion: 1\nimages: {runtime: {digest: "sha256:' + "4b" * 32 + '"}}\n'


def container(path: str) -> dict[str, Any]:
    text = SPEC % {"path": path}
    result = compile_spec(Memory({"mlops.yaml": text.encode(), "mlops.lock.yaml": LOCK.encode()}), "mlops.yaml")
    assert not failed(result.diagnostics), result.diagnostics
    job = read_by_libyaml(result.tree["default/tracking/job-mlops-sync.yaml"])
    (found,) = job["spec"]["template"]["spec"]["containers"]
    return dict(found)


def test_the_sync_reads_the_document_that_says_what_there_shall_be() -> None:
    found = container("")
    assert found["command"] == ["mlops-spec-runtime", "sync", "--config", "/etc/mlops/desired-state.yaml"]
    assert {"name": "config", "mountPath": "/etc/mlops", "readOnly": True} in found["volumeMounts"]


@pytest.mark.parametrize("path", ["plain", "$(HOME)", "$$(HOME)", "a$(MLFLOW_TRACKING_TOKEN)/b", "$HOME", "a$$b$"])
def test_kubernetes_puts_no_variable_into_an_address(path: str) -> None:
    found = {variable["name"]: expanded(variable["value"]) for variable in container(path)["env"]}
    assert found["MLFLOW_TRACKING_URI"] == f"http://mlflow.mlops.svc:5000/{path}"
    assert found["MLFLOW_REGISTRY_URI"] == f"http://models.mlops.svc:5000/{path}"


def documents(spec: str, lock: str) -> dict[str, Any]:
    result = compile_spec(Memory({"mlops.yaml": spec.encode(), "mlops.lock.yaml": lock.encode()}), "mlops.yaml")
    assert not failed(result.diagnostics), result.diagnostics
    maps = {
        path.partition("/")[0]: text for path, text in result.tree.items() if path.endswith("configmap-mlops-sync.yaml")
    }
    return {name: read_by_libyaml(read_by_libyaml(text)["data"]["desired-state.yaml"]) for name, text in maps.items()}


PROMOTED = """\
apiVersion: mlops-spec/v1
project: {name: x}
platform: {tracking: {uri: "http://mlflow.mlops.svc:5000"}}
environments: {dev: {}, test: {}, prod: {promotes_from: dev}}
models: {churn: {description: Churn.}, new: {}}
"""


def version(number: int, more: str = "") -> str:
    return f'{{version: {number}, run: r, uri: "s3://a/b", digest: "sha256:{"3f" * 32}"{more}}}'


def test_an_alias_names_what_an_environment_runs_and_champion_is_of_those_that_nobody_promotes_from() -> None:
    models = {name: f"{{models: {{churn: {version(number)}}}}}" for name, number in (("dev", 9), ("prod", 7))}
    found = documents(PROMOTED, f"lockVersion: 1\nenvironments: {{dev: {models['dev']}, prod: {models['prod']}}}\n")
    assert {name: document["registered_models"]["churn"].get("alias") for name, document in found.items()} == {
        "dev": {"name": "dev-live", "version": 9},
        "test": None,
        "prod": {"name": "champion", "version": 7},
    }
    assert [document["registered_models"]["new"] for document in found.values()] == [{"tags": {}}] * 3
    assert [(document["project"], document["environment"]) for document in found.values()] == [
        ("x", "dev"), ("x", "test"), ("x", "prod"),
    ]  # fmt: skip


def test_while_a_rollout_is_under_way_the_alias_stays_with_the_version_before() -> None:
    serving = "serving: {rollout: {strategy: canary, steps: [{weight: 10}, {weight: 100}]}, expose: {path: /churn}}"
    spec = PROMOTED.replace("{description: Churn.}", f"{{flavor: sklearn, {serving}}}")
    model = version(9, f", rollout: {{step: 0, from: {version(7)}}}")
    (found,) = documents(
        spec.replace("{dev: {}, test: {}, prod: {promotes_from: dev}}", "{prod: {}}"),
        f"lockVersion: 1\nenvironments: {{prod: {{models: {{churn: {model}}}}}}}\n",
    ).values()
    assert found["registered_models"]["churn"]["alias"] == {"name": "champion", "version": 7}


def test_nothing_is_synced_where_no_tracking_system_prints_what_to_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    files = Memory({"mlops.yaml": (SPEC % {"path": ""}).encode(), "mlops.lock.yaml": LOCK.encode()})
    assert any("mlops-sync" in path for path in compile_spec(files, "mlops.yaml").tree)
    monkeypatch.setattr(Tracking, "declares", lambda self: False)
    assert not any("mlops-sync" in path for path in compile_spec(files, "mlops.yaml").tree)


def test_models_of_a_registry_that_sync_does_not_know_are_not_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "declared", lambda self: False)
    assert documents(PROMOTED, "lockVersion: 1\n") == {}


@pytest.mark.parametrize("tag", ["mlops-spec.project", "mlops-spec.environment.dev", "mlflow.note.content"])
def test_a_tag_of_ours_is_no_name_for_a_users(tag: str) -> None:
    spec = PROMOTED + f"experiments: {{e: {{tags: {{{tag}: a}}}}}}\n"
    found = compile_spec(Memory({"mlops.yaml": spec.encode()}), "mlops.yaml").diagnostics
    assert [d.address for d in found if d.code == "MS143"] == ["experiments.e.tags"]
