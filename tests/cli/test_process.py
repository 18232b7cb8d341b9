"""How a command ends: what a signal, a closed pipe, a full disk or a bug of ours makes of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from mlops_spec import __version__
from mlops_spec.cli.group import COMMANDS

STOPPED = """
import os, signal, sys, time
from types import SimpleNamespace
import click
from mlops_spec.cli import main

@click.command()
def command():
    os.kill(os.getpid(), signal.{signal})
    time.sleep(60)

sys.modules["mlops_spec.cli.lint"] = SimpleNamespace(command=command)
sys.argv = ["mlops-spec", "lint"]
main()
"""


def command_that(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    @click.command()
    def command() -> None:
        raise problem

    monkeypatch.setitem(sys.modules, "mlops_spec.cli.lint", SimpleNamespace(command=command))


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_every_command_and_teaches_by_example(option: str, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops(option)
    assert (code, err) == (0, "")
    assert all(f"  {name} " in out for name in COMMANDS)
    assert "mlops-spec render --out deploy" in out


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_has_help_with_an_example(name: str, option: str, mlops: Callable[..., Any]) -> None:
    code, out, err = mlops(name, option)
    assert (code, err) == (0, "")
    assert f"Examples:\n    mlops-spec {name}" in out


def test_the_version_is_printed(mlops: Callable[..., Any]) -> None:
    assert mlops("--version") == (0, f"mlops-spec, version {__version__}\n", "")


def test_a_misspelt_command_is_a_usage_error_that_offers_the_right_one(mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("rendr")
    assert (code, out) == (2, "")
    assert "there is no command rendr; did you mean render?" in err


def test_a_misspelt_option_is_a_usage_error(mlops: Callable[..., Any]) -> None:
    code, out, err = mlops("lint", "--formt", "json")
    assert (code, out) == (2, "")
    assert "--format" in err


@pytest.mark.parametrize("signal, code", [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_a_command_quietly(signal: str, code: int) -> None:
    text = STOPPED.format(signal=signal)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


def test_a_pipe_that_closes_ends_a_command_quietly(hello: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "mlops_spec", "show"]
    done = subprocess.run(command, cwd=hello, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_process_that_starts_without_an_output_does_its_work_all_the_same(hello: Path) -> None:
    command = ["sh", "-c", 'exec "$0" -m mlops_spec show >&-', sys.executable]
    done = subprocess.run(command, cwd=hello, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_behind_the_output_is_said(hello: Path) -> None:
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "mlops_spec", "show"]
        done = subprocess.run(command, cwd=hello, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 5
    assert done.stderr == b"error: the output cannot be written: No space left on device\n"


def test_a_bug_of_ours_asks_for_a_report_without_a_trace(
    mlops: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    command_that(monkeypatch, KeyError("a value of the spec"))
    code, out, err = mlops("lint")
    assert (code, out) == (70, "")
    assert "this is a bug in mlops-spec (KeyError at " in err
    assert "please report it to the maintainers of mlops-spec, with the spec if you may share it" in err
    assert "Traceback" not in err
    assert "a value of the spec" not in err


def test_debug_prints_the_trace_of_a_bug(mlops: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    command_that(monkeypatch, KeyError("here"))
    code, out, err = mlops("lint", "--debug")
    assert (code, out) == (70, "")
    assert "Traceback" in err
    assert "KeyError: 'here'" in err


def test_a_missing_extra_is_one_line_that_names_it(mlops: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    command_that(monkeypatch, ModuleNotFoundError("No module named 'mlflow'", name="mlflow"))
    line = "error: this needs mlflow, which is not installed: pip install 'mlops-spec[mlflow]'\n"
    assert mlops("lint") == (2, "", line)
