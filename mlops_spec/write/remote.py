"""Branches of a remote: where they are, brought here, and moved only from where they were known to be."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from mlops_spec.write.failure import CONFLICT, IO, USAGE, WriteFailed, refusal
from mlops_spec.write.process import GitFailed, git, line
from mlops_spec.write.repository import Repository

_REFS = "refs/heads/"


class Remote(NamedTuple):
    """A remote of a repository; ``url`` is where it is pushed to, as Git reads it, and may hold a password."""

    name: str
    url: str


class Tips(NamedTuple):
    """What a remote has: the branch that its HEAD is on, and the commits of the branches that were asked for."""

    default: str | None
    commits: dict[str, str]


def find(repository: Repository, wanted: str | None) -> Remote:
    """Return the remote ``wanted``, else the one that the branch follows, else ``origin`` or the only one there is.

    Raises WriteFailed where there is none.
    """
    names = os.fsdecode(git(repository.folder, "remote")).split()
    name = wanted or _followed(repository, names) or ("origin" if "origin" in names else None)
    if name is None and len(names) == 1:
        name = names[0]
    if name is None or name not in names:
        known = f"it has {', '.join(names)}" if names else "it has none"
        what = f"no remote {wanted}" if wanted else "no remote that this could go to"
        message = f"the repository has {what}: {known}"
        raise refusal(USAGE, "MS521", message, "name one with --remote, or add one by `git remote add`")
    return Remote(name, line(repository.folder, "remote", "get-url", "--push", name))


def ask(repository: Repository, remote: Remote, branches: Iterable[str]) -> Tips:
    """Ask a remote where branches are. Raises WriteFailed where it does not answer."""
    refs = [_REFS + branch for branch in branches]
    try:
        printed = git(repository.folder, "ls-remote", "--symref", remote.name, "HEAD", *refs, access=True)
    except GitFailed as problem:
        raise _unreachable(remote, problem) from problem
    default, commits = None, {}
    for row in os.fsdecode(printed).splitlines():
        value, _, ref = row.partition("\t")
        if ref == "HEAD" and value.startswith(f"ref: {_REFS}"):
            default = value.removeprefix(f"ref: {_REFS}")
        elif ref == "HEAD" and default is not None:
            commits[default] = value
        elif ref.startswith(_REFS):
            commits[ref.removeprefix(_REFS)] = value
    return Tips(default, commits)


def base(repository: Repository, remote: Remote, tips: Tips, wanted: str | None) -> str:
    """Return the branch ``wanted``, else the one that the remote's HEAD is on. Raises WriteFailed where it has none."""
    name = wanted or tips.default
    if name is None:
        message = f"{remote.name} does not say which branch is its main one"
        raise refusal(USAGE, "MS521", message, "name it with --base")
    if not repository.is_branch_name(name) or name not in tips.commits:
        raise refusal(USAGE, "MS521", f"{remote.name} has no branch {name}", "name another one with --base")
    return name


def refuse_moved(remote: Remote, tips: Tips, branch: str, commit: str) -> None:
    """Raise WriteFailed where a branch is not at ``commit`` any more."""
    if tips.commits.get(branch) != commit:
        raise _moved(remote, branch)


def bring(repository: Repository, remote: Remote, branches: Iterable[str], tips: Tips) -> None:
    """Fetch branches as ``tips`` has them. Raises WriteFailed where one moved since, or the remote does not answer."""
    refs = [_REFS + branch for branch in branches]
    try:
        git(
            repository.folder,
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            remote.name,
            *refs,
            access=True,
        )
    except GitFailed as problem:
        raise _unreachable(remote, problem) from problem
    for branch in branches:
        if repository.commit(tips.commits[branch]) is None:
            raise _moved(remote, branch)


def push(repository: Repository, remote: Remote, branch: str, commit: str, before: str | None) -> None:
    """Move a branch of a remote from ``before`` (None: it must be a new one) to ``commit``.

    Raises WriteFailed where it is somewhere else by now, or the remote refuses; it is as it was then.
    """
    lease = f"--force-with-lease={_REFS}{branch}:{before or ''}"
    try:
        git(repository.folder, "push", "--quiet", lease, remote.name, f"{commit}:{_REFS}{branch}", access=True)
    except GitFailed as problem:
        if ask(repository, remote, [branch]).commits.get(branch) != before:
            raise _moved(remote, branch) from problem
        raise _unreachable(remote, problem) from problem


def _followed(repository: Repository, names: Iterable[str]) -> str | None:
    branch = (repository.own_branch() or "").removeprefix(_REFS)
    try:
        name = line(repository.folder, "config", f"branch.{branch}.remote")
    except GitFailed:
        return None
    return name if name in names else None


def _unreachable(remote: Remote, problem: GitFailed) -> WriteFailed:
    hint = "mend that, then run again; Git's own credentials are used, and it cannot ask for them here"
    return refusal(IO, "MS522", f"the remote {remote.name} refuses or does not answer: {problem.reason}", hint)


def _moved(remote: Remote, branch: str) -> WriteFailed:
    message = f"{branch} of {remote.name} moved meanwhile; nothing was changed"
    return refusal(CONFLICT, "MS170", message, "run again")
