"""Commands as processes: each exit code, kills at any step, a disk that is full at any step."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_spec.compiler import Options, compile_spec
from mlops_spec.source.files import Folder
from mlops_spec.write import directory
from tests import kept_templates
from tests.cli.conftest import HELLO, Command

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
Git = Callable[..., str]


def state(folder: Path) -> str:
    """A hash of everything below a folder: paths, kinds, modes and contents."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found.update(f"{path.relative_to(folder)}\0{about.st_mode}\0".encode() + content)
    return found.hexdigest()


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
    hello: Path, git: Git, mlops: Command, process: Callable[..., Any], prepare: Callable[[Path], list[str]], code: int
) -> None:
    assert mlops("render", "--out", "deploy").code == 0
    arguments = prepare(hello)  # for `publish`, a branch without a commit
    before = state(hello)
    done = process(*arguments, cwd=hello)
    assert (done.returncode, done.stdout) == (code, b"")
    assert done.stderr
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stderr
    assert state(hello) == before


ONE_IN_SEVEN_OR_ALL = pytest.mark.parametrize("stride", [7, pytest.param(1, marks=pytest.mark.conformance)])


def test_a_render_that_is_killed_leaves_the_old_tree_or_the_new(hello: Path) -> None:
    spec, seen = hello / "mlops.yaml", hello.parent / "seen"
    seen.mkdir()

    def tree(hours: int) -> dict[str, str]:
        spec.write_text(HELLO.replace("6h", f"{hours}h"))
        return compile_spec(Folder(hello), "mlops.yaml", Options(root=hello)).tree

    old = tree(99)
    directory.write(hello / "deploy", old, state=hello / ".mlops-spec", project="hello")
    *killed, last = stopped(
        "killed", "render", "--out", "deploy",
        BEFORE='sed -i "s/timeout: .*/timeout: ${STEP}h/" mlops.yaml', CHECK=f'cp -r deploy "{seen}/$STEP"; ls -A',
    )  # fmt: skip
    assert {code for code, _ in killed} == {-signal.SIGKILL}
    assert last == (0, ".mlops-spec\ndeploy\nmlops.yaml\n")
    changed = []
    for step in range(1, len(killed) + 2):
        new = tree(step)
        found = [directory.compare(seen / str(step), each, project="hello").up_to_date for each in (old, new)]
        assert sorted(found) == [False, True], step
        changed.append(found[1])
        old = new if found[1] else old
    # Some kills come before the trees change places, and some after.
    assert changed.count(False) > 10
    assert changed[:-1].count(True) > 3


@pytest.mark.long
@ONE_IN_SEVEN_OR_ALL
def test_a_publish_that_is_killed_leaves_every_branch_old_or_new(hello: Path, git: Git, stride: int) -> None:
    repository = "{name: hello, repository: https://git.acme.example/a.git}"
    environments = "environments: {dev: {}, prod: {protected: true}}\n"
    (hello / "mlops.yaml").write_text(HELLO.replace("{name: hello}", repository) + environments)
    (hello / "mlops.lock.yaml").write_text(f'lockVersion: 1\nimages: {{train: {{digest: "sha256:{"4b" * 32}"}}}}\n')
    git("add", "-A")
    git("commit", "-qm", "Spec")
    assert stopped("killed", "publish", STRIDE="1000")[-1][0] == 0
    before = heads(git)
    *killed, last = stopped(
        "killed", "publish", AGAIN="", STRIDE=str(stride),
        BEFORE='sed -i "s/timeout: .*/timeout: ${STEP}h/" mlops.yaml && git commit -qam "$STEP"',
        CHECK="git status --porcelain; git rev-parse main main-prod",
    )  # fmt: skip
    assert {code for code, _ in killed} == {-signal.SIGKILL}
    assert len(killed) * stride > 40
    for number, (_, left) in enumerate([*killed, last]):
        after = left.split()
        assert len(after) == 2, f"not clean: {left}"
        assert all(git("merge-base", "--is-ancestor", old, new) == "" for old, new in zip(before, after, strict=True))
        hours = number * stride + 1
        assert {seconds(git, after[0], "dev"), seconds(git, after[1], "prod")} == {hours * 3600}
        before = after
    git("fsck", "--strict")


def heads(git: Git) -> list[str]:
    return git("rev-parse", "main", "main-prod").split()


def seconds(git: Git, commit: str, folder: str) -> int:
    text = git("show", f"{commit}:deploy/{folder}/pipelines/workflowtemplate-train.yaml")
    return next(int(line.split()[-1]) for line in text.splitlines() if line.startswith("  activeDeadlineSeconds"))


def stopped(how: str, *arguments: str, **variables: str) -> list[tuple[int, str]]:
    """Run a command stopped at each step in turn, and to its end: its exit code, and what is left."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(kept_templates.cache()), **variables}
    command = [sys.executable, str(HERE / "step_by_step.py"), how, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [(code, left) for code, left in map(json.loads, done.stdout.splitlines())]


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
    *failed, (code, new) = stopped("full", "render", "--out", out, CHECK=look)
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
    *failed, (code, new) = stopped("full", "publish", CHECK=look)
    assert {code for code, _ in failed} == {5}
    # Once the branch has moved, the work tree may lag behind; what is to be done stands in the journal.
    lagging = [left for _, left in failed if left != old]
    assert len(failed) - len(lagging) > 5
    assert all(left.endswith("mlops-spec-publish.json\n") for left in lagging)
    assert (code, new) == (0, f"{git('rev-parse', 'main')}\n")
    assert new != old
