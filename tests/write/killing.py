"""Kill so many runs at random instants, and look at what they left. Run as a program: ``killing.py (directory|git) FOLDER COUNT``.

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


class Killer:
    """Kill runs at random instants of theirs, however busy the machine is.

    ``run`` is done once first, to see how long one lasts.
    """

    def __init__(self, count: int, run: Callable[[], object]) -> None:
        start = time.perf_counter()
        run()
        self._randomly, self._left, self._span = random.Random(7), count, time.perf_counter() - start

    def has_work(self) -> bool:
        """Tell whether fewer runs were killed than there should be."""
        return self._left > 0

    def kill(self, run: Callable[[], object]) -> None:
        """Start a run, and kill it, or come too late."""
        delay = self._randomly.uniform(0, self._span)
        if killed(run, delay):
            self._left -= 1
            self._span *= 1.2  # it may last longer
        else:
            self._span = delay  # it did not last that long


def directories(root: Path, count: int) -> None:
    """Check that after each kill the folder is the old tree or the new one, and that the next run is content."""
    out, state = root / "deploy", root / ".mlops-spec"

    def write(version: int) -> None:
        directory.write(out, tree(version), state=state)

    write(0)
    (out / "dev/notes.md").write_text("stray\n")
    killer = Killer(count, lambda: write(1))
    before = version = 1
    while killer.has_work():
        version += 1
        killer.kill(lambda version=version: write(version))
        found = [v for v in (before, version) if directory.compare(out, tree(v)).up_to_date]
        assert len(found) == 1, f"neither old nor new after {version}"
        assert (out / "dev/notes.md").read_text() == "stray\n"
        before = found[0]
    write(version + 1)
    assert sorted(os.listdir(root)) == [".mlops-spec", "deploy"]


def publications(root: Path, count: int) -> None:
    """Check that after each kill both branches are old or new, and that the next run brings the work tree along."""
    repository = Repository.require(root)

    def plan(version: int) -> list[Planned]:
        return [Planned(branch, "deploy", tree(version), f"v{version}") for branch in ("main", "side")]

    def versions() -> set[str]:
        return {git(root, "show", f"{branch}:deploy/dev/c0/0.yaml") for branch in ("main", "side")}

    publish(repository, plan(0))
    staged = git(root, "diff", "--cached")
    killer = Killer(count, lambda: publish(repository, plan(1)))
    before = version = 1
    while killer.has_work():
        version += 1
        killer.kill(lambda version=version: publish(repository, plan(version)))
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


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    what, folder, times = sys.argv[1:]
    {"directory": directories, "git": publications}[what](Path(folder), int(times))
