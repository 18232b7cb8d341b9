"""Every alert, decided by Prometheus itself; every route, followed by Alertmanager's own tool."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.blueprint.test_alerts import braced, objects
from tests.blueprint.test_monitors import compiled as watched
from tests.golden_trees import EXAMPLES
from tests.golden_trees import compiled as example_of

pytestmark = pytest.mark.conformance

WHO = 'namespace="x", model="churn"'
INFER = "/v2/models/{model_name}/infer"
MINUTES = 6000
"""Longer than the longest window (3 d) and the time that a breach takes to be forgotten."""

WATCH = {"WatchLatencyP50", "WatchLatencyP95", "WatchLatencyP99"}
SLOW = {*WATCH, "ChurnLatencyPage", "ChurnLatencyTicket"}
FAILING = {"WatchErrorRate", "ChurnAvailabilityPage", "ChurnAvailabilityTicket"}


def tool(name: str) -> str:
    path = os.environ.get(name)
    if not path:
        pytest.skip(f"{name} names no program")
    return path


def requests(ok: str, failed: str | None) -> dict[str, str]:
    """Return the counter of requests; without failures the server has no such series yet."""
    found = {"200": ok, **({"500": failed} if failed else {})}
    return {
        f'rest_server_requests_total{{{WHO}, version="v6", path="{INFER}", status_code="{code}"}}': values
        for code, values in found.items()
    }


def latency(within_25ms: str, within_500ms: str) -> dict[str, str]:
    counts = {"0.025": within_25ms, "0.25": within_25ms, "0.5": within_500ms, "+Inf": within_500ms}
    name = "rest_server_request_duration_seconds"
    found = {f'{name}_bucket{{{WHO}, path="{INFER}", le="{le}"}}': values for le, values in counts.items()}
    return {**found, f'{name}_count{{{WHO}, path="{INFER}"}}': within_500ms}


def steps(*parts: tuple[int, int]) -> str:
    """Return a counter in promtool's words: for so many minutes, so much more each minute."""
    words, start = [], 0
    for minutes, more in parts:
        words.append(f"{start}+{more}x{minutes - 1}")
        start += more * minutes
    return " ".join(words)


def breaches(condition: str, subject: str, values: str) -> dict[str, str]:
    name = f'mlops_monitor_breaches_in_a_row{{{WHO}, monitor="watch", condition="{condition}", subject="{subject}"}}'
    return {name: values}


def compiled() -> Any:
    """Return all kinds of alerts; the monitor looks every hour, and may be silent for three."""
    return watched(("0 3 * * 1", "0 * * * *"))


BUSY = steps((MINUTES, 600))
LOOKED = f'mlops_monitor_last_look_timestamp_seconds{{{WHO}, monitor="watch"}}'
LOOKING = {LOOKED: steps((MINUTES, 60))}
HEALTHY = {**requests(BUSY, None), **latency(BUSY, BUSY), **LOOKING}
CASES: dict[str, tuple[dict[str, str], dict[int, set[str]]]] = {
    # What asks for a lower bound is breached by silence; nothing else is.
    "no data": ({}, {60: {"WatchThroughput"}, 3000: {"WatchThroughput", "WatchUnheard"}}),
    "a server that nobody asks": (
        {**requests("0x6000", None), **latency("0x6000", "0x6000"), **LOOKING},
        {60: {"WatchThroughput"}, 3000: {"WatchThroughput"}},
    ),
    "partial data: no failure ever, no latency": ({**requests(BUSY, None), **LOOKING}, {60: set(), 3000: set()}),
    "all is well": (HEALTHY, {60: set(), 3000: set()}),
    "requests fail, then no more": (
        {**HEALTHY, **requests(BUSY, steps((600, 0), (200, 60), (MINUTES, 0)))},
        {599: set(), 605: set(), 790: FAILING, 850: {"ChurnAvailabilityTicket"}, 5900: set()},
    ),
    "requests are slow, then no more": (
        {**HEALTHY, **latency(steps((600, 600), (200, 0), (MINUTES, 600)), BUSY)},
        {599: set(), 790: SLOW, 850: {"ChurnLatencyTicket"}, 5900: set()},
    ),
    "few requests, then many": (
        {**requests(steps((120, 30), (MINUTES, 600)), None), **LOOKING},
        {5: set(), 110: {"WatchThroughput"}, 200: set()},
    ),
    "the user's own number": (
        {**HEALTHY, "refunds_total": steps((120, 0), (120, 2), (MINUTES, 0))},
        {110: set(), 230: {"WatchRefunds"}, 400: set()},
    ),
    "looks that breach, one after the other": (
        {**HEALTHY, **breaches("drift", "features", "0x59 1x59 2x59 3x59 4x59 0x6000")},
        {230: {"WatchDrift"}, 170: set(), 290: {"WatchDrift"}, 310: set()},
    ),
    "looks that breach once": (
        {
            **HEALTHY,
            **breaches("quality", "tenure", "0x59 1x59 0x6000"),
            **breaches("quality", "plan", "0x6000"),
            **breaches("prediction_drift", "predictions", "0x59 1x59 0x6000"),
            **breaches("performance", "auc", "0x59 1x59 0x6000"),
        },
        {50: set(), 110: {"WatchQuality", "WatchPredictionDrift", "WatchPerformance"}, 130: set()},
    ),
    "a monitor that falls silent, and looks again": (
        {**HEALTHY, LOOKED: f"0+60x599 36000x399 {1000 * 60}+60x4000"},
        {779: set(), 790: {"WatchSilent"}, 990: {"WatchSilent"}, 1010: set()},
    ),
    "a Pushgateway that is lost": (
        {**HEALTHY, LOOKED: "0+60x599 _x6000"},
        {700: set(), 900: {"WatchUnheard"}, 5000: {"WatchUnheard"}},
    ),
}


def groups(result: Any) -> dict[str, Any]:
    return {"groups": [g for rule in objects(result, "PrometheusRule").values() for g in rule["spec"]["groups"]]}


@pytest.mark.parametrize("case", CASES)
def test_alerts_fire_and_resolve(case: str, tmp_path: Path) -> None:
    fire(compiled(), *CASES[case], tmp_path)


def fire(result: Any, given: dict[str, str], wanted: dict[int, set[str]], folder: Path) -> None:
    """Assert that of series ``given``, a value each minute, those alerts fire at each minute that are ``wanted`` then."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(groups(result)))
    expected = [
        {
            "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
            "eval_time": f"{minute}m",
            "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(names)],
        }
        for minute, names in wanted.items()
    ]
    inputs = [{"series": name, "values": values} for name, values in given.items()]
    tests = [{"interval": "1m", "input_series": inputs, "promql_expr_test": expected}]
    (folder / "tests.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": tests}))
    done = subprocess.run(
        [tool("MLOPS_SPEC_PROMTOOL"), "test", "rules", folder / "tests.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_fires_in_some_case() -> None:
    named = {rule["alert"] for group in groups(compiled())["groups"] for rule in group["rules"] if "alert" in rule}
    assert {name for _, wanted in CASES.values() for names in wanted.values() for name in names} == named


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_prometheus_takes_the_rules_of_every_example(example: Path, tmp_path: Path) -> None:
    promtool = tool("MLOPS_SPEC_PROMTOOL")
    for path, text in example_of(example).tree.items():
        if "/prometheusrule-" in path:
            (tmp_path / "rules.yaml").write_text(yaml.safe_dump(yaml.safe_load(text)["spec"]))
            done = subprocess.run(
                [promtool, "check", "rules", tmp_path / "rules.yaml"], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, (path, done.stdout, done.stderr)


def test_text_of_the_spec_is_printed_as_it_is(tmp_path: Path) -> None:
    rules = {
        "groups": [
            {
                "name": "one",
                "rules": [
                    r for g in groups(braced())["groups"] for r in g["rules"] if r.get("alert") == "WatchThroughput"
                ],
            }
        ]
    }
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
    firing = {
        "alertname": "WatchThroughput", "eval_time": "20m",
        "exp_alerts": [{
            "exp_labels": {**rules["groups"][0]["rules"][0]["labels"]},
            "exp_annotations": {
                "summary": "churn: throughput is not > 1/s.", "value": "0",
                "description": "Asked for by {{x}}.yaml#monitors.watch.service.throughput in default.",
            },
        }],
    }  # fmt: skip
    tests = [{"interval": "1m", "input_series": [], "alert_rule_test": [firing]}]
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": tests}))
    command = [tool("MLOPS_SPEC_PROMTOOL"), "test", "rules", tmp_path / "tests.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def plain(config: dict[str, Any]) -> dict[str, Any]:
    """Write an AlertmanagerConfig as the operator does: other names for the same, secrets put in, a namespace matched."""
    namespace = config["metadata"]["namespace"]

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {_SNAKE.get(key, key): named(item) for key, item in value.items()}
        return [named(item) for item in value] if isinstance(value, list) else value

    def route(said: dict[str, Any]) -> dict[str, Any]:
        matchers = [f'{m["name"]}="{m["value"]}"' for m in said.get("matchers", ())]
        routes = [route(each) for each in said.get("routes", ())]
        rest = {key: value for key, value in said.items() if key not in ("matchers", "routes")}
        return {**named(rest), "matchers": matchers, **({"routes": routes} if routes else {})}

    def receiver(said: dict[str, Any]) -> dict[str, Any]:
        found = named(said)
        for kind in ("slack_configs", "pagerduty_configs", "webhook_configs"):
            for entry in found.get(kind, ()):
                for key in ("api_url", "routing_key", "url"):
                    if isinstance(entry.get(key), dict):
                        entry[key] = "https://secret.acme.example" if "url" in key else "secret"
        return found

    top = route(config["spec"]["route"])
    top["matchers"] = [f'namespace="{namespace}"']
    return {
        "global": {"smtp_smarthost": "mail.acme.example:25", "smtp_from": "alerts@acme.example"},
        "route": {"receiver": "Nobody", "routes": [{**top, "continue": True}]},
        "receivers": [receiver(each) for each in config["spec"]["receivers"]],
    }


_SNAKE = {
    "groupBy": "group_by", "groupWait": "group_wait", "groupInterval": "group_interval",
    "repeatInterval": "repeat_interval", "slackConfigs": "slack_configs", "emailConfigs": "email_configs",
    "pagerdutyConfigs": "pagerduty_configs", "webhookConfigs": "webhook_configs", "apiURL": "api_url",
    "routingKey": "routing_key", "urlSecret": "url", "sendResolved": "send_resolved",
}  # fmt: skip


@pytest.fixture
def routed(tmp_path: Path) -> Path:
    path = tmp_path / "alertmanager.yaml"
    path.write_text(yaml.safe_dump(plain(objects(compiled(), "AlertmanagerConfig")["notifications"])))
    return path


def test_alertmanager_takes_the_configuration(routed: Path) -> None:
    done = subprocess.run(
        [tool("MLOPS_SPEC_AMTOOL"), "check-config", routed], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "labels, receivers",
    [
        ({"monitor": "watch", "severity": "page"}, {"chat", "mail", "pager", "hook"}),
        ({"monitor": "watch", "severity": "ticket", "action": "retrain"}, {"chat", "mail", "pager", "hook", "retrain.train-retrain"}),
        ({"objective": "latency", "severity": "page"}, {"chat", "mail", "pager", "hook"}),
        ({"monitor": "other", "severity": "page"}, {"Nobody"}),
        ({"monitor": "watch", "severity": "page", "model": "other"}, {"Nobody"}),
        ({"monitor": "watch", "severity": "page", "namespace": "other"}, {"Nobody"}),
    ],
)  # fmt: skip
def test_alertmanager_tells_those_who_are_named(routed: Path, labels: dict[str, str], receivers: set[str]) -> None:
    assert who_is_told(routed, {"namespace": "x", "model": "churn", **labels}) == receivers


def who_is_told(configuration: Path, labels: dict[str, str]) -> set[str]:
    """Return the receivers that Alertmanager tells of an alert with these labels."""
    words = [f"{key}={value}" for key, value in labels.items()]
    done = subprocess.run(
        [tool("MLOPS_SPEC_AMTOOL"), "config", "routes", "test", f"--config.file={configuration}", *words],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.strip().split(","))
