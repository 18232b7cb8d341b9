"""What a command imports: a start must not wait for what it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def imported(folder: Path, *arguments: str) -> set[str]:
    command = [sys.executable, "-X", "importtime", "-m", "mlops_spec", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def test_lint_imports_no_client_and_nothing_heavy(hello: Path) -> None:
    names = imported(hello, "lint", "mlops.yaml")
    heavy = {"mlflow", "kubernetes", "jsonschema", "referencing", "importlib.metadata", "rich", "ruamel.yaml", "ruamel"}
    assert "mlops_spec.compiler" in names
    assert not names & heavy


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_help_and_version_import_nothing_of_the_compiler(arguments: tuple[str, ...], tmp_path: Path) -> None:
    names = {name for name in imported(tmp_path, *arguments) if name.startswith("mlops_spec")}
    modules = ("exits", "group", "process")
    assert names == {"mlops_spec", "mlops_spec.cli", *(f"mlops_spec.cli.{module}" for module in modules)}
