"""``mlops-spec completion``: the printed script in a real bash, and what it is answered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.cli.group import COMMANDS
from mlops_spec.language.layers import RESOURCES

# What a shell does at a tab: fill in the line's words, call the function that was registered, read COMPREPLY.
TAB = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_mlops_spec_completion mlops-spec "${COMP_WORDS[COMP_CWORD]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
Tab = Callable[..., list[str]]


@pytest.fixture
def tab(tmp_path: Path, mlops: Callable[..., Any]) -> Tab:
    """Press tab in a real bash behind the words given, with the script sourced and the command on the path."""
    command = tmp_path / "bin" / "mlops-spec"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mlops_spec "$@"\n')
    command.chmod(0o755)
    script = tmp_path / "completion.bash"
    ran = mlops("completion", "bash")
    assert (ran.code, ran.err) == (0, "")
    script.write_text(ran.out)
    (tmp_path / "tab.bash").write_text(TAB)
    bash = shutil.which("bash") or "bash"
    variables = {
        **os.environ,
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }

    def press(*words: str) -> list[str]:
        line = [bash, "--norc", str(tmp_path / "tab.bash"), str(script), "mlops-spec", *words]
        done = subprocess.run(line, env=variables, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.split()

    return press


def test_bash_completes_commands_and_options(here: Path, tab: Tab) -> None:
    assert tab("") == list(COMMANDS)
    assert tab("re") == ["render"]
    assert tab("render", "--o") == ["--out"]
    assert tab("lint", "--format", "s") == ["sarif"]


def test_bash_completes_the_environments_of_the_spec(churn: Path, tab: Tab) -> None:
    assert tab("lint", "--env", "") == ["dev", "staging", "prod"]
    assert tab("render", "mlops.yaml", "--env", "s") == ["staging"]
    assert tab("show", "--resolved", "--env", "p") == ["prod"]
    assert tab("rollout", "advance", "--env", "p") == ["prod"]
    assert tab("rollout", "status", "c") == ["churn"]
    assert tab("lock", "--upgrade", "") == ["churn", "train"]
    assert tab("lock", "--env", "p") == ["prod"]


def test_bash_completes_addresses_one_name_at_a_time(churn: Path, tab: Tab) -> None:
    assert tab("show", "mod") == ["models"]
    assert tab("explain", "pipelines.train.steps.f") == ["pipelines.train.steps.fit"]
    assert set(tab("show", "")) <= set(RESOURCES)


def test_bash_completes_for_the_spec_that_the_line_names(
    churn: Path, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(churn.parent)
    assert tab("lint", churn.name, "--env", "s") == ["staging"]
    assert tab("explain", "--spec", churn.name, "models.ch") == ["models.churn"]
    assert tab("show", churn.name, "models.ch") == ["models.churn"]


@pytest.mark.parametrize("spec", [None, "models: [", "apiVersion: mlops-spec/v1\nenvironments: 3\n"])
def test_where_nothing_is_known_nothing_is_said(spec: str | None, here: Path, tab: Tab) -> None:
    if spec is not None:
        (here / "mlops.yaml").write_text(spec)
    assert tab("lint", "--env", "") == []
    assert tab("nothing", "") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_every_shell_has_its_script(shell: str, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("completion", shell)
    assert (code, err) == (0, "")
    assert f"_MLOPS_SPEC_COMPLETE={shell}_complete" in out


def test_an_answer_has_the_form_of_the_shell_that_asks(churn: Path, process: Callable[..., Any]) -> None:
    done = process(
        cwd=churn, _MLOPS_SPEC_COMPLETE="fish_complete", COMP_WORDS="mlops-spec lint --env s", COMP_CWORD="s"
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.replace(b",", b"\n").split() == [b"plain", b"staging"]


def test_another_shell_is_a_usage_error_that_lists_those_there_are(mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("completion", "powershell")
    assert (code, out) == (2, "")
    assert "'bash', 'zsh', 'fish'" in err
