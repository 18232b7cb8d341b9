"""What a command imports: a start must not wait for what it does not need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

START = {"mlops_spec", "mlops_spec.cli", *(f"mlops_spec.cli.{module}" for module in ("exits", "group", "process"))}
CLIENTS = {"mlflow", "kubernetes"}
HEAVY = {"jsonschema", "referencing", "ruamel", "ruamel.yaml", "rich", "importlib.metadata", "dataclasses", "logging"}
FOR_A_COLD_START = {"mlops_spec.render.generator", "mlops_spec.render.syntax", "mlops_spec.render.layout"}
FOR_A_CRD = {"mlops_spec.verify.schemas"}
FOR_A_MISSPELT_NAME = {"difflib"}
FOR_AN_EDIT = {"mlops_spec.source.edit", "mlops_spec.lint.editing"}


def imported(folder: Path, *arguments: str, **variables: str) -> set[str]:
    command = [sys.executable, "-X", "importtime", "-m", "mlops_spec", *arguments]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def ours(names: set[str]) -> set[str]:
    return {name for name in names if name.startswith("mlops_spec")}


def rooms(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in ours(names) if "." in name}


def test_lint_imports_no_client_and_nothing_heavy(hello: Path, tmp_path: Path) -> None:
    first, second = (imported(hello, "lint", "mlops.yaml", XDG_CACHE_HOME=str(tmp_path)) for _ in range(2))
    assert "mlops_spec.compiler" in first
    assert first >= FOR_A_COLD_START
    assert not first & (CLIENTS | HEAVY | FOR_A_CRD | FOR_A_MISSPELT_NAME | FOR_AN_EDIT)
    assert first - second >= FOR_A_COLD_START


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_help_and_version_import_nothing_of_the_compiler(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert ours(imported(tmp_path, *arguments)) == START


@pytest.mark.parametrize("command", ["lint", "render", "show", "completion"])
def test_the_help_of_a_command_imports_nothing_of_the_compiler(command: str, tmp_path: Path) -> None:
    assert rooms(imported(tmp_path, command, "--help")) <= {"cli", "report", "diagnostic"}


def test_a_shell_that_completes_a_command_waits_for_nothing_of_the_compiler(tmp_path: Path) -> None:
    asked = {"_MLOPS_SPEC_COMPLETE": "bash_complete", "COMP_WORDS": "mlops-spec li", "COMP_CWORD": "1"}
    assert rooms(imported(tmp_path, **asked)) <= {"cli", "report", "diagnostic"}
    assert rooms(imported(tmp_path, "completion", "bash")) <= {"cli", "diagnostic"}
