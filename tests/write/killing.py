"""Kill runs at random instants and say what they left. Run as a program: ``killing.py (directory|git) FOLDER COUNT``.

A process of its own, since it forks; ``FOLDER`` is an empty folder for ``directory``, a repository for ``git``.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mlops_spec.write import directory
from mlops_spec.write.git import Planned, Repository, publish
from mlops_spec.write.workspace import workspace

Tree = dict[str, str]


def tree(version: int) -> Tree:
    """A tree of which every file says its version, and one file comes or goes."""
    names = [f"{env}/c{n % 3}/{n}.yaml" for env in ("dev", "prod") for n in range(15)] + [
        f"dev/only-{version % 2}.yaml"
    ]
    return dict.fromkeys(names, f"version: {version}\n")


def killed(run: Callable[[], object], delay: float) -> bool:
    """Run in a fork that is killed after ``delay`` seconds; tell whether the kill came before its end."""
    child = os.fork()
    if child == 0:
        run()
        os._exit(0)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def duration(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def directories(root: Path, count: int) -> int:
    """Check that after each kill the folder is the old tree or the new one, and that the next run is content."""
    out, state, kills = root / "deploy", root / ".mlops-spec", 0

    def write(version: int) -> None:
        directory.write(out, tree(version), state=state)

    write(0)
    (out / "dev/notes.md").write_text("stray\n")
    before, span, randomly = 0, duration(lambda: write(-1)), random.Random(7)
    write(0)
    for version in range(1, count + 1):
        kills += killed(lambda version=version: write(version), randomly.uniform(0, 1.3 * span))
        found = [v for v in (before, version) if directory.compare(out, tree(v)).up_to_date]
        assert len(found) == 1, f"neither old nor new after {version}"
        assert (out / "dev/notes.md").read_text() == "stray\n"
        before = found[0]
    write(count + 1)
    assert sorted(os.listdir(root)) == [".mlops-spec", "deploy"]
    return kills


def publications(root: Path, count: int) -> int:
    """Check that after each kill both branches are old or new, and that the next run brings the work tree along."""
    repository, kills = Repository.require(root), 0

    def plan(version: int) -> list[Planned]:
        return [Planned(branch, "deploy", tree(version), f"v{version}") for branch in ("main", "side")]

    def versions() -> set[str]:
        return {git(root, "show", f"{branch}:deploy/dev/c0/0.yaml") for branch in ("main", "side")}

    publish(repository, plan(0))
    staged = git(root, "diff", "--cached")
    span, randomly, before = duration(lambda: publish(repository, plan(-1))), random.Random(7), -1
    for version in range(1, count + 1):
        kills += killed(lambda version=version: publish(repository, plan(version)), randomly.uniform(0, 1.2 * span))
        with workspace(os.path.join(repository.common, "mlops-spec")):
            # Held until what the killed run started has ended.
            found = versions()
        assert found in ({f"version: {before}\n"}, {f"version: {version}\n"}), found
        before = version
        publish(repository, plan(version))
        assert git(root, "status", "--porcelain") == "A  staged.py\n?? untracked\n"
        assert git(root, "diff", "--cached") == staged
    assert not list(Path(repository.common).glob("mlops-spec*"))
    git(root, "fsck", "--strict")
    return kills


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    what, folder, times = sys.argv[1:]
    print({"directory": directories, "git": publications}[what](Path(folder), int(times)))
