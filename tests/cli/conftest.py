"""What tests of commands share: a folder with a spec, and the command run in it as a process would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from mlops_spec.cli.process import run
from tests import kept_templates

EXAMPLES = Path(__file__).parents[2] / "examples"
HELLO = """\
apiVersion: mlops-spec/v1
project: {name: hello}
images:
  train: {repository: registry.acme.example/hello, tag: "1"}
pipelines:
  train:
    timeout: 6h
    steps:
      fit:
        image: ${{ images.train }}
        command: [python, -m, hello.train]
"""
BASE = """\
apiVersion: mlops-spec/v1
include: [images.yaml]
platform:
  delivery: {path: "deploy/teams/${{ project.name }}"}
compute:
  standard: {cpu: "2", memory: 4Gi}
"""
DIGEST = "sha256:4be1c7a0d1a1a0b2c6e5f1c6a3fb7f7f1dcb4f2c8a1d7e8e3a5b6c7d8e9f0a1b"
IMAGES = "images:\n  train: {repository: registry.acme.example/hello}\n"
LOCK = f'lockVersion: 1\nimages:\n  train: {{digest: "{DIGEST}"}}\n'
MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: hello}
data: {a: b}
"""


def team(name: str, *lines: str) -> str:
    head, _, rest = HELLO.partition("images:")
    _, pipelines, steps = rest.partition("pipelines:")
    return "\n".join(
        [head.replace("hello", name), "extends: [../../platform/base.mlops.yaml]", *lines, pipelines + steps]
    )


class Ran(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def hello(here: Path) -> Path:
    """The current folder, with a spec of one pipeline."""
    (here / "mlops.yaml").write_text(HELLO)
    return here


@pytest.fixture
def churn(here: Path) -> Path:
    """The current folder, with a copy of the example churn as its content."""
    shutil.copytree(EXAMPLES / "churn", here, dirs_exist_ok=True)
    return here


@pytest.fixture
def override(churn: Path) -> Callable[[str], None]:
    """Add a line to the overrides of prod in the example."""

    def add(line: str) -> None:
        spec = churn / "mlops.yaml"
        before, head, after = spec.read_text().partition("    overrides:")
        comment, end, rest = after.partition("\n")
        spec.write_text(f"{before}{head}{comment}{end}      {line}\n{rest}")

    return add


@pytest.fixture
def mlops(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in this process."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(kept_templates.cache()))

    def command(*arguments: str) -> Ran:
        code = run(arguments)
        return Ran(code, *capsys.readouterr())

    return command


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run a command as a process of its own, with nothing of this one's environment but the path."""

    def start(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[bytes]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(EXAMPLES.parent),
            "XDG_CACHE_HOME": str(kept_templates.cache()),
            **variables,
        }
        command = [sys.executable, "-m", "mlops_spec", *arguments]
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)

    return start


@pytest.fixture
def git(here: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """A repository in the current folder, whose git knows no one's settings; a call runs git in it."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def run_git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=here, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    run_git("init", "-q", "-b", "main")
    run_git("config", "user.name", "Ada")
    run_git("config", "user.email", "ada@acme.example")
    return run_git


@pytest.fixture
def teams(here: Path, git: Callable[..., str]) -> Path:
    """A repository, committed, in which two teams' specs lie on one layer."""
    for path, text in (
        ("platform/base.mlops.yaml", BASE),
        ("platform/images.yaml", IMAGES),
        ("platform/manifest.yaml", MANIFEST),
        ("teams/a/mlops.yaml", team("a")),
        ("teams/a/mlops.lock.yaml", LOCK),
        ("teams/b/mlops.yaml", team("b")),
        ("teams/b/mlops.lock.yaml", LOCK),
    ):
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_text(text)
    git("add", "-A")
    git("commit", "-qm", "Specs")
    return here
