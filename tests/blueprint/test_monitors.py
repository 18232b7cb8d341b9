"""Lowering decides what each monitor's job looks at, what it may reach, and when its silence is an alert."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlops_spec import assets
from mlops_spec.compiler import Compilation
from tests.blueprint.test_alerts import LOCK, VERSION, objects, rules, told
from tests.blueprint.test_alerts import compiled as alerts_of
from tests.golden_trees import EXAMPLES
from tests.golden_trees import compiled as example_of

WATCHES = """\
  watch:
    model: churn
    reference: rows
    schedule: {cron: "0 3 * * 1", timezone: Europe/Berlin}
    window: 7d
    quality: {nulls: {tenure: "< 1%"}, ranges: {tenure: [0, 600]}, new_categories: "< 0.1%", severity: page}
    drift: {method: psi, threshold: 0.2, share: 30%, columns: [plan], consecutive: 3, action: retrain}
    prediction_drift: {method: jensenshannon, threshold: 0.1}
    performance: {require: {auc: ">= 0.78"}, labels: outcomes, join: request_id, label: churned, delay: 30d}
"""
LOGGED = 'logging: {sink: "s3://acme/log/", id: request_id}'
DATASETS = """\
datasets:
  rows: {uri: "s3://acme/rows.parquet", version: "dvc:3f2a9c17"}
  outcomes: {uri: "s3://acme/outcomes/ds=${{ run.date }}/", version: per-run}
models:
"""
CHANGES = (
    ("  watch:\n    model: churn\n", WATCHES),
    ("serving: {replicas: {min: 1}}", f"serving: {{replicas: {{min: 1}}, {LOGGED}}}"),
    ("models:\n", DATASETS),
    ("labels: {release: main}}", 'push: "http://pushgateway.monitoring.svc:9091"}'),
    ("project: {name: x}", 'project: {name: x, repository: "ssh://git@git.acme.example/x.git"}'),
)


def compiled(*changes: tuple[str, str], lock: str = LOCK) -> Compilation:
    return alerts_of(*CHANGES, *changes, lock=lock)


def told_to(result: Compilation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(objects(result, "ConfigMap")["watch"]["data"]["monitor.json"])
    return found


def schema() -> Any:
    return json.loads((assets.SCHEMAS / "runtime" / "monitor.schema.json").read_bytes())


def test_a_job_is_told_what_the_runtime_reads() -> None:
    configuration = told_to(compiled())
    jsonschema.Draft202012Validator(schema()).validate(configuration)
    assert configuration == {
        "namespace": "x", "model": "churn", "monitor": "watch", "push": "http://pushgateway.monitoring.svc:9091",
        "log": {"uri": "s3://acme/log/", "id": "request_id"}, "window": 604800, "min_rows": 100,
        "reference": {
            "uri": "s3://acme/rows.parquet", "version": "dvc:3f2a9c17",
            "repository": "ssh://git@git.acme.example/x.git",
        },
        "quality": {"nulls": {"tenure": "< 1%"}, "ranges": {"tenure": [0, 600]}, "new_categories": "< 0.1%"},
        "drift": {"method": "psi", "threshold": 0.2, "share": 0.3, "columns": ["plan"]},
        "prediction_drift": {"method": "jensenshannon", "threshold": 0.1},
        "performance": {
            "require": {"auc": ">= 0.78"}, "join": "request_id", "label": "churned", "delay": 2592000,
            "labels": {
                "uri": "s3://acme/outcomes/ds=${{ run.date }}/", "version": "per-run",
                "repository": "ssh://git@git.acme.example/x.git",
            },
        },
    }  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_what_jobs_of_the_examples_are_told_is_what_the_runtime_reads(example: Path) -> None:
    tree = example_of(example).tree
    assert (example.name == "churn") == any("/monitoring/cronjob-" in path for path in tree)
    for document in objects(example_of(example), "ConfigMap").values():
        if "monitor.json" in document["data"]:
            jsonschema.Draft202012Validator(schema()).validate(json.loads(document["data"]["monitor.json"]))


def test_scores_of_whole_datasets_are_looked_at_where_nothing_is_served() -> None:
    batch = 'batch: {schedule: "0 5 * * *", input: rows, output: "s3://acme/scores/ds=${{ run.date }}/x/"}'
    result = compiled(
        (f"serving: {{replicas: {{min: 1}}, {LOGGED}}}", batch),
        ("    slo: {availability: 99.9%, latency: {under: 250ms, share: 99%}}\n", ""),
    )
    configuration = told_to(result)
    jsonschema.Draft202012Validator(schema()).validate(configuration)
    assert configuration["scores"] == {"uri": "s3://acme/scores/"}


def test_live_rows_may_be_a_dataset_of_the_monitor_s_own() -> None:
    configuration = told_to(compiled(("    reference: rows\n", "    reference: rows\n    data: outcomes\n")))
    jsonschema.Draft202012Validator(schema()).validate(configuration)
    assert configuration["rows"]["uri"] == "s3://acme/outcomes/ds=${{ run.date }}/"
    assert "log" not in configuration


def test_a_job_reaches_what_it_reads_and_where_it_leaves_its_series_alone() -> None:
    policy = objects(compiled(), "NetworkPolicy")["watch.monitor"]["spec"]
    ports = [port["port"] for rule in policy["egress"] for port in rule["ports"]]
    assert (policy["policyTypes"], sorted(ports)) == (["Ingress", "Egress"], [22, 53, 53, 443, 9091])
    assert "ingress" not in policy
    account = objects(compiled(), "ServiceAccount")["watch.monitor"]
    assert account["automountServiceAccountToken"] is False


def test_each_condition_is_an_alert_after_its_own_number_of_looks() -> None:
    found = {name.removeprefix("Watch"): rule for name, rule in rules(compiled()).items() if name.startswith("Watch")}
    assert {name: (r["labels"]["severity"], r["expr"][-4:]) for name, r in found.items() if "subject" in r["expr"]} == {
        "Quality": ("page", ">= 1"), "Drift": ("ticket", ">= 3"), "PredictionDrift": ("ticket", ">= 1"),
        "Performance": ("ticket", ">= 1"),
    }  # fmt: skip
    assert found["Drift"]["labels"]["action"] == "retrain"


def test_a_monitor_of_a_long_name_is_called_alike_by_its_job_and_by_its_alerts() -> None:
    name = "w" * 60
    result = compiled(("  watch:\n", f"  {name}:\n"))
    (config,) = (c for c in objects(result, "ConfigMap").values() if "monitor.json" in c["data"])
    called = json.loads(config["data"]["monitor.json"])["monitor"]
    found = [rule for rule in rules(result).values() if "mlops_monitor" in rule["expr"]]
    assert found
    assert all(f'monitor="{called}"' in rule["expr"] and rule["labels"]["monitor"] == called for rule in found)


def test_silence_is_an_alert_after_the_longest_pause_and_a_late_and_long_look() -> None:
    found = rules(compiled())
    patience = 7 * 86400 + 3600 + 3600
    assert found["WatchSilent"]["expr"].endswith(f"> {patience}")
    assert (found["WatchUnheard"]["for"], found["WatchUnheard"]["labels"]["severity"]) == ("170h", "page")


@pytest.mark.parametrize("change, reason", [
    (("push: ", "url: "), "its job has no address to leave its series at"),
    ((f", {LOGGED}", ""), "nothing says where the requests or scores of churn are kept"),
    (("  runtime: {image: registry.acme.example/runtime}\n", ""), "its job needs a runtime image"),
])  # fmt: skip
def test_what_lacks_something_is_withheld_whole(change: tuple[str, str], reason: str) -> None:
    changes = [c for c in CHANGES if c[0] != "labels: {release: main}}"] if change[0] == "push: " else CHANGES
    result = alerts_of(*changes) if change[0] == "push: " else compiled(change)
    kinds = ("quality", "drift", "prediction_drift", "performance")
    assert [f"monitors.watch.{kind}: `monitors.watch.{kind}` is withheld: {reason}" for kind in kinds] == [
        message for message in told(result, "MS140") if message.startswith("monitors.")
    ]
    assert not objects(result, "CronJob")
    assert not any("mlops_monitor" in rule["expr"] for rule in rules(result).values())


def test_a_model_without_a_version_is_not_watched() -> None:
    result = compiled(lock=LOCK.replace(f"churn: {VERSION}", ""))
    assert not objects(result, "CronJob")
    assert sum("the lock has no version of churn" in message for message in told(result, "MS140")) == 4


@pytest.mark.parametrize("change, code, address", [
    (("    reference: rows\n", ""), "MS128", "monitors.watch.quality.new_categories"),
    (('auc: ">= 0.78"', 'profit: ">= 1"'), "MS145", "monitors.watch.performance.require"),
])  # fmt: skip
def test_what_no_job_could_do_is_refused_where_it_is_said(change: tuple[str, str], code: str, address: str) -> None:
    drift = "    drift: {method: psi, threshold: 0.2, share: 30%, columns: [plan], consecutive: 3, action: retrain}\n"
    moved = "    prediction_drift: {method: jensenshannon, threshold: 0.1}\n"
    result = compiled(change, (drift, ""), (moved, "")) if code == "MS128" else compiled(change)
    assert address in {d.address for d in result.diagnostics if d.code == code}
    assert all(d.hint for d in result.diagnostics if d.code == code)
