from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from mlops_spec import assets
from mlops_spec.language import choices, editor
from mlops_spec.source import yaml

ROOT = Path(__file__).parent.parent.parent
PARTS = [p for p in sorted((ROOT / "examples").rglob("*mlops.yaml")) if "deploy" not in p.parts]


@pytest.fixture(scope="module")
def validator() -> Any:
    return jsonschema_rs.Draft202012Validator(json.loads(editor.derive()))


def read(text: bytes) -> Any:
    source, problems = yaml.read(text, "mlops.yaml")
    assert source is not None, problems
    return source.data


def test_the_choices_are_those_of_the_folder() -> None:
    assert (assets.SCHEMAS / choices.FILE).read_text(encoding="utf-8") == choices.derive(), (
        "run `python -m mlops_spec.language.editor`"
    )


def test_the_schema_that_is_checked_in_is_the_derived_one() -> None:
    assert (assets.SCHEMAS / editor.FILE).read_text(encoding="utf-8") == editor.derive(), (
        "run `python -m mlops_spec.language.editor`"
    )


@pytest.mark.parametrize("path", PARTS, ids=lambda p: p.parent.name + "-" + p.stem)
def test_every_file_of_an_example_is_taken_as_it_is_written(validator: Any, path: Path) -> None:
    assert [e.message for e in validator.iter_errors(read(path.read_bytes()))] == []


@pytest.mark.parametrize(
    "text, taken",
    [
        ("pipelines: {train: {timeout: '${{ variables.limit }}'}}", True),
        ("pipelines: {train: {retries: {limit: '${{ variables.limit }}'}}}", True),
        ("pipelines: {train: {timeout: 6 hours}}", False),
        ("pipelines: {train: {timout: 6h}}", False),
        ("pipelines: {train: {timeout: null}}", False),
        ("environments: {prod: {overrides: {pipelines: {train: {timeout: null}}}}}", True),
        ("environments: {prod: {overrides: {pipelines: {train: null}}}}", True),
        ("environments: {prod: {overrides: {models: {churn: {serving: {replicas: {min: 3}}}}}}}", True),
        ("environments: {prod: {overrides: {models: {churn: {serving: {replicas: {mni: 3}}}}}}}", False),
        ("environments: {prod: {overrides: {variables: {size: 3}}}}", False),
        ("platform: {orchestrator: {backend: kubeflow, service_acount: x}}", False),
        ("pipelines: {train: {steps: {fit: {compute: gpu}}}}", True),
    ],
)
def test_what_one_file_may_say_alone(validator: Any, text: str, taken: bool) -> None:
    assert validator.is_valid(read(text.encode())) is taken


def test_one_fetch_is_enough() -> None:
    assert {r for r in _references(json.loads(editor.derive())) if not r.startswith("#/$defs/")} == set()


def _references(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
        return own.union(*(_references(v) for v in schema.values()))
    return set().union(*(_references(v) for v in schema)) if isinstance(schema, list) else set()
