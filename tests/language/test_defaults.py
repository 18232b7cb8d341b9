from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.language.defaults import LAYER, fill
from mlops_spec.language.schema import check
from mlops_spec.source import yaml
from mlops_spec.source.tree import Map, find, mark, walk

HEAD = "apiVersion: mlops-spec/v1\nproject: {name: churn}\n"
GOOD = sorted((Path(__file__).parent.parent / "schemas" / "cases" / "good").glob("*.yaml"))


def read(text: str) -> Map:
    source, problems = yaml.read(text.encode(), "mlops.yaml")
    assert source is not None, problems
    return source.data


def test_a_spec_without_a_platform_has_the_default_stack() -> None:
    platform = fill(read(HEAD))["platform"]
    assert {name: choice["backend"] for name, choice in platform.items()} == {
        "tracking": "mlflow",
        "registry": "mlflow",
        "orchestrator": "argo",
        "features": "feast",
        "serving": "kserve",
        "gateway": "gateway-api",
        "rollout": "git",
        "batch": "spark",
        "monitoring": "evidently",
        "metrics": "prometheus",
        "dashboards": "grafana",
        "secrets": "external-secrets",
        "delivery": "argocd",
        "ci": "github",
    }
    assert platform["orchestrator"] == {"backend": "argo", "service_account": "pipelines", "events": True}
    assert platform["delivery"] == {
        "backend": "argocd",
        "namespace": "argocd",
        "project": "default",
        "create_project": False,
        "path": "deploy",
        "branch": "main",
    }


def test_options_get_the_defaults_of_the_backend_that_is_chosen() -> None:
    filled = fill(read(HEAD + "platform: {orchestrator: {backend: airflow, folder: jobs}}\n"))
    assert filled["platform"]["orchestrator"] == {
        "backend": "airflow",
        "folder": "jobs",
        "delivery": "configmap",
        "service_account": "pipelines",
    }


def test_what_has_no_default_stays_absent() -> None:
    tracking = fill(read(HEAD))["platform"]["tracking"]
    assert "uri" not in tracking
    assert "artifacts" not in fill(read(HEAD))["platform"]


def test_a_default_stands_at_the_key_that_lacks_it() -> None:
    filled = fill(read(HEAD + "environments:\n  dev: {}\n"))
    found = mark(filled, ("environments", "dev", "protected"))
    assert found is not None
    assert (found.layer, found.key.line) == (LAYER, 4)


def test_a_cron_line_is_short_for_a_schedule_and_keeps_its_place() -> None:
    filled = fill(read(HEAD + 'models:\n  churn:\n    batch: {schedule: "0 5 * * *", input: a, output: "s3://b/c"}\n'))
    assert find(filled, ("models", "churn", "batch", "schedule")) == {"cron": "0 5 * * *", "timezone": "UTC"}
    found = mark(filled, ("models", "churn", "batch", "schedule", "cron"))
    assert found is not None
    assert (found.layer, found.value.line, found.value.column) == ("mlops.yaml", 5, 23)


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_filled_data_are_valid_whole_and_filled_for_good(path: Path) -> None:
    schema = "lock" if path.name.startswith("lock-") else "spec"
    data = read(path.read_text())
    before: Any = copy.deepcopy(json.loads(json.dumps(data)))
    filled = fill(data, schema)
    assert data == before
    assert check(filled, schema) == []
    assert fill(filled, schema) == filled
    assert all(found is not None for _, _, found in walk(filled))
