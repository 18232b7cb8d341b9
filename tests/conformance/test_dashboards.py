"""Grafana's own types take every dashboard, and Prometheus every question that one asks, with an answer."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.blueprint.test_alerts import objects
from tests.blueprint.test_dashboards import canary, expressions, model, panels
from tests.blueprint.test_watched_panels import shown as watched
from tests.conformance.test_alerts import INFER, MINUTES, groups, tool
from tests.golden_trees import EXAMPLES, compiled

pytestmark = pytest.mark.conformance
HERE = Path(__file__).parent


def shown(result: Any) -> Iterator[str]:
    for document in objects(result, "GrafanaDashboard").values():
        yield document["spec"]["json"]


@pytest.fixture
def types_refuse(tmp_path: Path) -> Any:
    """Hold models of dashboards, given as text, to Grafana's types; return what the compiler says."""
    tsc = Path(tool("MLOPS_SPEC_TSC"))
    (tmp_path / "node_modules").symlink_to(tsc.parents[1])
    (tmp_path / "dashboard.ts").write_text((HERE / "node" / "dashboard.ts").read_text())
    options = {
        "strict": True, "noEmit": True, "skipLibCheck": True, "types": [], "target": "es2022", "module": "esnext",
        "moduleResolution": "bundler",
    }  # fmt: skip
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["shown.ts"]}))

    def types_refuse(*models: str) -> str:
        listed = ",\n".join(models)
        text = f'import type {{ Grafana }} from "./dashboard";\nexport const shown: Grafana[] = [\n{listed}\n];\n'
        (tmp_path / "shown.ts").write_text(text)
        done = subprocess.run([tsc, "-p", tmp_path], capture_output=True, text=True, check=False)
        assert bool(done.returncode) == bool(done.stdout)
        return done.stdout

    return types_refuse


def test_grafana_s_types_take_every_example(types_refuse: Any) -> None:
    models = [text for example in EXAMPLES for text in shown(compiled(example))]
    assert models
    assert types_refuse(*models, *shown(canary()), *shown(watched())) == ""


@pytest.mark.parametrize("right, wrong", [
    ('"textMode": "value"', '"textMode": "valu"'), ('"cellGap": 1', '"cellGapp": 1'), ('"hide": 0', '"hide": 9'),
    ('"drawStyle": "line"', '"drawStyle": "lin"'), ('"type": "heatmap"', '"type": "heatmp"'), ('"h": 8', '"h": "8"'),
    ('"schemaVersion": 42,', ""), ('"mode": "dashed"', '"mode": "dashe"'), ('"noValue"', '"noValu"'),
])  # fmt: skip
def test_grafana_s_types_refuse_what_is_wrong(types_refuse: Any, right: str, wrong: str) -> None:
    (text,) = shown(canary())
    assert right in text
    assert types_refuse(text.replace(right, wrong))


def test_the_schema_s_version_is_the_current_one(types_refuse: Any) -> None:
    package = Path(tool("MLOPS_SPEC_TSC")).parents[1] / "@grafana" / "schema"
    (current,) = package.glob("dist/esm/raw/dashboard/x/types.gen.mjs")
    assert f"schemaVersion: {model(canary())['schemaVersion']}," in current.read_text()


def asked(version: str, weight: float, failing: float, name: str = "churn") -> dict[str, str]:
    """Return what the servers of a version write that get so many requests a minute, of which so many fail."""
    who = f'namespace="x", model="{name}", version="{version}", path="{INFER}"'
    requests, seconds = "rest_server_requests_total", "rest_server_request_duration_seconds"
    found = {f'{requests}{{{who}, status_code="200"}}': f"0+{weight - failing}x{MINUTES}"}
    found[f'{requests}{{{who}, status_code="500"}}'] = f"0+{failing}x{MINUTES}"
    for bound in ("0.025", "0.25", "0.5", "+Inf"):
        found[f'{seconds}_bucket{{{who}, le="{bound}"}}'] = f"0+{weight}x{MINUTES}"
    found[f"{seconds}_count{{{who}}}"] = f"0+{weight}x{MINUTES}"
    return found


SERIES = {
    **asked("v6", 1800, 0.9), **asked("v7", 200, 0.1), **asked("v8", 100, 0, "churn-shadow"), "refunds_total": f"0x{MINUTES}",
}  # fmt: skip


BY = 'namespace="x", model="churn", monitor="watch"'
LOOKS = {
    "last_look_timestamp_seconds": {"": "0+60x6000"}, "rows": {"": "500x6000"}, "drift_share_ratio": {"": "0.5x6000"},
    "drift_score": {'column="plan"': "0.3x6000", 'column="tenure"': "0.1x6000"},
    "prediction_drift_score": {"": "0.05x6000"}, "nulls_ratio": {'column="tenure"': "0x6000"},
    "out_of_range_ratio": {'column="tenure"': "0x6000"}, "new_categories_ratio": {'column="plan"': "0x6000"},
    "performance": {'metric="auc"': "0.8x6000"},
    "predictions_ratio": {'category="0"': "0.7x6000", 'category="1"': "0.3x6000"},
    "breaches_in_a_row": {
        'condition="drift", subject="plan"': "4x6000", 'condition="quality", subject="tenure"': "0x6000",
    },
}  # fmt: skip
WATCHED = {
    f"mlops_monitor_{name}{{{', '.join(filter(None, (BY, labels)))}}}": values
    for name, found in LOOKS.items()
    for labels, values in found.items()
}
"""What the job of a monitor leaves that looks every minute."""


def evaluated(tmp_path: Path, series: dict[str, str], tests: list[dict[str, Any]], rules: Any) -> str:
    """Let Prometheus answer questions about series; return what differs from the answers that are expected."""
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
    given = [{"series": name, "values": values} for name, values in series.items()]
    document = {"interval": "1m", "input_series": given, "promql_expr_test": tests}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": [document]}))
    done = subprocess.run(
        [tool("MLOPS_SPEC_PROMTOOL"), "test", "rules", tmp_path / "tests.yaml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr


def answer(expression: str, minute: int, **samples: float) -> dict[str, Any]:
    found = [
        {"labels": f'{{version="{key}"}}' if key != "_" else "{}", "value": value} for key, value in samples.items()
    ]
    return {"expr": expression, "eval_time": f"{minute}m", "exp_samples": found}


@pytest.mark.parametrize("compiled_", [canary, watched], ids=["canary", "watched"])
def test_every_panel_has_an_answer(compiled_: Any, tmp_path: Path) -> None:
    result = compiled_()
    asking = [target["expr"] for panel in panels(model(result)).values() for target in panel["targets"]]
    tests = [answer(f"count({expression}) > bool 0", 5000, _=1) for expression in asking]
    assert evaluated(tmp_path, {**SERIES, **WATCHED}, tests, groups(result)) == ""


def test_the_answers_are_the_numbers_that_the_panels_name(tmp_path: Path) -> None:
    found = panels(model(canary()))

    def query(title: str, index: int = 0) -> str:
        return str(found[title]["targets"][index]["expr"])

    tests = [
        answer(f"round({query('Requests by version')}, 0.001)", 5000, v6=30, v7=3.333),
        answer(f"round({query('Share of requests')}, 0.001)", 5000, v6=0.9, v7=0.1),
        answer(query("Share of requests", 1), 5000, v6=0.9, v7=0.1),
        answer(f"round({query('Errors')}, 0.0001)", 5000, _=0.0005),
        answer(f"round({query('Budget: availability')}, 0.001)", 5000, _=0.5),
        answer(f"round({query('Use of the budget: availability')}, 0.001)", 5000, _=0.5),
        answer(query("Alerts"), 5000, _=0),
    ]
    assert evaluated(tmp_path, SERIES, tests, groups(canary())) == ""


def test_the_answers_of_a_monitor_are_the_numbers_that_its_panels_name(tmp_path: Path) -> None:
    found = panels(model(watched()))

    def asked_of(title: str, **samples: float) -> dict[str, Any]:
        (target,) = found[title]["targets"]
        said = answer(target["expr"], 5000, **samples)
        label = target["legendFormat"].strip("{}")
        renamed = [{**s, "labels": s["labels"].replace("version=", f"{label}=")} for s in said["exp_samples"]]
        return {**said, "exp_samples": renamed}

    tests = [
        asked_of("Last look", _=0), asked_of("Rows", _=500), asked_of("Columns that have moved", _=0.5),
        asked_of("Breached", _=1), asked_of("Drift by column", plan=0.3, tenure=0.1),
        asked_of("Predictions", **{"0": 0.7, "1": 0.3}),
    ]  # fmt: skip
    assert evaluated(tmp_path, WATCHED, tests, {"groups": []}) == ""


def test_a_step_of_a_rollout_is_marked_and_so_is_its_way_back(tmp_path: Path) -> None:
    """The lock moves after an hour, and back after another quarter."""
    (begun, _) = (mark["expr"] for mark in model(canary())["annotations"]["list"])
    kept = 'mlops_serving_weight_ratio{namespace="x", model="churn", '
    series = {
        kept + 'version="v6", weight="100%"}': "1+0x59 stale _x14 1+0x60",
        kept + 'version="v6", weight="90%"}': "_x60 0.9+0x14 stale",
        kept + 'version="v7", weight="10%"}': "_x60 0.1+0x14 stale",
    }
    tests = [
        answer(f"count({begun})", minute, **({"_": count} if count else {}))
        for minute, count in ((1, 1), (50, 0), (61, 2), (70, 0), (76, 1), (90, 0))
    ]
    assert evaluated(tmp_path, series, tests, {"groups": []}) == ""


def test_an_alert_that_fires_is_marked(tmp_path: Path) -> None:
    _, firing = (mark["expr"] for mark in model(canary())["annotations"]["list"])
    tests = [{"expr": firing, "eval_time": "60m", "exp_samples": [
        {"labels": '{alertname="WatchThroughput", severity="page"}', "value": 1}
    ]}]  # fmt: skip
    assert evaluated(tmp_path, {"up": "1x60"}, tests, groups(canary())) == ""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_prometheus_reads_every_question_of_every_example(example: Path, tmp_path: Path) -> None:
    result = compiled(example)
    asking = [text for document in shown(result) for text in expressions(json.loads(document))]
    rules = [{"record": f"question_{index}", "expr": expression} for index, expression in enumerate(asking)]
    path = tmp_path / "questions.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "questions", "rules": rules}] if rules else []}))
    done = subprocess.run([tool("MLOPS_SPEC_PROMTOOL"), "check", "rules", path], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert bool(asking) == (example.name == "churn")
