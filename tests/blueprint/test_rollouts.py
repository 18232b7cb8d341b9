"""Lowering decides which rollouts a job walks, what must hold meanwhile, and what the job may reach."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from mlops_spec import assets
from mlops_spec.compiler import Compilation, Options
from mlops_spec.lint.run import Choice
from tests import changed
from tests.blueprint.test_alerts import DIGEST, objects, told

SPEC = """\
apiVersion: mlops-spec/v1
project: {name: x, repository: "https://git.acme.example/x.git"}
platform:
  gateway: {class: istio}
  metrics: {url: "http://prometheus.monitoring.svc:9090"}
  rollout: {secret: git, path: specs/x}
  runtime: {image: registry.acme.example/runtime}
environments: {dev: {protected: false}}
secrets: {git: {store: vault, path: ml/git, keys: [token]}}
models:
  churn:
    serving:
      expose: {path: /churn}
      rollout:
        strategy: canary
        steps: [{weight: 10, pause: 10m}, {weight: 100}]
        analysis: {error_rate: "< 1%", latency_p95: "< 250ms", throughput: "> 1/s"}
monitors:
  watch:
    model: churn
    service: {error_rate: "< 2%", action: rollback}
    custom: {refunds: {query: "sum(refunds)", require: "< 50", action: retrain}}
"""
VERSION = f'version: 7, run: b7, uri: "s3://acme/m-7", digest: "{DIGEST}"'
BEFORE = f'{{version: 6, run: b6, uri: "s3://acme/m-6", digest: "{DIGEST}"}}'
ROLLOUT = f", rollout: {{step: 1, from: {BEFORE}}}"
LOCK = f"""\
lockVersion: 1
images: {{runtime: {{digest: "{DIGEST}"}}}}
environments: {{dev: {{models: {{churn: {{{VERSION}{ROLLOUT}}}}}}}}}
"""
RUNTIME = "  runtime: {image: registry.acme.example/runtime}\n"


def compiled(*changes: tuple[str, str], lock: str = LOCK) -> Compilation:
    return changed.compiled(SPEC, lock, *changes, options=Options(rules=Choice(ignore=("MS2", "MS3", "MS4"))))


def told_to(result: Compilation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(objects(result, "ConfigMap")["churn-rollout"]["data"]["rollout.json"])
    schema = json.loads((assets.SCHEMAS / "runtime" / "rollout.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(found)
    return found


def jobs(result: Compilation) -> dict[str, Any]:
    return objects(result, "CronJob")


def test_a_job_is_told_what_it_walks_and_where() -> None:
    found = told_to(compiled())
    assert {**found, "checks": len(found["checks"])} == {
        "environment": "dev", "model": "churn", "repository": "https://git.acme.example/x.git", "path": "specs/x",
        "version": 7, "before": 6, "step": 1, "steps": [{"weight": 10, "pause": 600}, {"weight": 100, "pause": 0}],
        "metrics": "http://prometheus.monitoring.svc:9090", "checks": 4,
    }  # fmt: skip


def test_each_condition_is_measured_on_the_new_version_alone() -> None:
    *measured, _ = told_to(compiled())["checks"]
    assert [check["name"] for check in measured] == ["error_rate", "latency_p95", "throughput"]
    assert not any("before" in check for check in measured), "the series of the new version begin with it"
    bounds = (">= 0.01", ">= 0.25", "<= 1")
    for check, bound in zip(measured, bounds, strict=True):
        selectors = re.findall(r"\{[^}]*\}", check["query"])
        assert all('{namespace="x-dev", model="churn", version="v7", ' in selector for selector in selectors)
        assert check["breach"] == f"{check['query']} {bound}"


def test_a_monitor_that_asks_for_the_version_before_is_a_check_and_no_other_is() -> None:
    last = told_to(compiled())["checks"][-1]
    assert last["name"] == "monitors.watch"
    who = 'namespace="x-dev", monitor="watch", action="rollback"'
    assert last["breach"] == f'max without (alertstate) (ALERTS{{alertstate="firing", {who}}})'
    assert last["before"] == f"max without (alertstate) (ALERTS{{{who}}})"
    checks = told_to(compiled((", action: rollback", "")))["checks"]
    assert len(checks) == 3


def test_a_protected_environment_s_commits_are_proposed() -> None:
    assert (
        told_to(
            compiled(
                ("protected: false", "protected: true"),
                ("rollout: {secret", "ci: {backend: gitlab}\n  rollout: {secret"),
            )
        )["review"]
        == "gitlab"
    )
    assert "review" not in told_to(compiled())


def test_without_an_analysis_time_alone_decides_and_nobody_is_asked() -> None:
    result = compiled(
        ('        analysis: {error_rate: "< 1%", latency_p95: "< 250ms", throughput: "> 1/s"}\n', ""),
        (", action: rollback", ""),
    )
    assert told_to(result)["checks"] == []
    assert "metrics" not in told_to(result)
    assert ports(result) == [53, 53, 443]


def ports(result: Compilation) -> list[int]:
    policy = objects(result, "NetworkPolicy")["churn.rollout"]["spec"]
    return sorted(port["port"] for rule in policy["egress"] for port in rule["ports"])


def test_a_job_reaches_the_repository_and_who_knows_whether_all_is_well_and_nobody_reaches_it() -> None:
    result = compiled()
    assert ports(result) == [53, 53, 443, 9090]
    assert "ingress" not in objects(result, "NetworkPolicy")["churn.rollout"]["spec"]
    assert objects(result, "ServiceAccount")["churn.rollout"]["automountServiceAccountToken"] is False
    assert not any(role["metadata"]["name"].endswith("rollout") for role in objects(result, "Role").values())


def test_a_step_changes_what_is_told_and_the_end_takes_the_job_away() -> None:
    before, after = compiled(lock=LOCK.replace("step: 1", "step: 0")), compiled()
    changed = {path for path in after.tree if before.tree.get(path) != after.tree[path]}
    assert {path.rpartition("/")[2] for path in changed} == {
        "configmap-churn-rollout.yaml", "inferenceservice-churn.yaml", "httproute-churn.yaml",
    }  # fmt: skip
    done = compiled(lock=LOCK.replace(ROLLOUT, ""))
    assert not jobs(done)
    assert not told(done, "MS140")


def test_without_a_secret_there_is_no_job_and_what_it_would_do_is_said() -> None:
    result = compiled(("  rollout: {secret: git, path: specs/x}\n", ""))
    assert not jobs(result)
    addresses = {line.partition(":")[0] for line in told(result, "MS146")}
    assert addresses == {
        "models.churn.serving.rollout.analysis", "models.churn.serving.rollout.steps", "monitors.watch.service.action",
    }  # fmt: skip


@pytest.mark.parametrize("change, reason", [
    ((RUNTIME, ""), "the job that walks it needs a runtime image"),
    ((', repository: "https://git.acme.example/x.git"', ""), "the job that walks it knows no repository"),
    (('"https://git.acme', '"ssh://git@git.acme'), "the job that walks it opens the repository by a token, over https"),
    (('  metrics: {url: "http://prometheus.monitoring.svc:9090"}\n', ""), "the job that walks it has nobody to ask whether all is well"),
])  # fmt: skip
def test_a_job_that_lacks_something_is_withheld_whole(change: tuple[str, str], reason: str) -> None:
    result = compiled(change)
    at = "models.churn.serving.rollout"
    assert told(result, "MS140") == [f"{at}: `{at}` is withheld: {reason}"]
    assert not jobs(result)
    assert not any("rollout" in path for path in result.tree)
    assert objects(result, "InferenceService")["churn"]["spec"]["canary"][0]["trafficPercent"] == 100


def test_what_no_rollout_could_put_back_is_withheld_with_the_way_out() -> None:
    rolling = (
        'canary\n        steps: [{weight: 10, pause: 10m}, {weight: 100}]\n        analysis: {error_rate: "< 1%", latency_p95: "< 250ms", throughput: "> 1/s"}',
        "rolling",
    )
    result = compiled(rolling, lock=LOCK.replace(ROLLOUT, ""))
    at, reason = (
        "monitors.watch.service.action",
        "only while a canary takes over is there a version to put back; people alone are told",
    )
    assert told(result, "MS140") == [f"{at}: `{at}` is withheld: {reason}"]
    assert [d.hint for d in result.diagnostics if d.code == "MS140"] == [
        "set models.churn.serving.rollout.strategy to canary"
    ]


def test_an_analysis_that_nothing_could_stop_for_is_refused() -> None:
    result = compiled(
        ("canary\n        steps: [{weight: 10, pause: 10m}, {weight: 100}]", "rolling"), lock=LOCK.replace(ROLLOUT, "")
    )
    assert [line.partition(":")[0] for line in told(result, "MS145")] == ["models.churn.serving.rollout"]


@pytest.mark.parametrize("lock", [LOCK, LOCK.replace(ROLLOUT, "")])
def test_a_condition_in_another_unit_is_refused_before_any_rollout(lock: str) -> None:
    result = compiled(('latency_p95: "< 250ms"', 'latency_p95: "< 250"'), lock=lock)
    (message,) = told(result, "MS133")
    assert message.startswith(
        "models.churn.serving.rollout.analysis.latency_p95: latency_p95 is compared with a number in ms or s"
    )


def test_a_secret_without_the_token_is_refused() -> None:
    (message,) = told(compiled(("keys: [token]", "keys: [password]")), "MS144")
    assert message.startswith("platform.rollout.secret: the secret git has no key token")


def test_a_monitor_of_the_job_s_name_is_refused() -> None:
    monitor = '  churn-rollout: {model: churn, data: rows, schedule: "0 3 * * *", window: 1d, quality: {nulls: {a: "< 1%"}}}\n'
    result = compiled(
        ("monitors:\n", f"monitors:\n{monitor}"),
        ("models:\n", 'datasets: {rows: {uri: "s3://acme/rows/", version: per-run}}\nmodels:\n'),
        (":9090", ':9090", push: "http://pushgateway.monitoring.svc:9091'),
    )  # fmt: skip
    assert any("come to the same object" in message for message in told(result, "MS180"))
