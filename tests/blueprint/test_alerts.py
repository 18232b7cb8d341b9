"""Lowering decides what is alerted, how loud, and who is told."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_spec.compiler import Compilation, compile_spec
from mlops_spec.source.files import Memory
from tests import changed
from tests.yaml_readers import read_by_libyaml

DIGEST = "sha256:" + "4b" * 32
VERSION = f'{{version: 6, run: r6, uri: "s3://acme/m-6", digest: "{DIGEST}"}}'
LOCK = f"""\
lockVersion: 1
images: {{runtime: {{digest: "{DIGEST}"}}}}
environments: {{default: {{models: {{churn: {VERSION}}}}}}}
"""
SPEC = f"""\
apiVersion: mlops-spec/v1
project: {{name: x}}
platform:
  artifacts: {{uri: "s3://acme/artifacts", auth: workload-identity}}
  tracking: {{uri: http://mlflow.mlops.svc:5000}}
  runtime: {{image: registry.acme.example/runtime}}
  metrics: {{url: http://prometheus.monitoring.svc:9090, labels: {{release: main}}}}
secrets: {{slack: {{store: vault, path: ml/slack, keys: [url, key]}}}}
channels:
  chat: {{slack: {{url: "${{{{ secrets.slack.url }}}}", channel: "#ml"}}}}
  mail: {{email: {{to: [a@acme.example, b@acme.example]}}}}
  pager: {{pagerduty: {{routing_key: "${{{{ secrets.slack.key }}}}"}}}}
  hook: {{webhook: {{url: "https://hooks.acme.example/x"}}}}
models:
  churn:
    trained_by: train
    serving: {{replicas: {{min: 1}}}}
    slo: {{availability: 99.9%, latency: {{under: 250ms, share: 99%}}}}
monitors:
  watch:
    model: churn
    service: {{latency_p50: "< 50ms", latency_p95: "< 150ms", latency_p99: "< 300ms", error_rate: "< 1%", throughput: "> 1/s", for: 10m, severity: page}}
    custom: {{refunds: {{query: 'sum(increase(refunds_total[1h]))', require: "< 50", action: retrain}}}}
    notify: [chat, mail, pager, hook]
pipelines:
  train:
    retraining: {{cooldown: 24h}}
    steps: {{fit: {{image: registry.acme.example/fit@{DIGEST}, command: [fit]}}}}
"""


def compiled(*changes: tuple[str, str], lock: str = LOCK) -> Compilation:
    return changed.compiled(SPEC, lock, *changes)


def objects(result: Compilation, kind: str) -> dict[str, Any]:
    documents = (read_by_libyaml(text) for path, text in result.tree.items() if path.endswith(".yaml"))
    return {document["metadata"]["name"]: document for document in documents if document.get("kind") == kind}


def rules(result: Compilation) -> dict[str, dict[str, Any]]:
    groups = (group for rule in objects(result, "PrometheusRule").values() for group in rule["spec"]["groups"])
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def told(result: Compilation, code: str) -> list[str]:
    return [f"{d.address}: {d.message}" for d in result.diagnostics if d.code == code]


def test_each_condition_is_an_alert_of_its_severity_and_wait() -> None:
    found = rules(compiled())
    kinds = {name.removeprefix("Watch"): rule for name, rule in found.items() if name.startswith("Watch")}
    assert set(kinds) == {"LatencyP50", "LatencyP95", "LatencyP99", "ErrorRate", "Throughput", "Refunds"}
    assert {(r["for"], r["labels"]["severity"]) for n, r in kinds.items() if n != "Refunds"} == {("10m", "page")}
    refunds = kinds["Refunds"]
    assert (refunds["for"], refunds["labels"]["severity"], refunds["labels"]["action"]) == ("5m", "ticket", "retrain")
    assert refunds["expr"] == "(\nsum(increase(refunds_total[1h]))\n) >= 50"
    assert (
        refunds["labels"].items()
        >= {"model": "churn", "monitor": "watch", "namespace": "x", "environment": "default"}.items()
    )


def test_objectives_are_alerts_of_two_paces_and_keep_each_window_once() -> None:
    result = compiled()
    assert {name for name in rules(result) if name.startswith("Churn")} == {
        "ChurnAvailabilityPage", "ChurnAvailabilityTicket", "ChurnLatencyPage", "ChurnLatencyTicket",
    }  # fmt: skip
    (group,) = objects(result, "PrometheusRule")["churn.slo"]["spec"]["groups"]
    kept = [(r["labels"]["objective"], r["labels"]["window"]) for r in group["rules"] if "record" in r]
    windows = ["1h", "5m", "6h", "30m", "1d", "2h", "3d"]
    assert kept == [(objective, window) for objective in ("availability", "latency") for window in windows]


def test_windows_follow_the_objective_s_own() -> None:
    found = rules(compiled(("share: 99%}}", "share: 99%}, window: 7d}")))
    assert 'window="14m"' in found["ChurnAvailabilityPage"]["expr"]
    assert "> 0.0144" in found["ChurnAvailabilityPage"]["expr"]


def test_a_bound_is_named_as_the_server_names_it() -> None:
    """The server's Python client writes `1.0`, and Prometheus compares text."""
    (group,) = objects(compiled(("under: 250ms", "under: 1s")), "PrometheusRule")["churn.slo"]["spec"]["groups"]
    assert {
        'le="1.0"' in r["expr"] for r in group["rules"] if r["labels"].get("objective") == "latency" and "record" in r
    } == {True}


@pytest.mark.parametrize(
    "change, code, message",
    [
        (("under: 250ms", "under: 200ms"), "MS134", "models.churn.slo.latency.under: the server counts no requests under 200ms: its histogram has other bounds"),
        (('latency_p50: "< 50ms"', 'latency_p50: "< 50"'), "MS133", "monitors.watch.service.latency_p50: latency_p50 is compared with a number in ms or s, as in `< 250ms`"),
        (('error_rate: "< 1%"', 'error_rate: "< 1ms"'), "MS133", "monitors.watch.service.error_rate: error_rate is compared with a number in %, as in `< 1%`"),
        (("[1h]))'", "[1h])'"), "MS133", "monitors.watch.custom.refunds: the query is not one whole PromQL expression: ( is not closed"),
        (('"${{ secrets.slack.url }}"', '"https://hooks.acme.example/y"'), "MS133", "channels.chat: slack.url is read from a secret alone, whole"),
        (("share: 99%}}", "share: 99%}, window: 1d}"), "MS145", "models.churn.slo.window: `models.churn.slo.window` cannot be had on prometheus: the shortest of the windows that errors are counted over would hold too few scrapes (it takes 7d or more)"),
    ],
)  # fmt: skip
def test_what_prometheus_cannot_have_is_an_error_where_it_is_said(
    change: tuple[str, str], code: str, message: str
) -> None:
    result = compiled(change)
    assert message in told(result, code)
    assert all(d.hint for d in result.diagnostics if d.code == code)


def test_a_server_that_is_not_there_has_no_alerts() -> None:
    result = compiled(lock=LOCK.replace(f"churn: {VERSION}", ""))
    assert "monitors.watch.service: `monitors.watch.service` is withheld: churn is not served here" in told(
        result, "MS140"
    )
    assert "models.churn.slo: `models.churn.slo` is withheld: churn is not served here" in told(result, "MS140")
    assert set(rules(result)) == {"WatchRefunds"}
    assert not objects(result, "PodMonitor")


def test_each_channel_is_told_in_its_own_way() -> None:
    receivers = {r["name"]: r for r in objects(compiled(), "AlertmanagerConfig")["notifications"]["spec"]["receivers"]}
    assert receivers["chat"]["slackConfigs"][0]["apiURL"] == {"name": "slack", "key": "url"}
    assert receivers["chat"]["slackConfigs"][0]["channel"] == "#ml"
    assert receivers["mail"]["emailConfigs"][0]["to"] == "a@acme.example, b@acme.example"
    assert receivers["pager"]["pagerdutyConfigs"][0]["routingKey"] == {"name": "slack", "key": "key"}
    assert receivers["hook"]["webhookConfigs"] == [{"url": "https://hooks.acme.example/x", "sendResolved": True}]


def test_a_webhook_s_address_may_be_a_secret() -> None:
    result = compiled(('"https://hooks.acme.example/x"', '"${{ secrets.slack.url }}"'))
    receivers = objects(result, "AlertmanagerConfig")["notifications"]["spec"]["receivers"]
    (hook,) = (r for r in receivers if r["name"] == "hook")
    assert hook["webhookConfigs"][0]["urlSecret"] == {"name": "slack", "key": "url"}


def test_a_breach_that_asks_for_it_reaches_the_pipeline_s_trigger() -> None:
    result = compiled()
    (source,) = (s for s in objects(result, "EventSource").values() if "webhook" in s["spec"])
    (event,) = source["spec"]["webhook"].values()
    port, name = source["spec"]["service"]["ports"][0]["port"], source["metadata"]["name"]
    receivers = objects(result, "AlertmanagerConfig")["notifications"]["spec"]["receivers"]
    (retrain,) = (r for r in receivers if r["name"].startswith("retrain."))
    assert retrain["webhookConfigs"] == [
        {"url": f"http://{name}-eventsource-svc.x.svc:{port}{event['endpoint']}", "sendResolved": False}
    ]


def braced() -> Compilation:
    """Return a spec whose file and mail address look like templates of Go's."""
    text = SPEC.replace("a@acme.example", "'{{.X}}@acme.example'").partition("pipelines:")[0]
    text = text.replace("    trained_by: train\n", "").replace(", action: retrain", "")
    return compile_spec(Memory({"{{x}}.yaml": text.encode(), "mlops.lock.yaml": LOCK.encode()}), "{{x}}.yaml")


def test_text_of_the_spec_is_no_template_of_those_who_tell_it() -> None:
    result = braced()
    assert all('by {{"{{"}}x}}.yaml#' in rule["annotations"]["description"] for rule in rules(result).values())
    receivers = objects(result, "AlertmanagerConfig")["notifications"]["spec"]["receivers"]
    (mail,) = (r for r in receivers if r["name"] == "mail")
    assert mail["emailConfigs"][0]["to"] == '{{"{{"}}.X}}@acme.example, b@acme.example'


def test_nobody_is_told_where_nobody_is_named() -> None:
    quiet = compiled(("    notify: [chat, mail, pager, hook]\n", ""), (", action: retrain", ""))
    assert rules(quiet)
    assert not objects(quiet, "AlertmanagerConfig")


def test_servers_are_read_by_prometheus_alone_and_by_version() -> None:
    result = compiled()
    ingress = objects(result, "NetworkPolicy")["churn.server"]["spec"]["ingress"]
    (read,) = (rule for rule in ingress if rule["ports"][0]["port"] == 8082)
    assert read["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
    server = objects(result, "InferenceService")["churn"]["spec"]["predictor"]
    assert server["labels"]["mlops-spec.dev/version"] == "v6"


def test_the_operator_finds_its_objects_by_the_platform_s_labels() -> None:
    result = compiled()
    for kind in ("PrometheusRule", "PodMonitor", "AlertmanagerConfig"):
        for document in objects(result, kind).values():
            assert document["metadata"]["labels"]["release"] == "main"


def test_the_crds_take_it(conforms: Any) -> None:
    result = compiled()
    conforms({path: read_by_libyaml(text) for path, text in result.tree.items() if "/monitoring/" in path})
