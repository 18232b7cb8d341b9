"""What holds a new version back, decided by Prometheus itself: each check that a rollout's job is told."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.blueprint.test_rollouts import compiled, told_to
from tests.conformance.test_alerts import INFER, groups, steps, tool

pytestmark = pytest.mark.conformance

MINUTES = 120
BUSY, IDLE = steps((MINUTES, 600)), "0x120"
FAILING = steps((60, 0), (60, 60))
"""One request of ten, in the second hour."""

BEFORE, AFTER = 55, 110
MEASURED = ("error_rate", "latency_p95", "throughput")
ROLLED_BACK = "monitors.watch"


def server(version: str, asked: str, failed: str | None = None, slow: bool = False) -> dict[str, str]:
    """Return what the servers of a version write; without failures there is no such series yet."""
    who = f'namespace="x-dev", model="churn", version="{version}", path="{INFER}"'
    counts = {"0.1": IDLE if slow else asked, "0.5": asked, "+Inf": asked}
    found = {f'rest_server_request_duration_seconds_bucket{{{who}, le="{le}"}}': n for le, n in counts.items()}
    found[f'rest_server_requests_total{{{who}, status_code="200"}}'] = asked
    return {**found, **({f'rest_server_requests_total{{{who}, status_code="500"}}': failed} if failed else {})}


CASES: dict[str, tuple[dict[str, str], dict[int, set[str]]]] = {
    "all is well": ({**server("v6", BUSY), **server("v7", BUSY)}, {BEFORE: set(), AFTER: set()}),
    "the new version fails": (
        {**server("v6", BUSY), **server("v7", BUSY, FAILING)},
        {BEFORE: set(), AFTER: {"error_rate", ROLLED_BACK}},
    ),
    "the new version fails for a few": (
        {**server("v6", steps((MINUTES, 60000))), **server("v7", BUSY, FAILING)},
        {BEFORE: set(), AFTER: {"error_rate"}},
    ),
    "the version before fails": (
        {**server("v6", BUSY, FAILING), **server("v7", BUSY)},
        {BEFORE: set(), AFTER: {ROLLED_BACK}},
    ),
    "the new version is slow": (
        {**server("v6", BUSY), **server("v7", BUSY, slow=True)},
        {BEFORE: {"latency_p95"}, AFTER: {"latency_p95"}},
    ),
    "nobody asks the new version": (
        {**server("v6", BUSY), **server("v7", IDLE)},
        {BEFORE: {"throughput"}, AFTER: {"throughput"}},
    ),
}


REFUNDS = (
    '"sum(refunds)", require: "< 50", action: retrain',
    '"sum by (shop) (refunds)", require: "< 50", for: 10m, action: rollback',
)


def asked(expression: str, minute: int, samples: list[dict[str, Any]]) -> dict[str, Any]:
    return {"expr": expression, "eval_time": f"{minute}m", "exp_samples": samples}


def counted(check: dict[str, str], began: int) -> str:
    """Return what of a check's breach counts in a rollout that began at a minute, as its schema has it."""
    if "before" not in check:
        return check["breach"]
    return f"({check['breach']}) unless last_over_time(({check['before']})[1m:1m] @ {began * 60})"


def decided(folder: Path, result: Any, series: dict[str, str], expected: list[dict[str, Any]]) -> None:
    """Let Prometheus evaluate the rules over series, and compare what it answers."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(groups(result)))
    given = [{"series": name, "values": values} for name, values in series.items()]
    tests = [{"interval": "1m", "input_series": given, "promql_expr_test": expected}]
    (folder / "tests.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": tests}))
    command = [tool("MLOPS_SPEC_PROMTOOL"), "test", "rules", folder / "tests.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("case", CASES)
def test_a_breach_is_seen_on_the_new_version_and_by_a_monitor_s_alert(case: str, tmp_path: Path) -> None:
    result, (series, wanted) = compiled(), CASES[case]
    checks = {check["name"]: check for check in told_to(result)["checks"]}
    assert set(checks) == {*MEASURED, ROLLED_BACK}
    one = [{"labels": "{}", "value": 1}]
    expected = [
        asked(f"count({counted(check, BEFORE)})", minute, one if name in names else [])
        for minute, names in wanted.items()
        for name, check in checks.items()
    ]
    expected += [asked(f"count({checks[name]['query']})", AFTER, one) for name in MEASURED]
    decided(tmp_path, result, series, expected)


SHOPS: dict[str, tuple[dict[str, str], dict[int, int]]] = {
    # Rollouts that begin at a minute, each with how many alerts count in it at the minute AFTER.
    "there before": ({"a": "0x29 60x90"}, {20: 1, 29: 1, 31: 0, BEFORE: 0}),
    "waits to fire as it begins": ({"a": "0x53 60x66"}, {53: 1, BEFORE: 0}),
    "went and came again": ({"a": "0x29 60x40 0x9 60x40"}, {BEFORE: 0, 75: 1}),
    "went before": ({"a": "0x9 60x20 0x50 60x40"}, {BEFORE: 1}),
    "another one of the same name": ({"a": "0x29 60x90", "b": "0x69 60x50"}, {20: 2, BEFORE: 1, 75: 0}),
}


@pytest.mark.parametrize("case", SHOPS)
def test_an_alert_that_was_there_before_the_rollout_puts_nothing_back(case: str, tmp_path: Path) -> None:
    result, (shops, rollouts) = compiled(REFUNDS), SHOPS[case]
    (check,) = (check for check in told_to(result)["checks"] if check["name"] == ROLLED_BACK)
    asked_of = {began: f"count({counted(check, began)}) or vector(0)" for began in rollouts}
    expected = [asked(asked_of[began], AFTER, [{"labels": "{}", "value": n}]) for began, n in rollouts.items()]
    series = {**server("v6", BUSY), **server("v7", BUSY)}
    decided(tmp_path, result, {**series, **{f'refunds{{shop="{shop}"}}': n for shop, n in shops.items()}}, expected)
