"""The hooks for pre-commit, run as it runs them: by their entries, in a repository, with the arguments that it adds."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
SPEC = "apiVersion: mlops-spec/v1\nproject: {name: churn}\n"


def run(hook: dict[str, Any], at: Path, *arguments: str) -> tuple[int, str]:
    program, *words = shlex.split(hook["entry"])
    assert program == "mlops-spec"
    command = [sys.executable, "-m", "mlops_spec", *words, *arguments]
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
@pytest.mark.parametrize("folder", [".", "specs/churn"])
def test_a_hook_takes_what_is_right_and_stops_what_is_not(hook: dict[str, Any], folder: str, tmp_path: Path) -> None:
    arguments = [] if folder == "." else [folder]
    spec = tmp_path / folder / "mlops.yaml"
    spec.parent.mkdir(parents=True, exist_ok=True)
    spec.write_text(SPEC)
    code, printed = run(hook, tmp_path, *arguments)
    assert code == 0, printed
    spec.write_text(SPEC.replace("{name: churn}", "{name: 'churn', wrong:    1}"))
    code, printed = run(hook, tmp_path, *arguments)
    assert code == 1
    assert "mlops.yaml" in printed
    assert spec.read_text() != SPEC


def test_hooks_are_installed_of_this_package_and_see_the_whole_spec() -> None:
    assert {hook["id"] for hook in HOOKS} == {"mlops-spec-fmt", "mlops-spec-lint"}
    assert {(hook["language"], hook["pass_filenames"]) for hook in HOOKS} == {("python", False)}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_of_many_specs_a_hook_can_take_those_that_a_commit_touches(hook: dict[str, Any], tmp_path: Path) -> None:
    arguments = ["**", "--since", "HEAD"] if hook["id"].endswith("lint") else ["**"]
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mlops.yaml").write_text(SPEC)
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example"]
    subprocess.run(["git", "-C", tmp_path, "add", "-A"], check=True)
    subprocess.run(["git", "-C", tmp_path, *author, "commit", "-qm", "Specs"], check=True)
    assert run(hook, tmp_path, *arguments)[0] == 0
    (tmp_path / "b" / "mlops.yaml").write_text(SPEC.replace("{name: churn}", "{name: 'churn', wrong:    1}"))
    code, printed = run(hook, tmp_path, *arguments)
    assert code == 1
    assert "b/mlops.yaml" in printed
    assert "a/mlops.yaml" not in printed
