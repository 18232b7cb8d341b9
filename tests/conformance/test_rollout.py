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


def asked(expression: str, minute: int, samples: list[dict[str, Any]]) -> dict[str, Any]:
    return {"expr": expression, "eval_time": f"{minute}m", "exp_samples": samples}


@pytest.mark.parametrize("case", CASES)
def test_a_breach_is_seen_on_the_new_version_and_by_a_monitor_s_alert(case: str, tmp_path: Path) -> None:
    promtool, (series, wanted) = tool("MLOPS_SPEC_PROMTOOL"), CASES[case]
    result = compiled()
    checks = {check["name"]: check for check in told_to(result)["checks"]}
    assert set(checks) == {*MEASURED, ROLLED_BACK}
    one = [{"labels": "{}", "value": 1}]
    expected = [
        asked(f"count({check['breach']})", minute, one if name in names else [])
        for minute, names in wanted.items()
        for name, check in checks.items()
    ]
    expected += [asked(f"count({checks[name]['query']})", AFTER, one) for name in MEASURED]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(groups(result)))
    given = [{"series": name, "values": values} for name, values in series.items()]
    tests = [{"interval": "1m", "input_series": given, "promql_expr_test": expected}]
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": tests}))
    done = subprocess.run(
        [promtool, "test", "rules", tmp_path / "tests.yaml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
