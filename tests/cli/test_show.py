"""``mlops-spec show``: resources, and values with those who set them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml


def line(text: str, key: str) -> str:
    (found,) = [line.strip() for line in text.splitlines() if line.strip().startswith(f"{key}:")]
    return found


def test_a_value_has_the_place_that_sets_it_and_those_below(churn: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("show", "--resolved", "--env", "prod", "models.churn.serving.replicas")
    assert (code, err) == (0, "")
    over = next(n for n, text in enumerate((churn / "mlops.yaml").read_text().splitlines(), 1) if "max: 20" in text)
    below = next(n for n, text in enumerate((churn / "mlops.yaml").read_text().splitlines(), 1) if "max: 4}" in text)
    told = line(out, "max")
    assert told.startswith("max: 20  ")
    assert f"# mlops.yaml:{over}:" in told
    assert f"(overrides of prod), over mlops.yaml:{below}:" in told


def test_a_value_of_a_placeholder_names_where_it_comes_from(churn: Path, mlops: Callable[..., Any]) -> None:
    _, out, _ = mlops("show", "--resolved", "--env", "prod", "pipelines.train.steps.fit.compute")
    assert out.startswith("pipelines:\n  train:\n    steps:\n      fit:\n        compute: gpu")
    assert "; its value from mlops.yaml:" in out


def test_a_default_is_called_one(hello: Path, mlops: Callable[..., Any]) -> None:
    _, out, _ = mlops("show", "--resolved", "platform.delivery")
    assert line(out, "path") == "path: deploy".ljust(line(out, "path").index("#")) + "# default"


def test_what_is_printed_is_yaml_of_the_values(churn: Path, mlops: Callable[..., Any]) -> None:
    _, out, _ = mlops("show", "--resolved", "--env", "prod")
    tree = yaml.safe_load(out)
    assert tree["models"]["churn"]["serving"]["rollout"]["steps"][0] == {"weight": 10, "pause": "10m"}
    assert tree["pipelines"]["train"]["steps"]["by-region"]["foreach"] == {"region": ["eu", "us"]}
    assert tree["project"]["labels"] == {"cost-center": "4711"}


def test_json_has_the_value_and_its_history_by_address(churn: Path, mlops: Callable[..., Any]) -> None:
    _, out, _ = mlops("show", "--resolved", "--env", "prod", "--format", "json", "models.churn.serving.replicas")
    found = json.loads(out)
    assert set(found) == {"models.churn.serving.replicas.min", "models.churn.serving.replicas.max"}
    value = found["models.churn.serving.replicas.max"]
    assert value["value"] == 20
    assert [entry["layer"] for entry in value["history"]] == ["mlops.yaml (overrides of prod)", "mlops.yaml"]


def test_an_environment_must_be_named_where_there_are_several(churn: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("show", "--resolved")
    assert (code, out) == (2, "")
    assert "choose one: --env dev | staging | prod" in err


def test_an_address_that_is_not_there_offers_the_nearest(churn: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("show", "--resolved", "--env", "prod", "models.churn.servin")
    assert (code, out) == (2, "")
    assert "MS193 models.churn has no `servin`\nhelp: did you mean serving?" in err
    assert mlops("show", "models.chrun").code == 2


def test_values_are_shown_also_of_a_spec_with_errors(hello: Path, mlops: Callable[..., Any]) -> None:
    spec = hello / "mlops.yaml"
    spec.write_text(spec.read_text().replace("timeout: 6h", "timeout: soon"))
    code, out, err = mlops("show", "--resolved", "pipelines.train.timeout")
    assert code == 1
    assert "timeout: soon" in out
    assert "error MS104" in err


def test_resources_are_listed_with_the_environments_that_have_them(churn: Path, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("show")
    assert (code, err) == (0, "")
    rows = {row.split()[0]: row.split()[1:] for row in out.splitlines()}
    assert rows["ADDRESS"] == ["DEFINED", "AT", "dev", "staging", "prod"]
    assert rows["pipelines.train.steps.fit"][1:] == ["yes", "yes", "yes"]
    assert rows["monitors.churn-quality"] == ["monitors.mlops.yaml:3:3", "-", "yes", "yes"]
    assert list(rows).index("datasets.customers") < list(rows).index("pipelines.train")


def test_resources_below_an_address_alone(churn: Path, mlops: Callable[..., Any]) -> None:
    _, out, _ = mlops("show", "models")
    assert [row.split()[0] for row in out.splitlines()] == ["ADDRESS", "models.churn"]
    _, out, _ = mlops("show", "models", "--format", "json")
    found = json.loads(out)
    assert found["resources"]["models.churn"]["environments"] == {"dev": "yes", "staging": "yes", "prod": "yes"}
