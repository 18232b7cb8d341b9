"""What every program has: a configuration that its schema allows, one line that says what was done, and an exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from mlops_spec import assets
from mlops_spec.runtime.command import PROGRAMS, main
from mlops_spec.runtime.configuration import read, schema
from tests.golden_trees import EXAMPLES, compiled
from tests.yaml_readers import read_by_libyaml

ELSEWHERE = {"step", "gather", "launch", "score", "submit"}
"""What Argo Workflows needs none of, and what reads a file (tests/blueprint/test_batch.py)."""


def called(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def said(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def containers(value: Any) -> list[list[str]]:
    """Return the commands of all containers below a value."""
    if isinstance(value, list):
        return [command for item in value for command in containers(item)]
    if not isinstance(value, dict):
        return []
    own = [value["command"]] if isinstance(value.get("command"), list) else []
    return own + [command for item in value.values() for command in containers(item)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_what_is_rendered_is_what_the_programs_read(example: Path) -> None:
    called_programs = set()
    documents = [read_by_libyaml(text) for path, text in compiled(example).tree.items() if path.endswith(".yaml")]
    mounted = {name: text for d in documents if d.get("kind") == "ConfigMap" for name, text in d["data"].items()}
    for command in (command for document in documents for command in containers(document)):
        if command[0] == "mlops-spec-runtime" and command[1] in PROGRAMS:
            called_programs.add(command[1])
            text = mounted[Path(command[3]).name] if command[2] == "--config" else command[2]
            jsonschema.Draft202012Validator(schema(command[1])).validate(read(command[1], text))
    assert called_programs == (set(PROGRAMS) - ELSEWHERE if example.name == "churn" else set())


def test_every_program_has_a_schema_and_a_place_in_the_help() -> None:
    assert all((assets.SCHEMAS / "runtime" / f"{name}.schema.json").is_file() for name in PROGRAMS)
    text = called("--help").stdout
    assert all(name in text for name in PROGRAMS)


@pytest.mark.parametrize("words, code, message", [
    (("gate", "{"), 3, "the configuration is no JSON"),
    (("gate", "{}"), 3, "require"),
    (("gate", '{"require": {"auc": "good"}}'), 3, "require/auc: "),
    (("gate", '{"require": {"auc": "> 1"}}'), 1, "MLOPS_INPUT_METRICS is not set"),
    (("sync", "a: [b"), 3, "the configuration is no YAML: while parsing a flow sequence"),
    (("sync", "project: 2001-02-03"), 3, "date is not JSON"),
    (("sync", "{project: a, environment: dev, experiments: {}, registered_models: {}}"), 1, "MLFLOW_TRACKING_URI is not set"),
    (("gate", "--config", "absent.json"), 1, "absent.json"),
])  # fmt: skip
def test_what_goes_wrong_is_said_in_one_line(words: tuple[str, ...], code: int, message: str) -> None:
    result = called(*words)
    assert result.exit_code == code
    assert len(result.stdout.splitlines()) == 1
    assert message in said(result)["error"]


def test_a_configuration_is_needed() -> None:
    result = called("gate")
    assert result.exit_code == 2
    assert "--config FILE" in result.output
