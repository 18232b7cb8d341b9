"""What tests of writing share: trees to render, folders to compare, a git that knows no one's settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Tree = dict[str, str]


def contents(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Everything below a folder: path to mode and content (or target)."""
    found = {}
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(folder))] = (oct(about.st_mode), content)
    return found


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Inode and time of a folder and of everything below it."""
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in (folder, *folder.rglob("*"))}


class Git:
    """A repository to test with."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def __call__(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.top, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str = "Work", **files: str) -> str:
        for name, text in files.items():
            (self.top / name).write_text(text)
        self("add", "-A")
        self("commit", "-qm", message)
        return self("rev-parse", "HEAD")

    def show(self, ref: str, path: str) -> str:
        return self("show", f"{ref}:{path}")

    def paths(self, ref: str) -> list[str]:
        return self("ls-tree", "-r", "--name-only", ref).splitlines()

    def refs(self) -> dict[str, str]:
        rows = self("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(row.split() for row in rows) | {"HEAD": (self.directory / "HEAD").read_text()}

    @property
    def directory(self) -> Path:
        return Path(self("rev-parse", "--absolute-git-dir"))


@pytest.fixture(autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))


@pytest.fixture
def make_git(tmp_path: Path) -> Callable[[str], Git]:
    def make(name: str) -> Git:
        top = tmp_path / name
        subprocess.run(["git", "init", "-q", "-b", "main", str(top)], check=True)
        git = Git(top)
        git("config", "user.name", "Ada Lovelace")
        git("config", "user.email", "ada@acme.example")
        git("config", "protocol.file.allow", "always")
        return git

    return make


@pytest.fixture
def repo(make_git: Callable[[str], Git]) -> Git:
    """A repository with one commit on main."""
    git = make_git("team")
    git.commit("Start", **{"mlops.yaml": "apiVersion: mlops-spec/v1\n"})
    return git


@pytest.fixture
def tree() -> Tree:
    return {
        "dev/kustomization.yaml": "resources: []\n",
        "dev/pipelines/workflowtemplate-train.yaml": "kind: WorkflowTemplate\n",
        "prod/kustomization.yaml": "resources: []\n",
        "prod/pipelines/cronworkflow-train.yaml": "kind: CronWorkflow\n",
        "prod/pipelines/workflowtemplate-train.yaml": "kind: WorkflowTemplate\n",
        "project/appproject-churn.yaml": "kind: AppProject\n",
    }


@pytest.fixture
def look() -> Callable[[Path], dict[str, tuple[str, bytes]]]:
    return contents


@pytest.fixture
def stamp() -> Callable[[Path], dict[str, tuple[int, int]]]:
    return stamps


@pytest.fixture
def clone() -> type[Git]:
    return Git
