"""Commands as processes: each exit code, kills at any instant, a disk that is full at any step."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.compiler import Options, compile_spec
from mlops_spec.source.files import Folder
from mlops_spec.write import directory
from tests.cli.conftest import HELLO

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
COMMAND = [sys.executable, "-m", "mlops_spec"]
Git = Callable[..., str]


def state(folder: Path) -> str:
    """A hash of everything below a folder: paths, kinds, modes and contents."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found.update(f"{path.relative_to(folder)}\0{about.st_mode}\0".encode() + content)
    return found.hexdigest()


def started(*arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*COMMAND, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _usage(hello: Path) -> list[str]:
    return ["render", "--out", "deploy", "--env", "nowhere"]


def _unreadable(hello: Path) -> list[str]:
    (hello / "mlops.yaml").write_text("a: [\x1b[31m\n")
    return ["render", "--out", "deploy"]


def _findings(hello: Path) -> list[str]:
    (hello / "mlops.yaml").write_text(HELLO.replace("timeout", "tmieout"))
    return ["render", "--out", "deploy"]


def _drift(hello: Path) -> list[str]:
    (hello / "deploy/default/kustomization.yaml").write_text("mine\n")
    (hello / "mlops.yaml").write_text(HELLO.replace("train:\n    timeout", "other:\n    timeout"))
    return ["render", "--out", "deploy"]


def _template(hello: Path) -> list[str]:
    (hello / "own").mkdir()
    (hello / "own/kustomization.yaml.j2").write_text("resources: ${{ paths }}\n")
    (hello / "mlops.yaml").write_text(HELLO + "templates: own\n")
    return ["render", "--out", "deploy"]


def _symlink(hello: Path) -> list[str]:
    (hello / "elsewhere").mkdir()
    (hello / "linked").symlink_to("elsewhere")
    return ["render", "--out", "linked"]


def _git(hello: Path) -> list[str]:
    return ["publish"]


ENDS = {_usage: 2, _unreadable: 3, _findings: 1, _drift: 1, _template: 4, _symlink: 5, _git: 6}


@pytest.mark.parametrize("prepare, code", ENDS.items(), ids=lambda value: getattr(value, "__name__", str(value)))
def test_every_failure_has_its_code_prints_no_result_and_changes_nothing(
    hello: Path, git: Git, process: Callable[..., Any], prepare: Callable[[Path], list[str]], code: int
) -> None:
    assert process("render", "--out", "deploy", cwd=hello).returncode == 0
    arguments = prepare(hello)  # for `publish`, a branch without a commit
    before = state(hello)
    done = process(*arguments, cwd=hello)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stderr
    assert state(hello) == before


@pytest.mark.parametrize("count", [8, pytest.param(200, marks=pytest.mark.conformance)])
def test_a_render_that_is_killed_leaves_the_old_tree_or_the_new(hello: Path, count: int) -> None:
    spec, out, chosen = hello / "mlops.yaml", hello / "deploy", random.Random(11)

    def tree(hours: int) -> dict[str, str]:
        spec.write_text(HELLO.replace("6h", f"{hours}h"))
        return compile_spec(Folder(hello), "mlops.yaml", Options(root=hello)).tree

    start, old = time.monotonic(), tree(1)
    assert started("render", "--out", "deploy").wait() == 0
    span, kills = time.monotonic() - start, 0
    for hours in range(2, count + 2):
        new = tree(hours)
        run = started("render", "--out", "deploy")
        time.sleep(chosen.uniform(0.3, 1.1) * span)
        run.kill()
        kills += run.wait() == -signal.SIGKILL
        found = [each for each in (old, new) if directory.compare(out, each).up_to_date]
        assert len(found) == 1
        old = found[0]
    assert kills
    assert started("render", "--out", "deploy").wait() == 0
    assert sorted(os.listdir(hello)) == [".mlops-spec", "deploy", "mlops.yaml"]


@pytest.mark.parametrize("count", [8, pytest.param(200, marks=pytest.mark.conformance)])
def test_a_publish_that_is_killed_leaves_every_branch_old_or_new(churn: Path, git: Git, count: int) -> None:
    git("add", "-A")
    git("commit", "-qm", "Spec")
    spec, chosen = churn / "mlops.yaml", random.Random(12)
    text = spec.read_text()
    start = time.monotonic()
    assert started("publish").wait() == 0
    span, kills = time.monotonic() - start, 0
    for hours in range(1, count + 1):
        spec.write_text(text.replace("timeout: 6h", f"timeout: {hours + 6}h"))
        git("commit", "-qam", f"{hours}")
        before = heads(git)
        run = started("publish")
        time.sleep(chosen.uniform(0.3, 1.1) * span)
        run.kill()
        kills += run.wait() == -signal.SIGKILL
        assert started("publish").wait() == 0
        after = heads(git)
        assert all(git("merge-base", "--is-ancestor", old, new) == "" for old, new in zip(before, after, strict=True))
        assert git("status", "--porcelain") == ""
        assert {seconds(git, branch, folder) for branch, folder in (("main", "dev"), ("main-prod", "prod"))} == {
            (hours + 6) * 3600
        }
    assert kills
    git("fsck", "--strict")


def heads(git: Git) -> list[str]:
    return [git("rev-parse", branch) for branch in ("main", "main-prod")]


def seconds(git: Git, branch: str, folder: str) -> int:
    text = git("show", f"{branch}:deploy/{folder}/pipelines/workflowtemplate-train.yaml")
    return next(int(line.split()[-1]) for line in text.splitlines() if line.startswith("  activeDeadlineSeconds"))


def failing(check: str, *arguments: str) -> tuple[list[tuple[int, str]], tuple[int, str]]:
    """Run a command with a disk that is full at each step in turn, and without: its exit code, and what is left."""
    # Without a home no compiled templates are kept, whose files nobody would miss.
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CHECK": check, "HOME": "", "XDG_CACHE_HOME": ""}
    command = [sys.executable, str(HERE / "failing.py"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    *failed, last = [(code, left) for code, left in map(json.loads, done.stdout.splitlines())]
    return failed, last


def said(command: str) -> str:
    return subprocess.run(command, shell=True, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("out", ["deploy", "new/folder/deploy"])
def test_a_disk_that_is_full_at_any_step_of_a_render_leaves_the_old_tree(
    hello: Path, mlops: Callable[..., Any], out: str
) -> None:
    if out == "deploy":
        mlops("render", "--out", out)
    (hello / "mlops.yaml").write_text(HELLO.replace("6h", "7h"))
    look = "find . -name .mlops-spec -prune -o -type f -print -o -name '.*' -print | sort; find . -name '*.yaml' | xargs cat"
    old = said(look)
    failed, (code, new) = failing(look, "render", "--out", out)
    assert (code, new == old) == (0, False)
    assert len(failed) > 5
    assert set(failed) == {(5, old)}


def test_a_disk_that_is_full_at_any_step_of_a_publish_moves_nothing_or_is_finished_by_the_next(
    hello: Path, git: Git
) -> None:
    repository = "{name: hello, repository: https://git.acme.example/a.git}"
    (hello / "mlops.yaml").write_text(HELLO.replace("{name: hello}", repository))
    git("add", "-A")
    git("commit", "-qm", "Spec")
    look = "git rev-parse main; git status --porcelain; ls .git | grep mlops"
    old = said(look)
    failed, (code, new) = failing(look, "publish")
    assert {code for code, _ in failed} == {5}
    # Once the branch has moved, the work tree may lag behind; what is to be done stands in the journal.
    lagging = [left for _, left in failed if left != old]
    assert len(failed) - len(lagging) > 5
    assert all(left.endswith("mlops-spec-publish.json\n") for left in lagging)
    assert (code, new) == (0, f"{git('rev-parse', 'main')}\n")
    assert new != old
