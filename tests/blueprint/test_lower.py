"""Lowering decides what is rendered whole, what is withheld, and what no rendering could make right."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_spec.compiler import Compilation
from mlops_spec.diagnostic import Severity
from tests import changed
from tests.yaml_readers import read_by_libyaml

DIGEST = "@sha256:" + "4b" * 32
LOCK = 'lockVersion: 1\nimages: {runtime: {digest: "sha256:' + "4b" * 32 + '"}}\n'
SPEC = f"""\
apiVersion: mlops-spec/v1
project: {{name: x}}
platform:
  tracking: {{uri: http://mlflow.mlops.svc:5000, secret: mlflow}}
  artifacts: {{uri: "s3://acme/artifacts"}}
  runtime: {{image: registry.acme.example/runtime}}
secrets: {{mlflow: {{store: vault, path: ml/mlflow, keys: [token]}}}}
images: {{own: {{repository: registry.acme.example/own}}}}
datasets: {{pinned: {{uri: "s3://acme/pinned", version: "s3-version:abc"}}}}
models: {{m: {{}}}}
pipelines:
  train:
    steps:
      fit: {{image: registry.acme.example/fit{DIGEST}, command: [fit], outputs: {{model: {{type: model}}}}, env: {{LEVEL: info}}}}
      keep: {{register: {{model: m, from: steps.fit.outputs.model}}}}
  plain:
    steps:
      only: {{image: registry.acme.example/only{DIGEST}, command: [only]}}
"""


def compiled(*changes: tuple[str, str], lock: str = LOCK) -> Compilation:
    return changed.compiled(SPEC, lock, *changes)


def told(result: Compilation, code: str) -> list[str]:
    return [f"{d.place.line if d.place else 0}: {d.message}" for d in result.diagnostics if d.code == code]


def templates(result: Compilation) -> set[str]:
    return {path.rpartition("workflowtemplate-")[2] for path in result.tree if "workflowtemplate-" in path}


def test_all_is_rendered() -> None:
    assert templates(compiled()) == {"train.yaml", "plain.yaml"}


@pytest.mark.parametrize(
    "changes, lock, reason",
    [
        ([], "lockVersion: 1\n", "its step keep needs a runtime image"),
        ([("  runtime: {image: registry.acme.example/runtime}\n", "")], LOCK, "its step keep needs a runtime image"),
        ([("uri: http://mlflow.mlops.svc:5000, ", "")], LOCK, "its step keep needs a tracking address"),
        (
            [(f"registry.acme.example/fit{DIGEST}", '"${{ images.own }}"')],
            LOCK,
            "the image of its step fit has no digest in the lock",
        ),
    ],
)
def test_a_pipeline_that_lacks_something_is_withheld_whole(changes: Any, lock: str, reason: str) -> None:
    result = compiled(*changes, lock=lock)
    assert [line.partition(": ")[2] for line in told(result, "MS140")] == [f"`pipelines.train` is withheld: {reason}"]
    assert templates(result) == {"plain.yaml"}


def test_without_a_runtime_image_nothing_fetches_a_pinned_dataset() -> None:
    result = compiled(("command: [only]", "command: [only], inputs: {d: datasets.pinned}"), lock="lockVersion: 1\n")
    assert (
        "16: `pipelines.plain` is withheld: its step only takes a pinned dataset, which the runtime image sees to"
        in told(result, "MS140")
    )
    assert templates(result) == set()


def test_without_tracking_a_step_has_no_tracking_environment() -> None:
    result = compiled(lock="lockVersion: 1\n")
    (text,) = (text for path, text in result.tree.items() if "workflowtemplate-" in path)
    assert "MLFLOW" not in text
    assert "begin" not in text


@pytest.mark.parametrize(
    "change, code, message",
    [
        (('  artifacts: {uri: "s3://acme/artifacts"}\n', ""), "MS142", "13: outputs need a place to be kept"),
        (
            ("s3://acme/artifacts", "hdfs://acme/artifacts"),
            "MS142",
            "5: nothing moves artifacts under hdfs: between the steps of train",
        ),
        (("LEVEL: info", "MLOPS_RUN: info"), "MS143", "14: variables MLOPS_* are the contract's own"),
        (("only: {image", "begin: {image"), "MS143", "18: a step begin is added to the pipeline"),
        (("keys: [token]", "keys: [password]"), "MS144", "4: the secret mlflow has no key token, which is needed here"),
        (("store: vault, ", ""), "MS144", "7: the secret mlflow names no store"),
        (
            ("command: [only]", "command: ['{{ x }}']"),
            "MS141",
            "18: Argo Workflows has no way to write {{, which it takes for the start of a value",
        ),
    ],
)
def test_what_no_rendering_makes_right_is_an_error_at_its_line(
    change: tuple[str, str], code: str, message: str
) -> None:
    result = compiled(change)
    assert message in told(result, code)
    assert any(d.severity is Severity.ERROR and d.hint for d in result.diagnostics if d.code == code)
    assert not templates(result)


def test_an_existing_secret_needs_no_store() -> None:
    result = compiled(("store: vault, ", ""), ("platform:\n", "platform:\n  secrets: {backend: existing}\n"))
    assert templates(result) == {"train.yaml", "plain.yaml"}
    assert not any("externalsecret" in path for path in result.tree)


def test_a_moved_pipeline_keeps_its_objects_name() -> None:
    result = compiled(
        ("  plain:\n", "  renamed:\n"),
        ("models: {m: {}}", "moved: [{from: pipelines.plain, to: pipelines.renamed}]\nmodels: {m: {}}"),
    )
    assert templates(result) == {"train.yaml", "plain.yaml"}


def test_a_long_name_is_cut_and_told_apart() -> None:
    name = "a" * 63
    (path,) = (p for p in compiled(("  plain:\n", f"  {name}:\n")).tree if "workflowtemplate-aaa" in p)
    assert len(path.rpartition("workflowtemplate-")[2].removesuffix(".yaml")) == 52


def test_policies_let_a_pipeline_reach_what_it_needs() -> None:
    result = compiled()
    policy = read_by_libyaml(result.tree["default/cluster/networkpolicy-train.yaml"])
    ports = {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}
    assert ports == {53, 443, 5000, 6443}
    assert read_by_libyaml(result.tree["default/cluster/networkpolicy-default-deny.yaml"])["spec"]["podSelector"] == {}
